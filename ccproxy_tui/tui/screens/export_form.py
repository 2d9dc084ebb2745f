"""Writing the calls that are shown to a file: which form, how much of the bodies, and where."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.binding import BindingType
from textual.worker import Worker

from ccproxy_tui.inspection.export import Bodies, Format
from ccproxy_tui.tui.background import report_failure
from ccproxy_tui.tui.commands import bindings
from ccproxy_tui.tui.exporting import Exporting, ExportWish
from ccproxy_tui.tui.fields.choice import Choice
from ccproxy_tui.tui.fields.field import Field
from ccproxy_tui.tui.fields.text import LineInput
from ccproxy_tui.tui.private_file import path_problem, typed_path
from ccproxy_tui.tui.screens.confirm import Confirm
from ccproxy_tui.tui.screens.task import TaskScreen

_FORMS: list[tuple[Format, str]] = [("jsonl", "JSON lines"), ("har", "HAR")]
_BODIES: list[tuple[Bodies, str]] = [("whole", "whole"), ("shape", "redacted"), ("none", "none")]
_LOOK_AGAIN = 0.2


class ExportForm(TaskScreen[None]):
    """A form for an export; the export goes on when it is left."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("export")]

    def __init__(
        self,
        what: str,
        begin: Callable[[ExportWish], Exporting],
        running: Exporting | None = None,
    ) -> None:
        """`begin` starts an export; `running` is one that was started before."""
        self._begin = begin
        self._export = running
        self._form = Choice(_FORMS, "jsonl")
        self._bodies = Choice(_BODIES, "whole")
        self._path = LineInput("ccproxy-calls.jsonl", select_on_focus=False)
        super().__init__(
            f"Export {what}",
            "They go into a file that only you can read.\n"
            "Secrets are always taken out: credentials, and what looks like a key or a token.",
        )

    def make_fields(self) -> Iterable[Field]:
        """Return the choices."""
        yield Field("form", "Format", self._form,
                    "JSON lines: a call a line, for jq and scripts. HAR: for browsers and tools "
                    "that show HTTP.")  # fmt: skip
        yield Field("bodies", "Bodies", self._bodies,
                    "Redacted: their structure stays, and each text is replaced by its length; so are "
                    "errors, and your remarks are left out.")  # fmt: skip
        yield Field(
            "path", "File", self._path, "Where it is written; ~ is your home. enter begins."
        )

    def on_mount(self) -> None:
        """Begin, and show how far an export is."""
        super().on_mount()
        self._look()
        self.set_interval(_LOOK_AGAIN, self._look)

    def on_field_changed(self, event: Field.Changed) -> None:
        """Let the file's name end as its format does, until the user has given it another end."""
        event.stop()
        path = self._path.value
        other = {"jsonl": ".har", "har": ".jsonl"}[self._form.value]
        if path.endswith(other):
            self._path.value = f"{path.removesuffix(other)}.{self._form.value}"

    def _look(self) -> None:
        if self._export is not None and self._export.over:
            if not self._export.stopped:
                self.dismiss(None)
            self._export = None
            self.refresh_bindings()
            self.complain("")
        if self._export is not None:
            self.tell(f"{self._export.progress} · ctrl+x stops it, esc lets it go on")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to begin or to stop, whichever there is."""
        if action == "export_begin":
            return self._export is None
        if action == "export_stop":
            return self._export is not None
        return super().check_action(action, parameters)

    def begin(self) -> None:
        """Write the file, after asking when there is one."""
        if self._export is None:
            path = typed_path(self._path.value)
            if problem := path_problem(path):
                self.complain(f"File: {problem}")
                self.app.bell()
            else:
                self._write(ExportWish(path, self._form.value, self._bodies.value))

    action_export_begin = begin

    @work(exclusive=True, group="export", exit_on_error=False)
    async def _write(self, wish: ExportWish) -> None:
        if wish.path.exists():
            if not await self.app.push_screen_wait(replace_question(wish.path)):
                return
            wish = replace(wish, replace=True)
        self._export = self._begin(wish)
        self.refresh_bindings()
        self._look()

    def action_export_stop(self) -> None:
        """Stop the export."""
        if self._export is not None:
            self._export.stop()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say what went wrong in the background."""
        report_failure(event)


def replace_question(path: Path) -> Confirm:
    """Return the question whether a file may be replaced."""
    return Confirm(f"Replace {path.name}?", f"{path.absolute()} is there already.", "Replace")
