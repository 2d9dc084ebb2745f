"""A real terminal that is slow, stuck or gone: what headless tests cannot show."""

import errno
import fcntl
import io
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ccproxy_tui.tui.terminal import _Output

ROOT = Path(__file__).parents[2]
PATIENCE = 20.0


class Screen:
    """A child with a terminal of its own, which is read only when told to."""

    def __init__(self, tmp_path: Path, *arguments: str, size: tuple[int, int] = (160, 40)) -> None:
        self.facts = tmp_path / "facts"
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        sized = ("COLUMNS", "LINES")  # by the terminal, not by what the tests run in
        environment = {
            **{name: value for name, value in os.environ.items() if name not in sized},
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "FACTS": str(self.facts),
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.tui.pty_app", *arguments],
            cwd=ROOT,
            env=environment,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(slave)
        self.open = True
        self.seen = b""

    def read(self, seconds: float) -> bytes:
        """Read what comes within a time."""
        got = b""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if not select.select([self.master], [], [], left)[0]:
                break
            try:
                piece = os.read(self.master, 65_536)
            except OSError:
                break
            got += piece
        self.seen += got
        return got

    def read_until(self, words: bytes) -> None:
        end = time.monotonic() + PATIENCE
        while words not in self.seen:
            assert time.monotonic() < end, f"{words!r} never came"
            self.read(0.1)

    def press(self, keys: bytes) -> None:
        os.write(self.master, keys)

    def said(self) -> list[str]:
        """Return the lines that the child has written to its file."""
        return self.facts.read_text().splitlines() if self.facts.exists() else []

    def wait_for(self, holds: Callable[[list[str]], bool], *, stuck: bool = False) -> list[str]:
        """Wait for what the child writes, reading its terminal meanwhile unless that is stuck."""
        end = time.monotonic() + PATIENCE
        while not holds(said := self.said()):
            assert time.monotonic() < end, said[-5:]
            if stuck or not self.open:
                time.sleep(0.05)
            else:
                self.read(0.05)
        return said

    def hang_up(self) -> None:
        os.close(self.master)
        self.open = False

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if self.open:
            os.close(self.master)


@pytest.fixture
def screens(tmp_path: Path) -> Iterator[Callable[..., Screen]]:
    made: list[Screen] = []

    def make(*arguments: str, size: tuple[int, int] = (160, 40)) -> Screen:
        made.append(Screen(tmp_path, *arguments, size=size))
        return made[-1]

    yield make
    for screen in made:
        screen.close()


def ticks(said: list[str]) -> int:
    return sum(line.startswith("tick") for line in said)


def backed_up(said: list[str]) -> bool:
    return len(said) > 5 and all(line.startswith("tick") and backlog(line) for line in said[-5:])


def backlog(line: str) -> int:
    return int(line.split()[2])


def test_keys_come_in_and_the_terminal_is_left_as_it_was(
    screens: Callable[..., Screen],
) -> None:
    screen = screens()
    screen.read_until(b"5 Log")
    screen.press(b"q")
    said = screen.wait_for(lambda said: "ended quit" in said)
    screen.read(0.5)
    assert screen.process.wait(PATIENCE) == 0
    assert b"\x1b[?1049l" in screen.seen
    assert said[-1] == "ended quit"


@pytest.mark.parametrize("how", ["signal", "closed"])
def test_when_the_terminal_vanishes_the_app_ends_and_the_process_goes_on(
    screens: Callable[..., Screen], how: str
) -> None:
    screen = screens()
    screen.read_until(b"5 Log")
    if how == "signal":
        os.kill(screen.process.pid, signal.SIGHUP)
    else:
        screen.hang_up()
    said = screen.wait_for(lambda said: "ended hangup" in said)
    after = ticks(said)
    screen.wait_for(lambda said: ticks(said) > after + 5)
    assert screen.process.poll() is None
    os.kill(screen.process.pid, signal.SIGHUP)
    screen.wait_for(lambda said: ticks(said) > after + 10)
    assert screen.process.poll() is None


def test_when_a_stuck_terminal_vanishes_the_app_ends_too(screens: Callable[..., Screen]) -> None:
    screen = screens("--busy")
    screen.read_until(b"5 Log")
    screen.wait_for(backed_up, stuck=True)
    os.kill(screen.process.pid, signal.SIGHUP)
    screen.wait_for(lambda said: "ended hangup" in said, stuck=True)


def test_a_stuck_terminal_stops_the_painting_but_nothing_else(
    screens: Callable[..., Screen],
) -> None:
    screen = screens("--busy")
    screen.read_until(b"5 Log")
    before = ticks(screen.wait_for(backed_up, stuck=True))
    said = screen.wait_for(lambda said: ticks(said) > before + 25, stuck=True)
    assert max(backlog(line) for line in said[before:]) <= 3
    gaps = [float(line.split()[1]) for line in said if line.startswith("tick")]
    assert max(gaps[before:]) < 1.0
    screen.press(b"q")
    screen.wait_for(lambda said: "ended quit" in said)


def test_a_terminal_that_fails_goes_quiet() -> None:
    class Dead(io.StringIO):
        writes = 0

        def write(self, text: str) -> int:
            self.writes += 1
            raise OSError(errno.EIO, text)

    dead = Dead()
    output = _Output(dead)
    output.write("a")
    output.write("b")
    output.flush()
    assert (output.gone, dead.writes) == (True, 1)


def test_one_more_running_call_sends_few_bytes(screens: Callable[..., Screen]) -> None:
    screen = screens("--one-changes")
    screen.read_until(b"30 calls")
    screen.read(1.0)
    seconds = 2.0
    sent = len(screen.read(seconds))
    assert 100 < sent / seconds < 8_000, f"{sent / seconds:.0f} bytes a second"


def test_200_calls_a_second_fit_through_a_slow_link(screens: Callable[..., Screen]) -> None:
    screen = screens("--busy", size=(200, 60))
    screen.read_until(b"5 Log")
    screen.read(1.5)
    seconds = 3.0
    sent = len(screen.read(seconds))
    assert 10_000 < sent / seconds < 60_000, f"{sent / seconds:.0f} bytes a second"


def test_a_key_is_seen_at_once_also_when_enough_was_sent(screens: Callable[..., Screen]) -> None:
    screen = screens("--busy", size=(200, 60))
    screen.read_until(b"5 Log")
    screen.read(1.5)
    waited = []
    for number in range(8):
        screen.seen = b""
        screen.press(b"15"[number % 2 : number % 2 + 1])
        began = time.monotonic()
        screen.read_until(b"1 Groups")
        waited.append(time.monotonic() - began)
    assert sorted(waited)[4] < 0.3, waited


def test_nothing_is_sent_while_nothing_happens(screens: Callable[..., Screen]) -> None:
    screen = screens()
    screen.read_until(b"5 Log")
    screen.read(1.0)
    screen.seen = b""
    before = ticks(screen.said())
    screen.wait_for(lambda said: ticks(said) > before + 20)
    assert screen.seen == b""
