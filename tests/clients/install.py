"""Real clients from their registries, each version once, into a cache folder."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

INSTALL_SECONDS = 300


@cache
def npm(package: str, version: str) -> Path:
    """Folder of the commands of an npm package; `latest` asks npm which version it is."""
    if version == "latest":
        told = _run("npm", "view", f"{package}@latest", "version", "--json")
        version = str(json.loads(told))

    def install(folder: Path) -> None:
        _run("npm", "--prefix", str(folder), "install", "--no-audit", f"{package}@{version}")

    return _once(f"{package.replace('/', '-')}-{version}", install) / "node_modules" / ".bin"


@cache
def pip(package: str, version: str) -> Path:
    """Folder of the commands of a Python package, which gets an environment of its own."""

    def install(folder: Path) -> None:
        _run(sys.executable, "-m", "venv", str(folder))
        _run(str(folder / "bin" / "pip"), "install", "--quiet", f"{package}=={version}")

    return _once(f"{package}-{version}", install) / "bin"


def _once(name: str, install: Callable[[Path], None]) -> Path:
    """Fill a folder of the cache unless it is complete already."""
    cache = Path(os.environ.get("CCPROXY_TEST_CACHE") or Path.home() / ".cache" / "ccproxy-tests")
    folder = cache / name
    complete = folder / ".complete"
    if not complete.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        install(folder)
        complete.touch()
    return folder


def _run(*command: str) -> str:
    ran = subprocess.run(
        command, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False
    )
    assert ran.returncode == 0, f"{' '.join(command)} failed:\n{ran.stderr}"
    return ran.stdout
