"""What the picture remembers between runs: how the log is laid out, and the filters that were used."""

import asyncio
import logging
from pathlib import Path
from typing import Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from ccproxy_tui.tasks import spawn
from ccproxy_tui.tui.private_file import writing

log = logging.getLogger(__name__)


class Remembered(BaseModel):
    """Everything that is remembered; what a file does not say, or says wrongly, is as here."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    columns: tuple[str, ...] = ()
    """Names of the log's columns in their order; one that is not named comes where it usually is."""
    hidden: tuple[str, ...] | None = None
    """Names of the columns that are not wanted; None for those that usually are not."""
    sort: str = ""
    """Name of the column that the log is sorted by; empty for the order in which calls came."""
    reverse: bool = False
    """Whether the largest comes first when it is sorted."""
    newest_first: bool = False
    grouped: bool = False
    """Whether the log is in sessions."""
    inspector: Literal["below", "right"] = "below"
    """Where the inspector is beside the log."""
    filter_history: tuple[str, ...] = ()
    """Filters as they were typed, the newest last."""
    saved_filters: dict[str, str] = {}
    """Filters by the names that they were saved under."""


class Memory:
    """Holds what is remembered and writes it down, off the loop, when it changes.

    Without a path it forgets everything at the end, as tests and the demo want it.
    """

    def __init__(self, path: Path | None = None, value: Remembered | None = None) -> None:
        self._path = path
        self._written = self.value = value or Remembered()
        self._writing: asyncio.Task[None] | None = None

    @classmethod
    def load(cls, path: Path) -> "Memory":
        """Read a file; one that is missing or broken is as good as an empty one."""
        return cls(path, _read(path))

    def change(self, **facts: Any) -> None:
        """Remember some facts in place of others."""
        value = Remembered.model_validate(self.value.model_dump() | facts)
        if value == self.value:
            return
        self.value = value
        if self._path is not None and (self._writing is None or self._writing.done()):
            self._writing = spawn(self._write(self._path), "remember")

    async def settle(self) -> None:
        """Wait until all is written."""
        if self._writing is not None:
            await self._writing

    async def _write(self, path: Path) -> None:
        while self._written != self.value:
            value = self.value
            try:
                await asyncio.to_thread(_replace, path, value.model_dump_json(indent=1))
            except OSError as error:
                log.warning("how the picture looks cannot be remembered in %s (%s)", path, error)
                return
            self._written = value


def _read(path: Path) -> Remembered:
    try:
        text = path.read_bytes()
    except OSError:
        return Remembered()
    try:
        return Remembered.model_validate_json(text)
    except ValidationError as error:
        wrong = {problem["loc"][0] for problem in error.errors() if problem["loc"]}
    return _without(text, wrong)


def _without(text: bytes, wrong: set[int | str]) -> Remembered:
    """Take what is right of a file of which something is not."""
    try:
        kept = orjson.loads(text)
        return Remembered.model_validate({name: kept[name] for name in kept.keys() - wrong})
    except (ValueError, AttributeError):
        return Remembered()


def _replace(path: Path, text: str) -> None:
    with writing(path, replace=True) as file:
        file.write(text.encode())
