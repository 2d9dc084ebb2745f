"""The prompts that can be put into groups: read, chosen, and the user's own ones kept."""

from collections.abc import Sequence
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical
from textual.events import Resize
from textual.screen import ModalScreen
from textual.widgets import Input, Static
from textual.worker import Worker

from ccproxy_tui.config import edits
from ccproxy_tui.config.live import LiveConfiguration
from ccproxy_tui.config.models import Prompt
from ccproxy_tui.tui.background import report_failure
from ccproxy_tui.tui.clipboard import copy
from ccproxy_tui.tui.commands import bindings
from ccproxy_tui.tui.configure import Configure
from ccproxy_tui.tui.editor import edit_text
from ccproxy_tui.tui.fields.plain import plain
from ccproxy_tui.tui.layout import ROOM
from ccproxy_tui.tui.panes.list_pane import FilterInput
from ccproxy_tui.tui.prompt_rows import Entry, PromptRows, size_of
from ccproxy_tui.tui.screens.confirm import ConfirmDelete
from ccproxy_tui.tui.screens.edit import Edit
from ccproxy_tui.tui.screens.prompt_form import PromptForm
from ccproxy_tui.tui.signs import PLAIN
from ccproxy_tui.tui.widgets.footer import KeyFooter
from ccproxy_tui.tui.widgets.lines import Line
from ccproxy_tui.tui.widgets.rows import Rows
from ccproxy_tui.tui.widgets.text_view import TextView

_NONE_OWN = "None of your own yet: a adds one, e makes a copy of one that is shipped."
_NONE = "No prompts yet: a adds one."
_NOT_FOUND = "No prompt has these words; esc shows all."
_CHROME_ROWS = 7
"""Rows that are no list where the text is beside it: border, hint, filter, keys."""
_ROOMY_ROWS = 20
"""Rows of the screen from which on there is room for what the list says already."""
_ON_ONE = frozenset({f"prompts_{verb}" for verb in ("insert", "copy", "edit", "delete", "editor")})


class PromptLibrary(ModalScreen[Prompt | None]):
    """A list of prompts with the text of the selected one; hands back the one to insert."""

    CSS_PATH = "prompt_library.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("prompts")]

    def __init__(
        self,
        shipped: Sequence[Prompt],
        live: LiveConfiguration,
        configure: Configure,
        *,
        inserts: bool = False,
    ) -> None:
        """`inserts` tells that there is a form that takes a prompt."""
        super().__init__()
        self._shipped = shipped
        self._live = live
        self._configure = configure
        self._inserts = inserts
        self._frame = Vertical(classes="library")
        self.rows = PromptRows()
        self._filter = FilterInput(placeholder="words that a prompt must have")
        self._hint = Static(classes="library--hint", markup=False)
        self._heading = Static(classes="library--name", markup=False)
        self._facts = Static(classes="library--facts", markup=False)
        self._for = Static(classes="library--for", markup=False)
        self._text = TextView(can_find=False)

    def compose(self) -> ComposeResult:
        """Lay it out."""
        with self._frame:
            with Container(classes="library--body"):
                with Vertical(classes="library--list"):
                    yield self.rows
                    yield self._hint
                    yield self._filter
                with Vertical(classes="library--shown"):
                    yield self._heading
                    yield self._facts
                    yield self._for
                    yield self._text
            yield KeyFooter()

    def on_mount(self) -> None:
        """Show all, now and whenever the configuration changes."""
        title = "Prompts · which one to insert?" if self._inserts else "Prompts"
        self._frame.border_title = self._shown(title)
        self._stop_listening = self._live.listen(self._show)
        self.rows.focus()
        self._show()

    def on_unmount(self) -> None:
        """Hear nothing more."""
        self._stop_listening()

    def on_resize(self, event: Resize) -> None:
        """Put list and text side by side where there is room; spare rows where there is none."""
        self.set_class(event.size.width >= ROOM[0], "-wide")
        self.set_class(event.size.height < _ROOMY_ROWS, "-low")
        self._fit()

    # --- what is shown -----------------------------------------------------------------------

    def _show(self) -> None:
        """Show what passes the filter."""
        words = self._filter.value.lower().split()
        own = [Entry(prompt, own=True) for prompt in self._live.value.prompts]
        every = [*own, *(Entry(prompt, own=False) for prompt in self._shipped)]
        self.rows.empty = _NOT_FOUND if every else _NONE
        self.rows.show_entries([entry for entry in every if entry.has(words)])
        self._hint.update(_NONE_OWN)
        self._hint.display = bool(every) and not own
        self._fit()
        self._show_selected()

    def _fit(self) -> None:
        """Give the list the rows that it needs; up to a third where the text is below it."""
        wide = self.has_class("-wide")
        room = self.size.height - _CHROME_ROWS if wide else self.size.height // 3
        self.rows.styles.height = max(2, min(self.rows.count + 1, room))

    def _show_selected(self) -> None:
        entry = self.rows.item
        name = facts = described = ""
        lines: list[Line] = []
        if entry is not None:
            prompt = entry.prompt
            name, described = plain(prompt.name), plain(prompt.description)
            facts = self._shown(f"{entry.whose} · {size_of(prompt.text)}")
            lines = [Line(line, hang=0) for line in prompt.text.expandtabs(4).splitlines()]
        self._heading.update(name)
        self._facts.update(facts)
        self._for.update(described)
        self._for.set_class(not described, "-none")
        self._text.show(lines)
        self.refresh_bindings()

    def _shown(self, text: str) -> str:
        """Return a sentence of ours in the signs that the terminal has."""
        return text.translate(PLAIN) if self.app.has_class("-ascii") else text

    def on_rows_highlighted(self, event: Rows.Highlighted) -> None:
        """Show the one selected."""
        event.stop()
        self._show_selected()

    def on_rows_opened(self, event: Rows.Opened) -> None:
        """Take what was double-clicked."""
        event.stop()
        if self._inserts:
            self.action_prompts_insert()

    # --- filtering ---------------------------------------------------------------------------

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter as it is typed."""
        event.stop()
        self._show()

    def on_filter_input_left(self, event: FilterInput.Left) -> None:
        """Go back to the list."""
        event.stop()
        self._filter.display = bool(self._filter.value.strip())
        self.rows.focus()

    def action_prompts_filter(self) -> None:
        """Type words."""
        self._filter.display = True
        self._filter.focus()

    def action_prompts_next(self) -> None:
        """Go between list and text."""
        (self._text if self.rows.has_focus else self.rows).focus()

    def action_prompts_close(self) -> None:
        """Go back one level: from the filter to all, then to where one came from."""
        if self._filter.value:
            self._filter.value = ""
            self._filter.display = False
        else:
            self.dismiss(None)

    # --- what is done with one ---------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what can be done with the selected one."""
        if action == "prompts_insert" and not self._inserts:
            return False
        if action in _ON_ONE and self.rows.item is None:
            return False
        return super().check_action(action, parameters)

    def action_prompts_insert(self) -> None:
        """Hand back the selected one."""
        if (entry := self.rows.item) is not None:
            self.dismiss(entry.prompt)

    @work(group="copy", exit_on_error=False)
    async def action_prompts_copy(self) -> None:
        """Copy the text."""
        if (entry := self.rows.item) is not None:
            how = await copy(self.app, entry.prompt.text)
            self.app.notify(f"{entry.prompt.name}: {how}")

    @work(group="configure", exit_on_error=False)
    async def action_prompts_add(self) -> None:
        """Add one."""
        await self._save(self._form())

    @work(group="configure", exit_on_error=False)
    async def action_prompts_edit(self) -> None:
        """Edit the selected one, or a copy of it."""
        if (entry := self.rows.item) is not None:
            await self._save(self._form(entry))

    @work(group="configure", exit_on_error=False)
    async def action_prompts_editor(self) -> None:
        """Open the text in the user's own editor; what was shipped is changed in a copy."""
        entry = self.rows.item
        if entry is None or (text := await edit_text(self.app, entry.prompt.text)) is None:
            return
        if not text.strip():
            self.app.notify("A prompt without text is none; nothing was changed.",
                            severity="warning")  # fmt: skip
        elif entry.own:
            await self._rewrite(entry.prompt, text)
        else:
            await self._save(self._form(entry, text))

    @work(group="configure", exit_on_error=False)
    async def action_prompts_delete(self) -> None:
        """Delete the selected one, if it is the user's own."""
        entry = self.rows.item
        if entry is None:
            return
        name = entry.prompt.name
        if not entry.own:
            self.app.notify(f"{name} is shipped and stays; e makes a copy of it.",
                            severity="warning")  # fmt: skip
            return
        made_from = self._live.value
        edit = Edit.of(
            made_from, lambda now: edits.delete_prompt(now, name), f"delete prompt {plain(name)}"
        )
        question = ConfirmDelete(
            f"Delete prompt {name}?", ["groups into which it was put keep their text"]
        )
        if await self.app.push_screen_wait(question):
            await self._configure.apply(edit, made_from)

    @work(group="configure", exit_on_error=False)
    async def action_prompts_undo(self) -> None:
        """Take back the last edit."""
        await self._configure.undo()

    @work(group="configure", exit_on_error=False)
    async def action_prompts_redo(self) -> None:
        """Do again what was taken back."""
        await self._configure.redo()

    def _form(self, entry: Entry | None = None, text: str = "") -> PromptForm:
        prompt = None if entry is None else entry.prompt
        own = entry is not None and entry.own
        return PromptForm(
            self._live.value,
            [shipped.name for shipped in self._shipped],
            replaces=prompt if own else None,
            copied=None if own else prompt,
            text=text,
        )

    async def _save(self, form: PromptForm) -> None:
        """Let a form be filled in, and select what it was for."""
        edit = await self.app.push_screen_wait(form)
        if edit is not None and await self._configure.apply(edit, form.configuration):
            self._select(edit.focus)

    async def _rewrite(self, prompt: Prompt, text: str) -> None:
        new = prompt.model_copy(update={"text": text})
        made_from = self._live.value
        what = f"change prompt {plain(prompt.name)}"
        edit = Edit.of(made_from, lambda now: edits.put_prompt(now, new, prompt.name), what)
        await self._configure.apply(edit, made_from)

    def _select(self, name: str) -> None:
        """Go to one of the user's own, even if the filter hides it."""
        identity = True, name
        if not self.rows.select(identity):
            self._filter.value = ""
            self._filter.display = False
            self._show()
            self.rows.select(identity)
        self._show_selected()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say what went wrong in the background."""
        report_failure(event)
