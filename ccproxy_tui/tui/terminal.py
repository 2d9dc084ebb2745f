"""The terminal, which may be slow, stuck or gone, and must not take the app along."""

import queue
import sys
import time
from typing import IO, Any

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

BYTES_A_SECOND = 48_000
"""What the picture may send by itself on average: a link of 64 kB/s takes it, and keys as well."""
_SAVED_UP = 24_000
"""Bytes that may be sent at once after a quiet time."""
_OVERDRAWN = BYTES_A_SECOND
"""So much counts against what is to come: after a second the picture goes on, whatever was sent."""


class Terminal(LinuxDriver):
    """Textual's driver, with a way to see how far the terminal lags behind."""

    def __init__(
        self,
        app: App[Any],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._output = _Output(sys.__stderr__ or sys.stderr)
        self._file = self._output  # type: ignore[assignment] # all of it that Textual uses
        self._allowance = Allowance()

    @property
    def backlog(self) -> int:
        """How many writes the terminal has not taken yet."""
        writer = self._writer_thread
        return 0 if writer is None else writer._queue.qsize()  # noqa: SLF001 - it tells nobody

    @property
    def sated(self) -> bool:
        """Whether enough was sent for now, so that what nobody asked for by a key can wait."""
        return self._allowance.spent

    @property
    def gone(self) -> bool:
        """Whether the terminal has vanished."""
        return self._output.gone

    def vanish(self) -> None:
        """From now on write nothing, as nobody is there."""
        self._output.gone = True

    def write(self, data: str) -> None:
        """Write, unless the terminal is gone."""
        if not self.gone:
            self._allowance.take(len(data.encode()))
            super().write(data)

    def run_input_thread(self) -> None:
        """Read keys until the terminal vanishes."""
        try:
            super().run_input_thread()
        except OSError:
            self.vanish()

    def close(self) -> None:
        """Stop writing; a terminal that is gone is not waited for."""
        if not self.gone:
            super().close()
        elif self._writer_thread is not None:
            try:
                self._writer_thread._queue.put_nowait(None)  # noqa: SLF001 - stop() would wait
            except queue.Full:
                return


class Allowance:
    """Bytes that come in evenly, and may be overdrawn by what has to be sent at once."""

    def __init__(self) -> None:
        self._left = float(_SAVED_UP)
        self._seen = time.monotonic()

    def take(self, size: int) -> None:
        """Note that something was sent."""
        self._come_in()
        self._left = max(self._left - size, -_OVERDRAWN)

    @property
    def spent(self) -> bool:
        """Whether there is nothing left."""
        self._come_in()
        return self._left <= 0

    def _come_in(self) -> None:
        now = time.monotonic()
        self._left = min(_SAVED_UP, self._left + (now - self._seen) * BYTES_A_SECOND)
        self._seen = now


class _Output:
    """The terminal as a file that goes quiet instead of failing."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self.gone = False

    def write(self, text: str) -> None:
        self._guard(lambda: self._file.write(text))

    def flush(self) -> None:
        self._guard(self._file.flush)

    def _guard(self, operation: Any) -> None:
        if self.gone:
            return
        try:
            operation()
        except (OSError, ValueError):
            self.gone = True

    def isatty(self) -> bool:
        return self._file.isatty()

    def fileno(self) -> int:
        return self._file.fileno()
