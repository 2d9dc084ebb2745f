"""The two forms of a stream of chunks: server-sent events, and one JSON array."""

from typing import Final

import orjson

from ccproxy_tui.protocols import sse
from ccproxy_tui.protocols.base import Failure
from ccproxy_tui.protocols.gemini.errors import write_failure


class EventChunks:
    """Writes chunks as server-sent events, for a client that asked with `alt=sse`."""

    content_type: str = sse.CONTENT_TYPE

    def chunk(self, data: bytes) -> bytes:
        """Give a chunk to be sent."""
        return b"data: %b\r\n\r\n" % data

    def end(self) -> bytes:
        """Give what follows the last chunk: nothing, the protocol has no such mark."""
        return b""

    def broken(self, failure: Failure) -> bytes:
        """Give the end of a broken stream.

        google-genai for Python, and for JS since 2.0, raises at the event. Earlier ones for JS
        (and Gemini CLI with them) pass over it, but raise when a stream ends inside an event.
        """
        error = orjson.dumps(write_failure(failure)[1])
        return self.chunk(error) + error


class ArrayChunks:
    """Writes chunks as the elements of a JSON array."""

    content_type: str = "application/json"

    def __init__(self) -> None:
        self._lead = b"["
        self._closed = False

    def chunk(self, data: bytes) -> bytes:
        """Give a chunk to be sent."""
        lead, self._lead = self._lead, b",\r\n"
        return lead + data

    def end(self) -> bytes:
        """Give what closes the array, once."""
        if self._closed:
            return b""
        self._closed = True
        return b"[]" if self._lead == b"[" else b"]"

    def broken(self, failure: Failure) -> bytes:
        """Give the end of a broken stream: an error is its last element, as the API has it."""
        return self.chunk(orjson.dumps(write_failure(failure)[1])) + self.end()


Chunks = EventChunks | ArrayChunks

_SSE: Final = EventChunks()


def chunks(*, json_array: bool) -> Chunks:
    """Give the writer of a stream's chunks."""
    return ArrayChunks() if json_array else _SSE
