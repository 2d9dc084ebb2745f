"""What an upstream's reply really is: by its first bytes, as content types are not to be trusted."""

from enum import Enum

from ccproxy_tui.gateway.errors import UpstreamError
from ccproxy_tui.gateway.upstream import UpstreamReply
from ccproxy_tui.protocols.base import Failure, Framing

_EXCERPT = 200
_TELLING = 5
"""Bytes with which a reply's form can be told."""
_BLANK = b"\xef\xbb\xbf \t\r\n"


class Shape(Enum):
    """The forms that a good reply can have."""

    JSON = "json"
    EVENTS = "events"
    ARRAY = "array"
    """Events as the elements of one JSON array."""


async def beginning(reply: UpstreamReply) -> bytes:
    """Read enough of a reply to tell its form, or all of it."""
    data = await reply.more()
    while len(data) > 0 and len(data.lstrip(_BLANK)) < _TELLING:
        more = await reply.more()
        if not more:
            break
        data += more
    return data


def shape_of(first: bytes, name: str, framing: Framing, *, streaming: bool) -> Shape:
    """Tell a reply's form; raises `UpstreamError` when it has none of these, as an HTML page.

    One line of JSON is a whole reply and a stream alike: there, what was asked for decides.
    """
    start = first.lstrip(_BLANK)
    if start[:1] == b"{":
        return Shape.EVENTS if framing == "ndjson" and streaming else Shape.JSON
    if start[:1] == b"[":
        return Shape.ARRAY
    if start[:1] == b":" or start.startswith((b"data", b"event", b"id:", b"retry:")):
        return Shape.EVENTS
    if not start:
        raise UpstreamError(Failure(502, f"{name} sent an empty reply"))
    excerpt = " ".join(start[:_EXCERPT].decode("utf-8", "replace").split())
    what = "a web page" if start[:1] == b"<" else "something that is not its protocol"
    raise UpstreamError(
        Failure(502, f"{name} answered with {what}; check its base URL. It begins: {excerpt}")
    )
