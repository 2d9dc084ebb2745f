"""Signals that end the app: the terminal is gone, or somebody wants the process to stop."""

import asyncio
import contextlib
import signal
from collections.abc import Callable


def listen(hung_up: Callable[[], None], stop: Callable[[], None]) -> None:
    """Call back on SIGHUP and SIGTERM, on this loop; where there are no signals, never."""
    with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGHUP, hung_up)
        loop.add_signal_handler(signal.SIGTERM, stop)


def ignore_further() -> None:
    """Survive the second SIGHUP, as shell and kernel may both send one.

    The loop lets go of the signal first: it would set it back to deadly when it closes.
    """
    with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
        asyncio.get_running_loop().remove_signal_handler(signal.SIGHUP)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
