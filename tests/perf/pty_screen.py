"""The app in a terminal of its own, whose bytes are counted and whose keys are timed."""

import fcntl
import os
import pty
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path


def _surroundings() -> dict[str, str]:
    """Return the environment without what would say another size than the terminal does."""
    return {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES"}}


class PtyScreen:
    """A child process with a terminal that takes whatever it writes."""

    def __init__(
        self, arguments: Sequence[str], size: tuple[int, int], environment: Mapping[str, str]
    ) -> None:
        """`size` is columns and rows; `arguments` are those of Python."""
        self._master, slave = pty.openpty()
        termios.tcsetwinsize(slave, (size[1], size[0]))
        terminal = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
        self.process = subprocess.Popen(
            [sys.executable, *arguments],
            env={**_surroundings(), **terminal, **environment},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(slave)
        self.bytes = 0
        """How many have come so far."""
        self._tail = b""
        self._came = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                piece = os.read(self._master, 65_536)
            except OSError:
                return
            if not piece:
                return
            with self._came:
                self.bytes += len(piece)
                self._tail = (self._tail + piece)[-400_000:]
                self._came.notify_all()

    def wait_for(self, words: bytes, seconds: float = 60.0) -> float:
        """Wait until words come that had not come before; returns when they did (monotonic)."""
        with self._came:
            if not self._came.wait_for(lambda: words in self._tail, seconds):
                raise TimeoutError(f"{words!r} never came: {self._tail[-2000:]!r}")
            now = time.monotonic()
            self._tail = self._tail.rpartition(words)[2]
            return now

    def press(self, keys: bytes, until: bytes) -> float:
        """Press keys, and return after how many seconds the words that they bring were sent."""
        with self._came:
            self._tail = b""
        pressed = time.monotonic()
        os.write(self._master, keys)
        return self.wait_for(until) - pressed

    def sent_within(self, seconds: float) -> int:
        """Return how many bytes come within a time."""
        before = self.bytes
        time.sleep(seconds)
        return self.bytes - before

    def cpu(self) -> dict[bool, float]:
        """Return seconds of CPU used so far: by the main thread (True), and by all others."""
        used = {True: 0.0, False: 0.0}
        for thread in Path(f"/proc/{self.process.pid}/task").iterdir():
            spent = int((thread / "schedstat").read_text().split()[0]) / 1e9
            used[int(thread.name) == self.process.pid] += spent
        return used

    def stop(self) -> None:
        """Quit it."""
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self._master)
        self._reader.join(5)
