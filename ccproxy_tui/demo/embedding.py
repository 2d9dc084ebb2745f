"""Vectors that are made from the text alone: the same text has the same one, on every machine."""

import base64
import hashlib
import math
import struct

_DIMENSIONS = 8


def vector(text: str, dimensions: object = None) -> list[float]:
    """A vector of length one (in single precision) with `dimensions` numbers, 8 if not said."""
    size = dimensions if isinstance(dimensions, int) and dimensions > 0 else _DIMENSIONS
    digest = hashlib.shake_128(text.encode()).digest(2 * size)
    raw = [one / 32768 for one in struct.unpack(f"<{size}h", digest)]
    length = math.sqrt(sum(one * one for one in raw)) or 1.0
    numbers: tuple[float, ...] = struct.unpack(
        f"<{size}f", struct.pack(f"<{size}f", *(one / length for one in raw))
    )
    return list(numbers)


def as_base64(numbers: list[float]) -> str:
    """The vector as OpenAI sends it on request: little-endian floats of 32 bits."""
    return base64.b64encode(struct.pack(f"<{len(numbers)}f", *numbers)).decode()


def texts_of(given: object) -> list[str]:
    """The texts in OpenAI's `input`: one or several, as text or as tokens."""
    if not isinstance(given, list):
        return [str(given)]
    if given and all(isinstance(one, int) for one in given):
        return [str(given)]
    return [str(one) for one in given]
