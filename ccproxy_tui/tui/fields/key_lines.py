"""A field for API keys and other secrets: those saved are masked, new ones are typed in clear, none is lost by editing."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.events import Click
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Input

from ccproxy_tui.config.edits import mask
from ccproxy_tui.tui.commands import bindings
from ccproxy_tui.tui.fields.field import Edited
from ccproxy_tui.tui.fields.glyphs import glyphs
from ccproxy_tui.tui.fields.plain import plain
from ccproxy_tui.tui.fields.text import LineInput


@dataclass(slots=True)
class Line:
    """A key, whether it is new here, and whether saving takes it away."""

    secret: str
    new: bool
    deleted: bool = False

    def __repr__(self) -> str:
        return f"Line(new={self.new}, deleted={self.deleted})"


class KeyList(Widget, can_focus=True):
    """The keys, a line each."""

    DEFAULT_CSS = """
    KeyList {
        width: 1fr;
        height: auto;
        padding: 0 1;
        border-left: outer $border-blurred;
        background: $surface;
        &:focus { border-left: outer $primary; }
        &:ansi { background: ansi_default; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("lines")]

    cursor = reactive(0)

    def __init__(
        self,
        secrets: Sequence[str],
        environment: Mapping[str, str],
        shown: Callable[[str], str],
    ) -> None:
        super().__init__()
        self._shown = shown
        self.lines = [Line(secret, new=False) for secret in secrets]
        self._environment = environment

    def render(self) -> Content:
        """Show each key as it may be seen."""
        return Content("\n").join(
            self._render_line(line, self.has_focus and index == self.cursor)
            for index, line in enumerate(self.lines)
        )

    def _render_line(self, line: Line, here: bool) -> Content:  # noqa: FBT001
        signs = glyphs(self)
        note, style = "", ""
        if line.deleted:
            note, style = "goes when you save (d keeps it)", "strike"
        elif line.secret.startswith("env:"):
            name = line.secret.removeprefix("env:")
            known = bool(self._environment.get(name))
            note = (
                f"{signs.right} set here" if known else f"{signs.wrong} not set in this environment"
            )
        elif line.new:
            note = "new"
        room = self.content_size.width - len(note) - 4
        shown = plain(line.secret if line.new else self._shown(line.secret), max(8, room))
        shown = signs.fix(shown)
        cursor = f"{signs.here} " if here else "  "
        return Content.assemble(
            cursor, (shown, f"{style} bold" if here else style), "  ", (note, "dim")
        )

    def add(self, secret: str) -> None:
        """Add a key, or take back that it is deleted."""
        known = next((line for line in self.lines if line.secret == secret), None)
        if known is not None:
            known.deleted = False
        else:
            self.lines.append(Line(secret, new=True))
            self.cursor = len(self.lines) - 1
        self._show()

    def _show(self) -> None:
        self.display = bool(self.lines)
        self.refresh(layout=True)
        self.post_message(Edited())

    def on_mount(self) -> None:
        """Be there when there is a key."""
        self.display = bool(self.lines)

    def action_lines_delete(self) -> None:
        """Delete a new key; mark a saved one as going, or take that back."""
        line = self.lines[self.cursor]
        if line.new:
            if len(self.lines) == 1:
                self.screen.focus_next()
            self.lines.remove(line)
            self.cursor = max(0, min(self.cursor, len(self.lines) - 1))
        else:
            line.deleted = not line.deleted
        self._show()

    def action_lines_add(self) -> None:
        """Go to where a key is typed."""
        self.screen.focus_next()

    def action_lines_down(self) -> None:
        """Go one line down, or to where a key is typed."""
        if self.cursor + 1 < len(self.lines):
            self.cursor += 1
        else:
            self.screen.focus_next()

    def action_lines_up(self) -> None:
        """Go one line up, or to the previous field."""
        if self.cursor > 0:
            self.cursor -= 1
        else:
            self.screen.focus_previous()

    def on_click(self, event: Click) -> None:
        """Go to the line clicked on."""
        if 0 <= event.y < len(self.lines):
            self.cursor = event.y


class KeyLines(Widget):
    """The keys and a line to type one more; what stands there counts, entered or not."""

    DEFAULT_CSS = "KeyLines { width: 1fr; height: auto; layout: vertical; }"

    def __init__(
        self,
        secrets: Sequence[str],
        *,
        placeholder: str,
        environment: Mapping[str, str] = os.environ,
        shown: Callable[[str], str] = mask,
    ) -> None:
        """`shown` returns one that is saved as it may be seen."""
        super().__init__()
        self._list = KeyList(secrets, environment, shown)
        self.input = LineInput(placeholder=placeholder)

    def compose(self) -> ComposeResult:
        """Lay it out."""
        yield self._list
        yield self.input

    @property
    def value(self) -> tuple[str, ...]:
        """The keys as they would be saved."""
        kept = [line.secret for line in self._list.lines if not line.deleted]
        typed = self.input.value.strip()
        return tuple(dict.fromkeys([*kept, typed] if typed else kept))

    def add(self, secret: str) -> None:
        """Add a key."""
        self._list.add(secret)
        self.post_message(Edited())

    def hint(self, placeholder: str) -> None:
        """Say what can be typed."""
        self.input.placeholder = placeholder

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if typed := self.input.value.strip():
            self.input.value = ""
            self.add(typed)
