"""`python -m tests.real_model`: a real model behind the proxy, asked through every protocol.

Prints what worked for each pair of a client's and an upstream's protocol, and how fast it was. The
first run fetches server and model (see `install`).
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import get_args

from ccproxy_tui.config.models import Protocol
from tests.real_model import checks
from tests.real_model.stage import UPSTREAMS, Stage, stage

KINDS = {"stream": True, "whole": False}
CHECKS: dict[str, Callable[..., Awaitable[object]]] = {
    "text": checks.text,
    "tool call": checks.tool_call,
    "overflow": checks.overflow,
}


async def attempt(what: str, check: Awaitable[object], failures: list[str]) -> object:
    """Run one check and give what it measured; a failure is noted and given as None."""
    try:
        return await check
    except Exception as error:  # noqa: BLE001 whatever an SDK raises is a finding
        words = " ".join(str(error).split())[:300]
        failures.append(f"{what}: {type(error).__name__}: {words}")
        return None


async def pair(running: Stage, client: str, upstream: str) -> list[str]:
    """Check one pair, print its row, and give what failed that should not have."""
    failures: list[str] = []
    speed = None
    for name, check in CHECKS.items():
        for kind, stream in KINDS.items():
            asked = check(running, client, upstream, stream=stream)
            found = await attempt(f"{name}, {kind}", asked, failures)
            if isinstance(found, checks.Speed) and stream:
                speed = found
    freed = await attempt("stop", checks.stop(running, client, upstream), failures)
    failed = "; ".join(failure.partition(":")[0] for failure in failures)
    measured = f"{speed.first_byte:.0f} | {speed.rate:.0f}" if speed else "– | –"
    free = f"{freed:.0f}" if isinstance(freed, float) else "–"
    print(f"| {client} | {upstream} | {failed or 'ok'} | {measured} | {free} |", flush=True)
    return [f"{client} → {upstream}, {failure}" for failure in failures]


async def main() -> int:
    print(
        "| client | upstream | result | first byte, ms | tokens/s | free after a stop, ms |\n"
        "|---|---|---|---|---|---|"
    )
    failures: list[str] = []
    async with stage() as running:
        for upstream in UPSTREAMS:
            for client in get_args(Protocol):
                failures += await pair(running, client, upstream)
    if failures:
        print("\nWhat failed:", *failures, sep="\n- ")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
