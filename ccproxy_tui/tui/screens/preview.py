"""What a recorded call would become under a group, saved or not; nothing is sent."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Input
from textual.worker import Worker

from ccproxy_tui.config.models import Configuration
from ccproxy_tui.traffic.call import Call
from ccproxy_tui.traffic.call import Message as HttpMessage
from ccproxy_tui.tui.background import report_failure
from ccproxy_tui.tui.clipboard import copy
from ccproxy_tui.tui.commands import bindings
from ccproxy_tui.tui.editor import view_text
from ccproxy_tui.tui.fields.plain import plain
from ccproxy_tui.tui.panes.list_pane import FilterInput
from ccproxy_tui.tui.preview_text import PreviewText, call_words, preview_text
from ccproxy_tui.tui.previews import Previews
from ccproxy_tui.tui.records import Records
from ccproxy_tui.tui.signs import PLAIN
from ccproxy_tui.tui.widgets.footer import KeyFooter
from ccproxy_tui.tui.widgets.lines import Line
from ccproxy_tui.tui.widgets.tab_line import TabLine
from ccproxy_tui.tui.widgets.text_view import TextView

_REMEMBERED = 500
"""Calls among which one can step."""
_LOOKED_THROUGH = 20
"""Calls, the newest ones, among which one with tools is looked for."""
_WITHOUT_RULES = frozenset({"count tokens", "embed"})
_TOOLS = re.compile(rb'"tools"\s*:\s*\[\s*[^\]\s]')
"""How a request with tools looks in every protocol; it decides only which call comes first."""
_TABS = ("What is changed", "Whole request upstream")
_NO_CALL = "No call was recorded yet. Let a client ask something, then look again."
_NOT_KEPT = "The messages of this call were not kept: [ and ] go to another one."
_ON_ONE = frozenset({"preview_copy", "preview_open"})


@dataclass(frozen=True, slots=True)
class Subject:
    """What a preview is of."""

    configuration: Configuration
    group: str
    call: Call | None = None
    """The call to begin with; by default the newest one of the group that carries tools."""
    known_as: str = ""
    """The name under which the group's calls were recorded, where that is another one."""
    unsaved: bool = False
    """Whether the group is as a form has it; then there is no other one to go to."""


class PreviewScreen(ModalScreen[None]):
    """A recorded request: what is changed, in words and as a diff, and all that would go upstream."""

    CSS_PATH = "preview.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("preview")]

    class Asked(Message):
        """The user wants to see a preview."""

        def __init__(self, subject: Subject) -> None:
            self.subject = subject
            super().__init__()

    def __init__(self, previews: Previews, records: Records, subject: Subject) -> None:
        super().__init__()
        self._previews = previews
        self._records = records
        self._subject = subject
        self._group = subject.group
        self._calls: Sequence[Call] = ()
        self._at = 0
        self._shown: PreviewText | None = None
        self._frame = Vertical(classes="preview")
        self._tabs = TabLine(_TABS)
        self.text = TextView()
        self._finder = FilterInput(placeholder="words to find")

    def compose(self) -> ComposeResult:
        """Lay it out."""
        with self._frame:
            yield self._tabs
            yield self.text
            yield self._finder
            yield KeyFooter()

    def on_mount(self) -> None:
        """Find a call to begin with."""
        self.text.focus()
        self._describe()
        self._say("Looking for a recorded call…")
        self._begin()

    # --- which call --------------------------------------------------------------------------

    @work(exclusive=True, group="preview", exit_on_error=False)
    async def _begin(self) -> None:
        recent = await self._records.recent(_REMEMBERED)
        calls = [call for call in reversed(recent) if call.operation not in _WITHOUT_RULES]
        first = self._subject.call
        if first is not None:
            calls = [call for call in calls if call.id != first.id]
            newer = sum(call.id > first.id for call in calls)
            self._calls, self._at = [*calls[:newer], first, *calls[newer:]], newer
        else:
            group = self._subject.known_as or self._subject.group
            self._calls = [call for call in calls if call.group == group] or calls
            self._at = await self._newest_with_tools()
        if self._calls:
            await self._preview()
        else:
            self._say(_NO_CALL)

    async def _newest_with_tools(self) -> int:
        """Return the place of the newest call that carries tools, else of the newest with a body."""
        with_body = None
        for at, call in enumerate(self._calls[:_LOOKED_THROUGH]):
            request = await self._request_of(call)
            if request is None:
                continue
            if _TOOLS.search(request.body):
                return at
            with_body = at if with_body is None else with_body
        return with_body or 0

    async def _request_of(self, call: Call) -> HttpMessage | None:
        exchange = call.exchange or await self._records.exchange(call.id)
        if exchange is None or not exchange.client_request.chunks:
            return None
        return exchange.client_request

    # --- what is shown -----------------------------------------------------------------------

    @work(exclusive=True, group="preview", exit_on_error=False)
    async def _look(self) -> None:
        await self._preview()

    async def _preview(self) -> None:
        call, group = self._calls[self._at], self._group
        request = await self._request_of(call)
        if request is None:
            self._shown = None
            self._say(call_words(call), _NOT_KEPT)
        else:
            found = await self._previews.preview(self._subject.configuration, group, call, request)
            self._shown = await asyncio.to_thread(preview_text, call, found)
            self._draw()
        self._describe()

    def _describe(self) -> None:
        """Write into the frame what this is of."""
        how = " as edited" if self._subject.unsaved else ""
        title = f"Preview · group {plain(self._group)}{how}"
        self._frame.border_title = self._drawable(title)
        self._frame.border_subtitle = self._drawable(self._which())
        self.refresh_bindings()

    def _which(self) -> str:
        count = len(self._calls)
        return f"call {self._at + 1} of {count}, the newest first" if count else ""

    def _draw(self) -> None:
        if self._shown is not None:
            ascii_only = self.app.has_class("-ascii")
            self.text.show(self._shown.lines(whole=self._whole, ascii_only=ascii_only))

    def _say(self, *sentences: str) -> None:
        self.text.show([Line(self._drawable(sentence), "muted") for sentence in sentences])

    def _drawable(self, text: str) -> str:
        return text.translate(PLAIN) if self.app.has_class("-ascii") else text

    @property
    def _whole(self) -> bool:
        return self._tabs.current == 1

    def on_tab_line_changed(self, event: TabLine.Changed) -> None:
        """Show the other view."""
        event.stop()
        self._draw()

    # --- what the user does ------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what there is something for."""
        if action in _ON_ONE:
            return self._shown is not None
        if action == "preview_older":
            return self._at + 1 < len(self._calls)
        if action == "preview_newer":
            return self._at > 0
        if action == "preview_group":
            return not self._subject.unsaved and len(self._subject.configuration.groups) > 1
        return super().check_action(action, parameters)

    def action_preview_whole(self) -> None:
        """Show what is changed, or the whole request."""
        self._tabs.move(1)

    def action_preview_older(self) -> None:
        """Go to the call before."""
        self._at += 1
        self._look()

    def action_preview_newer(self) -> None:
        """Go to the call after."""
        self._at -= 1
        self._look()

    def action_preview_group(self) -> None:
        """Go to the next group."""
        names = [group.name for group in self._subject.configuration.groups]
        at = names.index(self._group) if self._group in names else -1
        self._group = names[(at + 1) % len(names)]
        if self._calls:
            self._look()

    @work(group="copy", exit_on_error=False)
    async def action_preview_copy(self) -> None:
        """Copy what is shown, in full."""
        if self._shown is not None:
            how = await copy(self.app, self._shown.text(whole=self._whole))
            self.app.notify(f"the preview: {how}", markup=False)

    @work(exclusive=True, group="editor", exit_on_error=False)
    async def action_preview_open(self) -> None:
        """Open what is shown in the user's own pager."""
        if self._shown is not None:
            suffix = ".txt" if self._whole else ".diff"
            await view_text(self.app, self._shown.text(whole=self._whole), suffix)

    def action_preview_close(self) -> None:
        """Go back one level: from finding, then from here."""
        if self._finder.value:
            self._finder.value = ""
            self._finder.display = False
        else:
            self.dismiss(None)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say what went wrong in the background."""
        report_failure(event)

    # --- finding -----------------------------------------------------------------------------

    def on_text_view_find_asked(self, event: TextView.FindAsked) -> None:
        """Type what to find."""
        event.stop()
        self._finder.display = True
        self._finder.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Find as it is typed."""
        event.stop()
        self.text.find(self._finder.value)

    def on_filter_input_left(self, event: FilterInput.Left) -> None:
        """Go back to the text."""
        event.stop()
        self._finder.display = bool(self._finder.value)
        self.text.focus()

    def on_text_view_found(self, event: TextView.Found) -> None:
        """Say how many hits there are."""
        event.stop()
        said = f"{event.here} of {event.hits} lines" if event.hits else "not found"
        self._frame.border_subtitle = said if self._finder.value else self._drawable(self._which())
