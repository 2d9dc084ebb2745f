"""Data URLs (RFC 2397), by which the protocols of one vendor send files."""

from base64 import b64encode
from typing import Final
from urllib.parse import unquote, unquote_to_bytes

_SCHEME: Final = "data:"
_BASE64: Final = "base64"


def split_data_url(address: str) -> tuple[str, str]:
    """Give media type, without its parameters, and base64 data; both empty for any other address.

    The media type is also empty where the URL names none.
    """
    if address[: len(_SCHEME)].lower() != _SCHEME:
        return "", ""
    head, comma, data = address[len(_SCHEME) :].partition(",")
    if not comma:
        return "", ""
    kind, *parameters = head.lower().split(";")
    if parameters and parameters[-1].strip() == _BASE64:
        return kind, unquote(data)
    # half a surrogate pair may come from clients that cut text
    return kind, b64encode(unquote_to_bytes(data.encode("utf-8", "surrogatepass"))).decode()
