"""The user's own editor and pager, with the screen lent to them meanwhile."""

import asyncio
import os
import shlex
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from textual.app import App, SuspendNotSupported

_EDITORS = ("nano", "vim", "vi")
_PAGERS = ("less", "more")


async def edit_text(app: App[Any], text: str, suffix: str = ".txt") -> str | None:
    """Let the user change text in $VISUAL or $EDITOR; None when it stayed as it was."""
    command = _chosen(("VISUAL", "EDITOR"), _EDITORS)
    if command is None:
        app.notify("Set $EDITOR to the editor that you like.", severity="warning")
        return None
    with tempfile.TemporaryDirectory(prefix="ccproxy-") as folder:
        path = Path(folder, f"text{suffix}")
        path.write_text(text, encoding="utf-8")
        if not await _lend_screen(app, [*command, str(path)]):
            return None
        edited = path.read_text(encoding="utf-8", errors="replace")
    edited = edited.removesuffix("\n") if not text.endswith("\n") else edited
    return None if edited == text else edited


async def view_text(app: App[Any], text: str, suffix: str = ".txt") -> None:
    """Show text in $PAGER, or else in $EDITOR."""
    command = _chosen(("PAGER", "VISUAL", "EDITOR"), (*_PAGERS, *_EDITORS))
    if command is None:
        app.notify("Set $PAGER to the pager that you like.", severity="warning")
        return
    with tempfile.TemporaryDirectory(prefix="ccproxy-") as folder:
        path = Path(folder, f"text{suffix}")
        path.write_text(text, encoding="utf-8", errors="replace")
        await _lend_screen(app, [*command, str(path)])


def _chosen(variables: Sequence[str], programs: Sequence[str]) -> list[str] | None:
    for name in variables:
        if words := shlex.split(os.environ.get(name, "")):
            return words
    return next(([program] for program in programs if shutil.which(program)), None)


async def _lend_screen(app: App[Any], command: Sequence[str]) -> bool:
    """Run a program on the terminal; batching keeps repaints from waiting for it for ever."""
    try:
        with app.suspend(), app.batch_update():
            process = await asyncio.create_subprocess_exec(*command)
            status = await process.wait()
    except SuspendNotSupported:
        app.notify("This terminal cannot be lent to another program.", severity="warning")
        return False
    except OSError as error:
        app.notify(f"{command[0]}: {error.strerror}", severity="error")
        return False
    app.refresh()
    if status:
        app.notify(f"{command[0]} ended with status {status}.", severity="warning")
    return status == 0
