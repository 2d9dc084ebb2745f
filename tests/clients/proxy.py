"""The proxy as its users run it: the installed `ccproxy` command, in a process of its own."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TOKEN = "cs-" + "t" * 61
GROUP = "agents"
ADDED_PROMPT = "Always be brief; this sentence was added by the group."
START_SECONDS = 20.0
STOP_SECONDS = 20.0

MODELS: Mapping[str, str] = {
    "claude": "claude-sonnet-5-5",
    "openai": "gpt-5.2",
    "responses": "gpt-5.2",
    "gemini": "gemini-3-pro-preview",
    "ollama": "qwen3:8b",
}
"""Of each upstream protocol one that thinks, as agents' models do."""

CONFIGURATION = """
[[providers]]
name = "scripted"
protocol = "{protocol}"
base_url = "{base_url}"
api_keys = ["sk-upstream"]
models = ["{model}"]

[[groups]]
name = "default"

[[groups]]
name = "{group}"
prompt_injection = "enhance"
prompt_text = "{prompt}"
tool_filter = ["WebFetch", "WebSearch", "Cron*", "Workflow"]
tool_mode = "{tool_mode}"

[[proxies]]
group = "{group}"
alias = "{alias}"
targets = ["scripted/{model}"]

[[keys]]
name = "Agent"
token = "{token}"
"""


@dataclass
class Proxy:
    url: str
    """Of the group."""
    calls: list[dict[str, Any]] = field(default_factory=list)
    """What `serve --json` has said of each call; complete once the proxy has stopped."""

    @property
    def answers(self) -> list[dict[str, Any]]:
        """The calls that asked a model for an answer."""
        return [call for call in self.calls if call["operation"] == "generate"]


@asynccontextmanager
async def running(
    home: Path, *, protocol: str, upstream_url: str, alias: str, tool_mode: str = "auto"
) -> AsyncIterator[Proxy]:
    """Import a configuration, serve on a free port, and stop with SIGTERM."""
    file = home / "configuration.toml"
    file.write_text(
        CONFIGURATION.format(
            protocol=protocol,
            base_url=upstream_url,
            model=MODELS[protocol],
            group=GROUP,
            tool_mode=tool_mode,
            prompt=ADDED_PROMPT,
            alias=alias,
            token=TOKEN,
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
        proxy = Proxy(f"{listening['url']}/{GROUP}")
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
