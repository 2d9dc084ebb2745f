"""The app as a child of `test_terminal`, with a thread that ticks as the proxy's would."""

import asyncio
import itertools
import os
import sys
import tempfile
import threading
import time
from pathlib import Path

from ccproxy_tui.tasks import spawn
from ccproxy_tui.traffic.call import Phase, Tokens
from ccproxy_tui.tui.terminal import Terminal
from tests.tui.fake import Fake, fake, made_call


def note(line: str) -> None:
    with Path(os.environ["FACTS"]).open("a") as file:
        file.write(line + "\n")


def tick(parts: Fake) -> None:
    """Write every 50 ms how long the last tick took, and by how much the terminal lags."""
    before = time.monotonic()
    while True:
        time.sleep(0.05)
        now = time.monotonic()
        driver = parts.app._driver
        backlog = driver.backlog if isinstance(driver, Terminal) else 0
        note(f"tick {now - before:.3f} {backlog}")
        before = now


async def be_busy(parts: Fake) -> None:
    for number in itertools.count(1):
        parts.tell(made_call(number, session=str(number)))
        await asyncio.sleep(0.005)


async def one_changes(parts: Fake) -> None:
    parts.tell(*(made_call(number) for number in range(1, 30)))
    call = made_call(
        30, phase=Phase.STREAMING, started_at=time.time(), duration=None, tokens=Tokens()
    )
    while True:
        call.output_so_far += 7
        parts.tell(call)
        await asyncio.sleep(0.05)


async def main() -> str | None:
    with tempfile.TemporaryDirectory() as folder:
        async with fake(Path(folder)) as parts:
            if "--busy" in sys.argv:
                spawn(be_busy(parts), "busy")
            if "--one-changes" in sys.argv:
                spawn(one_changes(parts), "one changes")
            threading.Thread(target=tick, args=(parts,), daemon=True).start()
            return await parts.app.run_async()


if __name__ == "__main__":
    ended = asyncio.run(main())
    note(f"ended {ended}")
    if ended == "hangup":
        time.sleep(60)
    os._exit(0)
