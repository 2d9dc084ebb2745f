"""A real client without a person: how it is started, and one run of it."""

import asyncio
import os
import signal
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ccproxy_tui.config.models import Protocol
from ccproxy_tui.demo.assistant import assistant
from ccproxy_tui.demo.upstream import Script
from tests.clients import install

RUN_SECONDS = 90.0


@dataclass(frozen=True)
class Place:
    """Where a client runs, and whom it asks."""

    home: Path
    url: str
    """Of the proxy's group."""
    token: str


@dataclass(frozen=True)
class Agent:
    """A client of one protocol that can do a task in a folder."""

    name: str
    package: str
    command: str
    protocol: Protocol
    model: str
    """Pattern of the names that it asks for."""
    arguments: Callable[[str], list[str]]
    """What stands behind the command, for a prompt."""
    settings: Callable[[Place], Mapping[str, str]]
    """Write its files into its home, and give its environment."""
    upstreams: tuple[Protocol, ...]
    """On which it is tried."""
    has_tools: bool = True
    keeps_proof: bool = False
    """Whether it sends back what proves a model's thinking."""
    names_session: bool = False
    version: str = "latest"
    source: Callable[[str, str], Path] = install.npm
    script: Script = assistant
    """A model that knows how to make a file with the client's tools."""

    def install(self) -> Path:
        """Have the command in the cache, and tell where."""
        return self.source(self.package, self.version) / self.command


@dataclass(frozen=True)
class Outcome:
    exit_code: int
    answer: str
    complaints: str


async def run(agent: Agent, prompt: str, *, project: Path, url: str, token: str) -> Outcome:
    """Let the client do one task in `project`, with an empty home of its own."""
    program = agent.install()
    with tempfile.TemporaryDirectory(prefix="agent-home-", ignore_cleanup_errors=True) as home:
        own = agent.settings(Place(Path(home), url, token))
        process = await asyncio.create_subprocess_exec(
            str(program),
            *agent.arguments(prompt),
            cwd=project,
            env={"PATH": os.environ["PATH"], "HOME": home, "NO_COLOR": "1", **own},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        try:
            async with asyncio.timeout(RUN_SECONDS):
                answer, complaints = await process.communicate()
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
    assert process.returncode is not None
    return Outcome(process.returncode, answer.decode().strip(), complaints.decode().strip())
