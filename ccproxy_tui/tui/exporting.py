"""Writing calls to a file in the background, with progress; stopped, it leaves no file."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ccproxy_tui.inspection.export import Bodies, Format, Writer
from ccproxy_tui.traffic.call import Call, Exchange
from ccproxy_tui.tui.private_file import writing
from ccproxy_tui.tui.records import Records


@dataclass(frozen=True, slots=True)
class ExportWish:
    """What is to be written, and where."""

    path: Path
    form: Format
    bodies: Bodies
    replace: bool = False
    """Whether a file that is there may go."""


class _StoppedError(Exception):
    """The user has stopped the export."""


class Exporting:
    """An export that runs."""

    def __init__(self, records: Records, calls: Sequence[Call], wish: ExportWish) -> None:
        self.wish = wish
        self.total = len(calls)
        self.done = 0
        self._records = records
        self._calls = calls
        self._writer = Writer(wish.form, wish.bodies)
        self.stopped = False
        self.over = False

    async def run(self) -> str:
        """Write the file and return in words what came of it; raises `OSError`."""
        try:
            await self._write()
        except _StoppedError:
            return f"The export was stopped; nothing of it is left at {self.wish.path}."
        finally:
            self.over = True
        return self._summary()

    def stop(self) -> None:
        """End it; its file goes."""
        self.stopped = True

    @property
    def progress(self) -> str:
        """How far it is, in words."""
        return f"{self.done:,} of {self.total:,} calls written to {self.wish.path}"

    async def _write(self) -> None:
        with writing(self.wish.path, replace=self.wish.replace) as file:
            file.write(self._writer.begin())
            for call in self._calls:
                if self.stopped:
                    raise _StoppedError
                exchange = call.exchange or await self._records.exchange(call.id)
                await asyncio.to_thread(self._add, file, call, exchange)
                self.done += 1
            file.write(self._writer.end())

    def _add(self, file: BinaryIO, call: Call, exchange: Exchange | None) -> None:
        file.write(self._writer.call(call, exchange))

    def _summary(self) -> str:
        writer, calls = self._writer, f"{self.total:,} call{'' if self.total == 1 else 's'}"
        parts = [f"{calls} written to {self.wish.path}"]
        if writer.redacted:
            kinds = ", ".join(f"{count} {name}" for name, count in writer.kinds.items())
            some = "1 secret" if writer.redacted == 1 else f"{writer.redacted:,} secrets"
            parts.append(f"{some} taken out ({kinds})")
        else:
            parts.append("no secrets found in them")
        if writer.without_messages:
            parts.append(f"{writer.without_messages:,} without messages, which were not kept")
        return "; ".join(parts)
