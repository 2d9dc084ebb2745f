"""The frame that all forms share: fields, help, what is wrong, saving, and leaving."""

from collections.abc import Iterable
from typing import Any, ClassVar

from pydantic import ValidationError
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.events import DescendantFocus, Resize
from textual.screen import ModalScreen
from textual.widgets import Static

from ccproxy_tui.config.models import Configuration
from ccproxy_tui.tui.commands import bindings
from ccproxy_tui.tui.editor import edit_text
from ccproxy_tui.tui.fields.field import Field
from ccproxy_tui.tui.fields.fold import Fold, FoldLine
from ccproxy_tui.tui.fields.glyphs import glyphs
from ccproxy_tui.tui.fields.plain import plain
from ccproxy_tui.tui.fields.problems import WHOLE, problems_of
from ccproxy_tui.tui.fields.text import TextLines
from ccproxy_tui.tui.screens.confirm import Answer, Confirm
from ccproxy_tui.tui.screens.edit import Edit
from ccproxy_tui.tui.widgets.footer import KeyFooter

_CHROME_ROWS = 7
"""Rows of the frame that are no fields: border, padding, help, status, keys."""

_OUTCOME_ROWS = 3
"""The most rows of an outcome."""


class FormBody(VerticalScroll, can_focus=False):
    """The fields. Up and down lead from one to the next, also where not all can be seen."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave up and down to the form."""
        return action not in {"scroll_up", "scroll_down"}


class FormScreen(ModalScreen[Edit | None]):
    """A form over one configuration; it saves nothing itself, but hands back the edit."""

    CSS_PATH = "form.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("form")]
    FIRST_FIELD: ClassVar[str] = "name"
    """Where the user begins."""
    SAVED: ClassVar[str] = "it holds for the next call"
    """What is said of a form that can be saved."""
    ASKS: ClassVar[bool] = False
    """Whether something outside can be asked; room is kept for the outcome, so that nothing jumps."""
    WORDS: ClassVar[dict[str, str]] = {}
    """What to say for a field where pydantic's own words would not help."""

    def __init__(self, configuration: Configuration, title: str, *, new: bool) -> None:
        super().__init__()
        self.configuration = configuration
        self.new = new
        self._title = plain(title)
        self._frame = Vertical(classes="form -asks" if self.ASKS else "form")
        self.body = FormBody(classes="form--body")
        self._help = Static(classes="form--help", markup=False)
        self._status = Static(classes="form--status", markup=False)
        self._outcome = Static(classes="form--outcome", markup=False)
        self._outcome.display = self.ASKS
        self._initial: dict[str, Any] = {}
        self._tried = False
        self._parts = tuple(self.make_fields())
        self._folds = [part for part in self._parts if isinstance(part, Fold)]
        self._fields = {
            field.key: field
            for part in self._parts
            for field in (part.fields if isinstance(part, Fold) else (part,))
        }

    def make_fields(self) -> Iterable[Field | Fold]:
        """Return the fields, from top to bottom; those of a fold are behind its line."""
        raise NotImplementedError

    def make_edit(self) -> Edit:
        """Return the edit that the values mean; raises `ValidationError`."""
        raise NotImplementedError

    def own_problems(self) -> dict[str, str]:
        """Return what is wrong beyond what the models say, by field."""
        return {}

    def field(self, key: str) -> Field:
        """Return the field of that key."""
        return self._fields[key]

    @property
    def values(self) -> dict[str, Any]:
        """What the fields hold, by key."""
        return {key: field.value for key, field in self._fields.items()}

    @property
    def dirty(self) -> bool:
        """Whether the user has changed anything."""
        return bool(self._initial) and self.values != self._initial

    def compose(self) -> ComposeResult:
        """Lay it out."""
        with self._frame:
            with self.body:
                yield from self._parts
            yield self._outcome
            yield self._help
            yield self._status
            yield KeyFooter()

    def on_mount(self) -> None:
        """Remember the values to compare with, and begin at the first field."""
        self.remember()
        next(self._fields[self.FIRST_FIELD].focusables).focus()
        self.begin()

    def begin(self) -> None:
        """Do what comes before the user sees the form."""

    def remember(self) -> None:
        """Take the values as those that the user has not changed."""
        self._initial = self.values
        self.check()

    def on_resize(self, event: Resize) -> None:
        """Leave room for help and keys, however many fields there are."""
        rows = max(3, event.size.height - _CHROME_ROWS - (_OUTCOME_ROWS if self.ASKS else 0))
        self.body.styles.max_height = rows
        self.fit(rows)

    def fit(self, rows: int) -> None:
        """Share out the rows that the fields have."""

    def show_outcome(self, words: str, style: str) -> None:
        """Say how something went that the user asked for; empty takes it back."""
        self._outcome.update(Content.styled(words, style))

    # Checking

    @on(Field.Changed)
    @on(Field.Left)
    def check(self) -> Edit | None:
        """Say what is wrong with what has been touched; return the edit when nothing is."""
        edit: Edit | None = None
        problems = self.own_problems()
        try:
            edit = self.make_edit()
        except ValidationError as error:
            found = problems_of(error, self.WORDS)
            if problems:
                found.pop(WHOLE, None)
            problems = found | problems
        for key, field in self._fields.items():
            touched = self._tried or field.touched or field.value != self._initial.get(key)
            field.show_problem(problems.get(key, "") if touched else "")
        for fold in self._folds:
            fold.say()
        self._say_status(problems)
        return None if problems else edit

    def _say_status(self, problems: dict[str, str]) -> None:
        signs = glyphs(self)
        mark = f" {signs.changed}" if self.dirty else ""
        self._frame.border_title = Content(f"{self._title}{mark}").markup
        begun = self._tried or self.dirty or any(field.wrong for field in self._fields.values())
        missing = [field.label for key, field in self._fields.items() if key in problems]
        if missing and self.new and not begun:
            said = Content.styled(f"fill in: {', '.join(missing)}", "dim")
        elif problems:
            key = next((key for key in (WHOLE, *self._fields) if key in problems), "")
            label = f"{self._fields[key].label}: " if key in self._fields else ""
            words = f"{label}{plain(problems.get(key, 'see above'))}"
            said = Content.styled(f"{signs.wrong} cannot be saved: {words}", "$text-error")
        elif self.dirty or self.new:
            said = Content(f"{signs.right} ctrl+s saves; {self.SAVED}")
        else:
            said = Content.styled("nothing changed yet", "dim")
        self._status.update(said, layout=False)

    @on(DescendantFocus)
    def _show_help(self) -> None:
        here = self.focused
        helpful = (
            node
            for node in (here.ancestors_with_self if here else ())
            if isinstance(node, (Field, FoldLine))
        )
        self._help.update(next((node.help_text for node in helpful), ""), layout=False)
        self.refresh_bindings()

    # Commands

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what this form, and the focused field, can do."""
        if action == "form_editor":
            return isinstance(self.focused, TextLines)
        return not action.startswith("form_") or hasattr(self, f"action_{action}")

    def action_form_save(self) -> None:
        """Hand back the edit, or go to what is wrong."""
        self._tried = True
        edit = self.check()
        if edit is not None:
            if self.new or self.dirty:
                self.finish(edit)
            else:
                self.dismiss(None)
            return
        wrong = next((field for field in self._fields.values() if field.wrong), None)
        if wrong is not None:
            self.go_to(wrong)
        self.app.bell()

    def go_to(self, field: Field) -> None:
        """Give a field the focus, and open what it is behind."""
        for fold in self._folds:
            if field in fold.fields:
                fold.open()
        next(field.focusables).focus()

    def finish(self, edit: Edit) -> None:
        """Hand back the edit."""
        self.dismiss(edit)

    def action_form_close(self) -> None:
        """Leave; asks when something was changed."""
        if not self.dirty:
            self.dismiss(None)
            return
        self.app.push_screen(
            Confirm(
                "Discard what you changed?",
                "The form has changes that are not saved.",
                "Discard",
                no_label="Keep editing",
            ),
            self._leave,
        )

    def _leave(self, discard: Answer) -> None:
        if discard:
            self.dismiss(None)

    def action_form_next(self) -> None:
        """Go to the next field."""
        self.focus_next()

    def action_form_previous(self) -> None:
        """Go to the field before."""
        self.focus_previous()

    def action_form_editor(self) -> None:
        """Open the focused text in the user's editor."""
        if isinstance(self.focused, TextLines):
            self.run_worker(self._edit(self.focused))

    async def _edit(self, area: TextLines) -> None:
        text = await edit_text(self.app, area.text)
        if text is not None:
            area.text = text
