"""Files that only their owner can read, and that do not replace another one by accident."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO


def typed_path(text: str) -> Path:
    """Return the path that was typed; `~` is the user's home."""
    return Path(text.strip()).expanduser()


@contextmanager
def writing(path: Path, *, replace: bool) -> Iterator[BinaryIO]:
    """Open a file to be written; nothing of it stays when that fails, or is given up.

    Without `replace` an existing file raises `FileExistsError`; with it, the file is as it was until
    all of the new one is written.
    """
    if replace:
        descriptor, written = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    else:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        written = str(path)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
        if replace:
            Path(written).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(written).unlink()
        raise


def path_problem(path: Path) -> str:
    """Return what is wrong with a path to write to, in words; empty when nothing is."""
    if not path.name or path.is_dir():
        return "this is a folder; name a file in it"
    if not path.parent.is_dir():
        return f"there is no folder {path.parent}; choose another one"
    if not os.access(path.parent, os.W_OK):
        return f"the folder {path.parent.absolute()} cannot be written to; choose another one"
    return ""
