"""A reply that is still coming: only what is new of it is read each time."""

from ccproxy_tui.inspection.reading import (
    Gathering,
    ReadReply,
    UnreadableError,
    find_protocol,
    read_reply,
    reply_status,
)
from ccproxy_tui.inspection.streams import StreamReader
from ccproxy_tui.traffic.call import Message

_BROKEN = (ValueError, RecursionError, TypeError, LookupError, AttributeError)


class LiveReply:
    """Reads one message while the gateway's thread adds to it."""

    def __init__(self, protocol: str, message: Message) -> None:
        """Raises `UnreadableError` when there is no such protocol."""
        self._protocol = protocol
        self._message = message
        self._chunks = message.chunks
        self._stream = StreamReader(find_protocol(protocol))
        self._gathering = Gathering()
        self._taken = 0
        self._failure: ReadReply | None = None
        self._ended = False

    def follows(self, protocol: str, message: Message) -> bool:
        """Whether this is the reader of a message; another attempt has another message."""
        same = self._message is message and self._chunks is message.chunks
        return same and self._protocol == protocol

    @property
    def running(self) -> bool:
        """Whether the last block is not complete, which it may never be."""
        return self._gathering.running

    def read(self, *, ended: bool) -> ReadReply:
        """Read on, and give the reply so far; `ended` says that nothing more will come.

        Raises `UnreadableError`.
        """
        if reply_status(self._message) >= 400:
            return self._read_failure(ended=ended)
        until = len(self._chunks)
        new = b"".join(self._chunks[self._taken : until])
        self._taken = until
        try:
            self._gathering.take(self._stream.feed(new))
            if ended and not self._ended:
                self._ended = True
                self._gathering.take(self._stream.end())
        except _BROKEN as error:
            raise UnreadableError(f"it is no reply in {self._protocol} ({error})") from error
        return self._gathering.read()

    def _read_failure(self, *, ended: bool) -> ReadReply:
        """Read an error, which comes in one piece."""
        if not ended:
            return ReadReply()
        if self._failure is None:
            self._failure = read_reply(self._protocol, self._message)
        return self._failure
