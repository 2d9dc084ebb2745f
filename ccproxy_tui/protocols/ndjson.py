"""Lines of JSON: cutting a stream into them, with the same interface as `sse`."""

from typing import Final

from ccproxy_tui.protocols.sse import MAX_FRAME_BYTES, FrameTooLongError

CONTENT_TYPE: Final = "application/x-ndjson"


class LineSplitter:
    """Cuts a stream at its line ends, wherever the network had cut it before; skips blank lines."""

    def __init__(self, limit: int = MAX_FRAME_BYTES) -> None:
        self._limit = limit
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0

    def feed(self, data: bytes) -> list[bytes]:
        """Give the lines that `data` completes; raises `FrameTooLongError`."""
        if b"\n" not in data:
            self._wait(data)
            return []
        if self._waiting:
            data = b"".join((*self._waiting, data))
            self._waiting.clear()
            self._waiting_bytes = 0
        *lines, rest = data.split(b"\n")
        if rest:
            self._wait(rest)
        return [line for line in lines if line.strip()]

    def end(self) -> bytes:
        """Give what came after the last line end."""
        rest = b"".join(self._waiting)
        self._waiting.clear()
        self._waiting_bytes = 0
        return rest if rest.strip() else b""

    def _wait(self, data: bytes) -> None:
        self._waiting.append(data)
        self._waiting_bytes += len(data)
        if self._waiting_bytes > self._limit:
            raise FrameTooLongError(self._limit)


class LineParser:
    """Reads a stream that is cut anywhere; its events have no names."""

    def __init__(self) -> None:
        self._lines = LineSplitter()

    def feed(self, data: bytes) -> list[tuple[str, bytes]]:
        """Give the lines that `data` completes as unnamed events; raises `FrameTooLongError`."""
        return [("", line) for line in self._lines.feed(data)]

    def end(self) -> list[tuple[str, bytes]]:
        """Give the last line when its end never came."""
        rest = self._lines.end()
        return [("", rest)] if rest else []


def split_whole(data: bytes) -> tuple[bytes, bytes]:
    """Split off the end of the data that is not a whole line yet."""
    end = data.rfind(b"\n") + 1
    return data[:end], data[end:]
