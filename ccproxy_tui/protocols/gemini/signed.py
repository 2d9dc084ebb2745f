"""Thought signatures as Gemini clients keep them.

Their type is `bytes`, base64 in JSON, which google-genai for Python decodes and writes again in
the alphabet for URLs: so a foreign signature is base64 of its sealed form.
"""

from base64 import b64decode, b64encode
from binascii import Error
from typing import Final

from ccproxy_tui.protocols import signatures
from ccproxy_tui.protocols.gemini.fields import NAME

DUMMY: Final = "skip_thought_signature_validator"
"""Takes the place of a signature that nobody has; documented by the vendor for Gemini 3
(https://ai.google.dev/gemini-api/docs/thought-signatures), which refuses a call without one."""

_URL_ALPHABET: Final = str.maketrans("-_", "+/")


def seal(signature: str, maker: str) -> str:
    """Give a signature as a client shall keep it."""
    sealed = signatures.seal(signature, maker, NAME)
    return sealed if sealed == signature else b64encode(sealed.encode()).decode()


def unseal(kept: str) -> tuple[str, str]:
    """Give the signature and its maker, as a client sent it back; the stand-in is none."""
    if kept == DUMMY:
        return "", ""
    return signatures.unseal(_opened(kept) or kept, NAME)


def is_foreign(kept: object) -> bool:
    """Whether a signature is one that Gemini never made."""
    return isinstance(kept, str) and bool(_opened(kept))


def standard_base64(data: str) -> str:
    """Give base64 in the alphabet that all other vendors insist on, padded."""
    if "-" in data or "_" in data:
        data = data.translate(_URL_ALPHABET)
    return data + "=" * (-len(data) % 4)


def _opened(kept: str) -> str:
    """Give the sealed form inside, empty when there is none."""
    try:
        opened = b64decode(standard_base64(kept)).decode()
    except (Error, ValueError):
        return ""
    return opened if signatures.is_foreign(opened) else ""
