"""Compresses a reply as servers do: each frame can be read as soon as it is there."""

import zlib
from collections.abc import Callable
from typing import Literal

import brotli  # type: ignore[import-untyped]
import zstandard

Encoding = Literal["", "gzip", "deflate", "br", "zstd"]
"""Values of `Content-Encoding`; empty for none."""

Compress = Callable[[bytes], bytes]


def begin(encoding: Encoding) -> tuple[Compress, Callable[[], bytes]]:
    """Give what compresses a frame, and what gives the end of the body."""
    match encoding:
        case "gzip" | "deflate":
            zipper = zlib.compressobj(wbits=31 if encoding == "gzip" else 15)
            return (
                lambda data: zipper.compress(data) + zipper.flush(zlib.Z_SYNC_FLUSH),
                zipper.flush,
            )
        case "br":
            presser = brotli.Compressor(quality=4)
            return lambda data: presser.process(data) + presser.flush(), presser.finish
        case "zstd":
            packer = zstandard.ZstdCompressor().compressobj()
            block = zstandard.COMPRESSOBJ_FLUSH_BLOCK
            return lambda data: packer.compress(data) + packer.flush(block), packer.flush
    return lambda data: data, lambda: b""
