"""Base64, which every vendor decodes by its own rules."""

import base64
import binascii


def is_base64(data: object) -> bool:
    """Whether it is standard base64 with its padding, and not empty."""
    if not isinstance(data, str) or not data:
        return False
    try:
        base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def is_lenient_base64(data: object) -> bool:
    """Whether it is base64 of either alphabet, padded or not, as protobuf's JSON takes it."""
    if not isinstance(data, str):
        return False
    bare = data.translate(str.maketrans("-_", "+/")).rstrip("=")
    return is_base64(bare + "=" * (-len(bare) % 4))
