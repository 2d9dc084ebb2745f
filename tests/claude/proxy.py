"""The proxy as its users run it: the installed `ccproxy` command, in a process of its own."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TOKEN = "cs-" + "t" * 61
ADDED_PROMPT = "Always be brief; this sentence was added by the group."
START_SECONDS = 20.0
STOP_SECONDS = 20.0

CONFIGURATION = """
[[providers]]
name = "scripted"
protocol = "{protocol}"
base_url = "{base_url}"
api_keys = ["sk-upstream"]
models = ["scripted-model"]

[[groups]]
name = "default"

[[groups]]
name = "qwen"
prompt_injection = "enhance"
prompt_text = "{prompt}"
tool_filter = ["WebFetch", "WebSearch", "Cron*", "Workflow"]

[[proxies]]
group = "qwen"
alias = "claude-*"
targets = ["scripted/scripted-model"]

[[keys]]
name = "ClaudeCode"
token = "{token}"
"""


@dataclass
class Proxy:
    url: str
    calls: list[dict[str, Any]] = field(default_factory=list)
    """What `serve --json` has said of each call; complete once the proxy has stopped."""


@asynccontextmanager
async def running(home: Path, *, protocol: str, upstream_url: str) -> AsyncIterator[Proxy]:
    """Import a configuration, serve on a free port, and stop with SIGTERM."""
    file = home / "configuration.toml"
    file.write_text(
        CONFIGURATION.format(
            protocol=protocol, base_url=upstream_url, prompt=ADDED_PROMPT, token=TOKEN
        )
    )
    imported = await _ccproxy(home, "import", str(file), "--yes")
    told, _ = await imported.communicate()
    assert imported.returncode == 0, told.decode()
    process = await _ccproxy(home, "serve", "--port", "0", "--json")
    assert process.stdout is not None
    try:
        async with asyncio.timeout(START_SECONDS):
            first = await process.stdout.readline()
        assert first, "ccproxy serve ended without a word"
        listening = json.loads(first)
        assert listening["event"] == "listening"
        proxy = Proxy(listening["url"])
        yield proxy
        process.terminate()
        async with asyncio.timeout(STOP_SECONDS):
            rest, _ = await process.communicate()
        assert process.returncode == 0
        lines = [json.loads(line) for line in rest.splitlines()]
        proxy.calls = [line for line in lines if line["event"] == "call"]
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _ccproxy(home: Path, *arguments: str) -> asyncio.subprocess.Process:
    command = Path(sys.executable).parent / "ccproxy"
    return await asyncio.create_subprocess_exec(
        str(command),
        *arguments,
        env={**os.environ, "CCPROXY_HOME": str(home)},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=None,
    )
