"""The installed `ccproxy` command as a process, with a data folder of its own."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COMMAND = Path(sys.executable).with_name("ccproxy")
PATIENCE = 20.0


def environment(home: Path) -> dict[str, str]:
    left_out = ("CCPROXY", "COLUMNS", "LINES")  # the terminal tells its size itself
    kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    return {**kept, "CCPROXY_HOME": str(home)}


@dataclass
class Ended:
    code: int
    output: str


async def start(home: Path, *arguments: str) -> Process:
    return await asyncio.create_subprocess_exec(
        COMMAND,
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=PIPE,
        stderr=STDOUT,
        env=environment(home),
    )


async def run(home: Path, *arguments: str, answer: bytes | None = None) -> Ended:
    process = await asyncio.create_subprocess_exec(
        COMMAND, *arguments, stdin=PIPE, stdout=PIPE, stderr=STDOUT, env=environment(home)
    )
    async with asyncio.timeout(PATIENCE):
        output, _ = await process.communicate(answer)
    assert process.returncode is not None
    return Ended(process.returncode, output.decode())


async def next_line(process: Process) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE):
        return (await process.stdout.readline()).decode()


async def next_json(process: Process) -> dict[str, Any]:
    found = json.loads(await next_line(process))
    assert isinstance(found, dict)
    return found


async def rest(process: Process) -> str:
    async with asyncio.timeout(PATIENCE):
        output, _ = await process.communicate()
    return output.decode()
