"""The real Claude Code CLI: installed into a cache when it is missing, and run without a person."""

import asyncio
import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

PACKAGE = "@anthropic-ai/claude-code"
INSTALL_SECONDS = 300
RUN_SECONDS = 90.0


@dataclass(frozen=True)
class Outcome:
    exit_code: int
    answer: str
    complaints: str


def install(version: str) -> Path:
    """Return the path of the CLI of that version; `latest` asks npm which one it is."""
    exact = _newest_version() if version == "latest" else version
    folder = _cache() / f"claude-{exact}"
    if not folder.exists():
        _cache().mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix="installing-", dir=_cache()))
        try:
            _npm("--prefix", str(partial), "install", "--no-audit", f"{PACKAGE}@{exact}")
            partial.rename(folder)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    return folder / "node_modules" / ".bin" / "claude"


async def run(cli: Path, prompt: str, *, project: Path, base_url: str, token: str) -> Outcome:
    """Let the CLI do one task in `project`, with an empty home of its own."""
    with tempfile.TemporaryDirectory(prefix="claude-home-") as home:
        process = await asyncio.create_subprocess_exec(
            str(cli),
            "-p",
            prompt,
            "--dangerously-skip-permissions",
            cwd=project,
            env=_environment(Path(home), base_url, token),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(RUN_SECONDS):
                answer, complaints = await process.communicate()
        except TimeoutError:
            process.kill()
            await process.wait()
            raise
    assert process.returncode is not None
    return Outcome(process.returncode, answer.decode().strip(), complaints.decode().strip())


def _environment(home: Path, base_url: str, token: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "IS_SANDBOX": "1",
        "DISABLE_AUTOUPDATER": "1",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "ANTHROPIC_BASE_URL": base_url,
        "ANTHROPIC_AUTH_TOKEN": token,
    }


def _cache() -> Path:
    return Path(os.environ.get("CCPROXY_TEST_CACHE") or Path.home() / ".cache" / "ccproxy-tests")


def _newest_version() -> str:
    found: str = json.loads(_npm("view", f"{PACKAGE}@latest", "version", "--json"))
    return found


def _npm(*arguments: str) -> str:
    ran = subprocess.run(
        ["npm", *arguments], capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False
    )
    assert ran.returncode == 0, f"npm {' '.join(arguments)} failed:\n{ran.stderr}"
    return ran.stdout
