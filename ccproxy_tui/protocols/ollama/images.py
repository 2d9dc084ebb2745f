"""Images as Ollama has them: base64 data without a word of what it is."""

from base64 import b64decode
from typing import Final

from ccproxy_tui.protocols.base import BadRequestError
from ccproxy_tui.protocols.hub import Image

_MAGIC: Final = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF8", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (0, b"BM", "image/bmp"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (4, b"ftypavif", "image/avif"),
    (4, b"ftyphei", "image/heic"),
)
"""Offset, first bytes and media type."""
_UNKNOWN: Final = "application/octet-stream"
_LOOKED_AT: Final = 24
"""Characters of base64, a multiple of four, that hold all the bytes above."""


def read_images(images: object, field: str) -> list[Image]:
    """Read the images of a message; raises `BadRequestError` naming the one at fault."""
    if images is None:
        return []
    if not isinstance(images, list):
        raise BadRequestError(field, "must be a list of base64 strings")
    return [_read(image, f"{field}[{index}]") for index, image in enumerate(images)]


def _read(image: object, field: str) -> Image:
    if not isinstance(image, str) or not image:
        raise BadRequestError(field, "must be a base64 string")
    if image.startswith("data:"):
        image = image.partition(",")[2]
    try:
        head = b64decode(image[:_LOOKED_AT] + "=" * (-len(image[:_LOOKED_AT]) % 4), validate=True)
    except ValueError:
        raise BadRequestError(field, "must be a base64 string") from None
    found = (kind for at, magic, kind in _MAGIC if head[at : at + len(magic)] == magic)
    return Image(next(found, _UNKNOWN), image)
