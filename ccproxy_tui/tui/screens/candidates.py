"""Who can answer for an alias: how each candidate stands, live, and whom a call would go to."""

import time
from collections.abc import Awaitable
from typing import ClassVar, NamedTuple

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.events import Resize
from textual.screen import ModalScreen
from textual.widgets import Static
from textual.worker import Worker

from ccproxy_tui.traffic.standing import Outlook, Standing, State
from ccproxy_tui.tui.background import report_failure
from ccproxy_tui.tui.candidate_rows import CandidateRows
from ccproxy_tui.tui.candidates import Candidates, CandidatesError
from ccproxy_tui.tui.clipboard import copy
from ccproxy_tui.tui.commands import bindings
from ccproxy_tui.tui.fields.plain import plain
from ccproxy_tui.tui.fields.route_input import RouteInput
from ccproxy_tui.tui.signs import PLAIN
from ccproxy_tui.tui.standings import as_text, explanation, verdict
from ccproxy_tui.tui.widgets.footer import KeyFooter
from ccproxy_tui.tui.widgets.rows import Rows

_LOOK_AGAIN = 0.5
_ROWS_BELOW = 12
"""Rows kept for what is below the list."""
_ON_ONE = frozenset({f"candidates_{verb}" for verb in ("switch", "reset", "test", "copy")})
_NO_MODEL = "This group has no proxy yet. w asks whom a call for a model would go to."
_TRY_ANOTHER = "w asks for another model."
_ASKING = "Asking…"


class Question(NamedTuple):
    """Whose candidates are shown; of an alias, or of a model for a dry run."""

    group: str
    model: str
    session: str = ""


class CandidatesScreen(ModalScreen[None]):
    """The candidates of an alias, and dry runs in its group."""

    CSS_PATH = "candidates.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("candidates")]

    def __init__(
        self, candidates: Candidates, group: str, alias: str, *, dry_run: bool = False
    ) -> None:
        """`alias` may be empty; `dry_run` begins with the line where a model is typed."""
        super().__init__()
        self._candidates = candidates
        self._of_alias = self._question = Question(group, alias)
        self._begins_with_line = dry_run
        self._asking = False
        self._outlook: Outlook | None = None
        self._problem = _ASKING
        self._frame = Vertical(classes="candidates")
        self.rows = CandidateRows()
        self._selected = Static(classes="candidates--selected", markup=False)
        self._verdict = Static(classes="candidates--verdict", markup=False)
        self._line = RouteInput()

    def compose(self) -> ComposeResult:
        """Lay it out."""
        with self._frame:
            yield self.rows
            with VerticalScroll(classes="candidates--below", can_focus=False):
                yield self._selected
                yield self._verdict
            yield self._line
            yield KeyFooter()

    def on_mount(self) -> None:
        """Look, and look again while this is open."""
        self.rows.focus()
        if self._begins_with_line:
            self._line.begin()
        self._ask_about(self._question)
        self.set_interval(_LOOK_AGAIN, self._look)

    def on_resize(self, event: Resize) -> None:
        """Give the list the room that it needs, as far as there is room."""
        del event
        self._fit()

    # --- asking ------------------------------------------------------------------------------

    def _ask_about(self, question: Question) -> None:
        self._question = question
        self._answered(None, _ASKING if question.model else _NO_MODEL)
        self._look()

    def _look(self) -> None:
        """Ask how things stand, unless that is being asked; clocks go on meanwhile."""
        self._draw_clocks()
        if self._question.model and not self._asking:
            self._asking = True
            self._ask()

    @work(group="outlook", exit_on_error=False)
    async def _ask(self) -> None:
        question = self._question
        outlook, problem = None, ""
        try:
            outlook = await self._candidates.outlook(*question)
        except CandidatesError as error:
            problem = f"{error}\n{_TRY_ANOTHER}"
        finally:
            self._asking = False
        if question == self._question:
            self._answered(outlook, problem)
        else:
            self._look()

    # --- what is shown -----------------------------------------------------------------------

    def _answered(self, outlook: Outlook | None, problem: str) -> None:
        if (outlook, problem) == (self._outlook, self._problem) and problem != _ASKING:
            return
        had_one = self.rows.item is not None
        self._outlook, self._problem = outlook, problem
        self.rows.empty = self._shown(problem or "No candidates.")
        self.rows.show_outlook(outlook)
        self._frame.border_title = Content(self._shown(plain(self._title()))).markup
        self._fit()
        self._draw_below()
        if had_one != (self.rows.item is not None):
            self.refresh_bindings()

    def _title(self) -> str:
        group, model, session = self._question
        dry = self._question is not self._of_alias
        parts = ["Dry run" if dry else "Candidates", f"{group}: {model}" if model else group]
        if session:
            parts.append(f"session {session}")
        if self._outlook is not None:
            parts.append(self._outlook.strategy.replace("_", " "))
        return " · ".join(parts)

    def _fit(self) -> None:
        rows = max(1, self.rows.count) + 1
        self.rows.styles.height = max(3, min(rows, self.size.height - _ROWS_BELOW))

    def _draw_clocks(self) -> None:
        self.rows.repaint_if_changed()
        self._draw_below()

    def _draw_below(self) -> None:
        now = time.time()
        standing, outlook = self.rows.item, self._outlook
        selected = Content("")
        if standing is not None:
            lines = [self._shown(plain(line)) for line in explanation(standing, now)]
            key = f" · API key {standing.masked_key}" if standing.masked_key else ""
            name = self._shown(plain(standing.name + key))
            selected = Content("\n").join([Content.styled(name, "bold"), *map(Content, lines)])
        said = Content("")
        if outlook is not None:
            first = self._shown(plain(verdict(outlook, now)))
            style = "bold $text-success" if outlook.chosen else "bold $text-warning"
            why = [self._shown(f"  {plain(line)}") for line in outlook.why]
            if self._question is not self._of_alias:
                caught = f"Alias {outlook.alias} catches {self._question.model}; nothing is sent."
                why.append(self._shown(f"  {plain(caught)}"))
            said = Content("\n").join([Content.styled(first, style), *map(Content, why)])
        for widget, words in ((self._selected, selected), (self._verdict, said)):
            if widget.content != words:
                widget.update(words)

    def _shown(self, text: str) -> str:
        """Return a sentence of ours in the signs that the terminal has."""
        return text.translate(PLAIN) if self.app.has_class("-ascii") else text

    def on_rows_highlighted(self, event: Rows.Highlighted) -> None:
        """Say all of the one selected."""
        event.stop()
        self._draw_below()

    # --- what the user does ------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what is done with a candidate only where there is one."""
        if action in _ON_ONE and self.rows.item is None:
            return False
        return super().check_action(action, parameters)

    def action_candidates_switch(self) -> None:
        """Disable the selected one, or enable it."""
        if (standing := self.rows.item) is not None:
            on = standing.state is State.DISABLED
            words = "enabled" if on else "disabled until you enable it"
            self._do(standing, self._candidates.switch(standing.id, on=on), words)

    def action_candidates_reset(self) -> None:
        """Make the selected one ready."""
        if (standing := self.rows.item) is not None:
            self._do(standing, self._candidates.reset(standing.id), "ready; the past is forgotten")

    @work(group="candidate", exit_on_error=False)
    async def _do(self, standing: Standing, deed: Awaitable[None], words: str) -> None:
        try:
            await deed
        except CandidatesError as error:
            self.app.notify(f"{standing.name}: {error}", severity="error", markup=False)
            return
        self.app.notify(f"{standing.name}: {words}", markup=False)
        self._look()

    @work(group="probe", exit_on_error=False)
    async def action_candidates_test(self) -> None:
        """Send the selected one a tiny real request."""
        standing = self.rows.item
        if standing is None:
            return
        self.app.notify(f"Asking {standing.name}…", markup=False, timeout=3)
        try:
            probe = await self._candidates.probe(standing.id)
            ok, words = probe.ok, probe.text
        except CandidatesError as error:
            ok, words = False, str(error)
        self.app.notify(
            f"{standing.name}: {words}",
            severity="information" if ok else "error",
            timeout=10,
            markup=False,
        )
        self._look()

    @work(group="copy", exit_on_error=False)
    async def action_candidates_copy(self) -> None:
        """Copy what is shown, as text."""
        if self._outlook is not None:
            how = await copy(self.app, as_text(self._outlook, time.time()))
            self.app.notify(f"the candidates: {how}", markup=False)

    def action_candidates_route(self) -> None:
        """Type a model."""
        self._line.begin()

    def on_route_input_asked(self, event: RouteInput.Asked) -> None:
        """Show the candidates for a model, and whom a call for it would go to."""
        event.stop()
        self._leave_line()
        self._ask_about(Question(self._of_alias.group, event.model, event.session))

    def on_route_input_left(self, event: RouteInput.Left) -> None:
        """Go back to the candidates."""
        event.stop()
        self._leave_line()

    def _leave_line(self) -> None:
        self._line.display = False
        self.rows.focus()

    def action_candidates_close(self) -> None:
        """Go back one level: from a dry run to the alias, then to the main screen."""
        if self._question is self._of_alias:
            self.dismiss(None)
        else:
            self._ask_about(self._of_alias)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say what went wrong in the background."""
        report_failure(event)
