"""What of a call that still runs is on disk, and what it has gained since."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from ccproxy_tui.traffic.call import Call, Message, Phase
from ccproxy_tui.traffic.journal.packing import PARTS, Gain, message_of


@dataclass(slots=True)
class _Written:
    """How much of a message is on disk."""

    message: Message | None = None
    head: str = ""
    chunks: int = 0
    last: bytes = b""
    """The last of these chunks; another one in its place means that all were replaced."""


@dataclass(frozen=True, slots=True)
class News:
    """What is to be written of a call that runs."""

    call: Call
    phase: Phase
    """The call's when they were taken."""
    piece: int
    """The number of the piece."""
    gains: tuple[Gain, ...]
    cleans: tuple[Callable[[bytes], bytes] | None, ...]
    """For each gain what takes credentials out of it."""

    def clean_gains(self) -> list[Gain]:
        """Return what may be kept; this is work for another thread."""
        pairs = zip(self.gains, self.cleans, strict=True)
        return [gain if clean is None else _cleaned(gain, clean) for gain, clean in pairs]


@dataclass(slots=True)
class Running:
    """A call that was seen running."""

    call: Call
    told: bool = True
    """Whether its facts have changed since they were written."""
    _seen: int = 0
    _pieces: int = 0
    _written: list[_Written] = field(default_factory=lambda: [_Written() for _ in PARTS])
    _next: list[_Written] = field(default_factory=list)
    """How much it will be when the news are on disk."""

    def news(self) -> News | None:
        """Return what is new, on the gateway's thread; None for a call seen for the first time,
        as most calls are over before they are seen again."""
        self._seen += 1
        if self._seen == 1:
            return None
        self._next = [replace(written) for written in self._written]
        gains, cleans = [], []
        exchange = self.call.exchange
        if exchange is not None and self.call.capture == "full":
            for part, written in enumerate(self._next):
                message = message_of(exchange, part)
                if (gain := _gain(part, message, written)) is not None:
                    gains.append(gain)
                    cleans.append(message.clean)
        if not gains and not self.told:
            return None
        self.told = False
        return News(self.call, self.call.phase, self._pieces, tuple(gains), tuple(cleans))

    def keep(self, news: News) -> None:
        """Note that the news are on disk."""
        self._written = self._next
        self._pieces += bool(news.gains)


def _gain(part: int, message: Message, written: _Written) -> Gain | None:
    """Return what a message has gained, and note it in `written`."""
    anew = not _goes_on(message, written)
    start = 0 if anew else written.chunks
    chunks: Sequence[bytes] = message.chunks[start:]
    if message.clean is not None:
        chunks = chunks[: _whole_lines(chunks)]
    if not (anew or chunks or message.head != written.head):
        return None
    end = start + len(chunks)
    timed = len(message.times) == len(message.chunks)
    times = message.times[start:end] if timed else ()
    written.message, written.head, written.chunks = message, message.head, end
    written.last = message.chunks[end - 1] if end else b""
    return Gain(part, message.head, message.headers, message.size, chunks, times, anew)


def _goes_on(message: Message, written: _Written) -> bool:
    """Tell whether a message still begins with what is on disk."""
    if message is not written.message or len(message.chunks) < written.chunks:
        return False
    return not written.chunks or message.chunks[written.chunks - 1] is written.last


def _whole_lines(chunks: Sequence[bytes]) -> int:
    """Count the chunks up to the last that ends a line: no credential goes over its end."""
    return next((n for n in range(len(chunks), 0, -1) if chunks[n - 1].endswith(b"\n")), 0)


def _cleaned(gain: Gain, clean: Callable[[bytes], bytes]) -> Gain:
    body = b"".join(gain.chunks)
    if (cleaned := clean(body)) == body:
        return gain
    return replace(gain, chunks=[cleaned], times=gain.times[-1:])
