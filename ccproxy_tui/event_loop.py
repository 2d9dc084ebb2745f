"""The event loop that the proxy runs on."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any


def run_on_fast_loop(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine on uvloop, or on asyncio's own loop where there is none."""
    loop_factory = None
    with suppress(ImportError):
        import uvloop

        loop_factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(coroutine)
