"""A row of a form: label, control, and below them what is wrong or worth knowing."""

from collections.abc import Iterator
from typing import Any, Protocol

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.events import DescendantBlur, DescendantFocus
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static, TextArea

from ccproxy_tui.tui.fields.glyphs import glyphs
from ccproxy_tui.tui.fields.plain import plain


class Edited(Message):
    """A control of ours was changed by the user."""


class Control(Protocol):
    """What a field asks of the widget that it holds."""

    @property
    def value(self) -> Any:
        """What the user has entered."""


class Field(Widget):
    """A labelled control. Left with a value that is not valid, it says so below."""

    DEFAULT_CSS = """
    Field {
        height: auto;
        layout: vertical;
        .field--row { height: auto; }
        .field--label { width: 17; padding: 0 1 0 0; text-wrap: nowrap; text-overflow: ellipsis; color: $text-muted; }
        .field--below { height: auto; margin-left: 19; display: none; }
        .field--problem { color: $text-error; }
        .field--note { color: $text-muted; }
        .field--label.-here { color: $text; text-style: bold; }
    }
    """

    class Changed(Message):
        """The value of a field may have changed."""

    class Left(Message):
        """The focus has left a field."""

    def __init__(self, key: str, label: str, control: Widget, help_text: str = "") -> None:
        super().__init__(id=f"field-{key}")
        self.key = key
        self.label = label
        self.control = control
        self.help_text = help_text
        self.touched = False
        self.wrong = False
        self._label = Static(f"  {label}", classes="field--label")
        self._problem = Static(classes="field--below field--problem", markup=False)
        self._note = Static(classes="field--below field--note", markup=False)

    def compose(self) -> ComposeResult:
        """Lay it out."""
        with Horizontal(classes="field--row"):
            yield self._label
            yield self.control
        yield self._problem
        yield self._note

    @property
    def value(self) -> Any:
        """What the user has entered."""
        control: Any = self.control
        return control.value

    @property
    def focusables(self) -> Iterator[Widget]:
        """The widgets within that can have the focus."""
        widgets = self.control.walk_children(Widget, with_self=True)
        return (widget for widget in widgets if widget.focusable)

    def show_problem(self, words: str) -> None:
        """Say what is wrong with the value; nothing takes it back."""
        self.wrong = bool(words)
        if words:
            words = f"{glyphs(self).wrong} {plain(words)}"
        self._say(self._problem, words)

    def show_note(self, note: str | Content) -> None:
        """Say something worth knowing about the value."""
        self._say(self._note, note)

    def _say(self, below: Static, words: str | Content) -> None:
        """Say something below the control, where the user sees it who is there."""
        if below.content != words:
            below.update(words)
            below.display = bool(words)
            if words and self.has_focus_within:
                self.call_after_refresh(self.scroll_visible, animate=False)

    @on(Input.Changed)
    @on(TextArea.Changed)
    @on(Edited)
    def _changed(self, event: Message) -> None:
        event.stop()
        self.post_message(self.Changed())

    @on(DescendantFocus)
    def _entered(self) -> None:
        self._label.update(f"{glyphs(self).here} {self.label}", layout=False)
        self._label.add_class("-here")

    @on(DescendantBlur)
    def _left(self) -> None:
        self._label.update(f"  {self.label}", layout=False)
        self._label.remove_class("-here")
        self.touched = True
        self.post_message(self.Left())
