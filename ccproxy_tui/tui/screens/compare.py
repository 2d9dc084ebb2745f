"""Two calls side by side, live while one of them runs."""

import asyncio
import time
from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.events import Resize
from textual.screen import ModalScreen
from textual.worker import Worker

from ccproxy_tui.inspection.comparison import compare
from ccproxy_tui.inspection.live import LiveReply
from ccproxy_tui.inspection.reading import ReadReply, UnreadableError, read_client_reply
from ccproxy_tui.traffic.call import Call, Exchange
from ccproxy_tui.tui.background import report_failure
from ccproxy_tui.tui.clipboard import copy
from ccproxy_tui.tui.commands import bindings
from ccproxy_tui.tui.comparison_text import (
    Side,
    fact_lines,
    reply_changes,
    reply_lines,
    request_changes,
)
from ccproxy_tui.tui.editor import view_text
from ccproxy_tui.tui.fields.glyphs import Glyphs, glyphs
from ccproxy_tui.tui.preview_text import cut_lines
from ccproxy_tui.tui.records import Records
from ccproxy_tui.tui.signs import PLAIN
from ccproxy_tui.tui.widgets.footer import KeyFooter
from ccproxy_tui.tui.widgets.lines import Line
from ccproxy_tui.tui.widgets.tab_line import TabLine
from ccproxy_tui.tui.widgets.text_view import TextView

_LOOK_AGAIN = 0.5
_TABS = ("Facts & replies", "Request diff", "Reply diff")
_PLAIN_BAR = str.maketrans({"│": "|", "–": "-"})


class _One:
    """One of the two calls, with what has been read of it."""

    def __init__(self, number: int, find: Callable[[int], Call | None], records: Records) -> None:
        self.number = number
        self.call: Call | None = None
        self._find = find
        self._records = records
        self._exchange: Exchange | None = None
        self._asked = False
        self._reply: ReadReply | None = None
        self._unread = "Nothing yet."
        self._read_at: Hashable = None
        self._live: LiveReply | None = None

    async def look(self) -> None:
        """Find the call and its messages, as far as there are any."""
        self.call = self.call or self._find(self.number)
        if self.call is None:
            return
        self._exchange = self.call.exchange or self._exchange
        if self._exchange is None and not self.call.live and not self._asked:
            self._asked = True
            self._exchange = await self._records.exchange(self.number)
        await asyncio.to_thread(self._read, self.call)

    @property
    def look_of_it(self) -> Hashable:
        """Tell apart what there is to see of it."""
        call = self.call
        return call and (call.phase, call.status, call.target, call.output_so_far, self._read_at)

    def _read(self, call: Call) -> None:
        exchange = self._exchange
        if exchange is None:
            self._unread = "Nothing yet." if call.live else "Its messages were not kept."
            return
        message = exchange.client_reply
        size = len(message.chunks), call.live
        if size == self._read_at:
            return
        self._read_at = size
        self._reply = None
        self._unread = "Nothing yet." if call.live else "No reply was sent."
        if not message.chunks:
            return
        try:
            self._reply = (
                self._so_far(call, exchange) if call.live else read_client_reply(call, exchange)
            )
        except UnreadableError as error:
            self._unread = f"It cannot be read: {error}."

    def _so_far(self, call: Call, exchange: Exchange) -> ReadReply:
        """Read on in a reply that is still coming."""
        message = exchange.client_reply
        if self._live is None or not self._live.follows(call.protocol, message):
            self._live = LiveReply(call.protocol, message)
        return self._live.read(ended=False)

    def side(self) -> Side:
        """Return what is shown of it."""
        call, exchange = self.call, self._exchange
        side = Side(f"#{self.number}", self._reply, self._unread)
        if call is not None:
            side = replace(side, name=f"#{self.number} {call.target}".rstrip(), error=call.error)
        if exchange is not None:
            upstream = exchange.upstream_request
            side = replace(
                side,
                request=exchange.client_request,
                sent_upstream=upstream if upstream.head else None,
            )
        return side


class Compare(ModalScreen[None]):
    """What is known of two calls, their replies, and what is different."""

    CSS_PATH = "compare.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("compare")]

    def __init__(
        self, left: int, right: int, find: Callable[[int], Call | None], records: Records
    ) -> None:
        """`find` gives the call of an id, None as long as it is not there."""
        super().__init__()
        self._left = _One(left, find, records)
        self._right = _One(right, find, records)
        self._frame = Vertical(classes="compare")
        self._tabs = TabLine(_TABS)
        self.text = TextView(can_find=False)
        self._looking = False
        self._wanted = 0
        """Counts up when all is to be drawn anew."""
        self._drawn: Hashable = None

    def compose(self) -> ComposeResult:
        """Lay it out."""
        with self._frame:
            yield self._tabs
            yield self.text
            yield KeyFooter()

    def on_mount(self) -> None:
        """Look, and again while there may be something new."""
        numbers = f"#{self._left.number} and #{self._right.number}"
        self._frame.border_title = f"Compare {numbers}"
        self.text.focus()
        self._look()
        self.set_interval(_LOOK_AGAIN, self._look)

    def on_resize(self, event: Resize) -> None:
        """Use the room that there is."""
        del event
        self.call_after_refresh(self._look, anew=True)

    def on_tab_line_changed(self, event: TabLine.Changed) -> None:
        """Show another tab, from its start."""
        event.stop()
        self.text.scroll_y = 0
        self._look(anew=True)

    # --- what is shown -----------------------------------------------------------------------

    def _look(self, *, anew: bool = False) -> None:
        self._wanted += anew
        if not self._looking:
            self._looking = True
            self._draw()

    @work(group="compare", exit_on_error=False)
    async def _draw(self) -> None:
        wanted = self._wanted
        try:
            await self._left.look()
            await self._right.look()
            running = any(
                one.call is not None and one.call.live for one in (self._left, self._right)
            )
            looks = self._left.look_of_it, self._right.look_of_it, wanted
            if running or looks != self._drawn:
                self._drawn = looks
                width = self.text.scrollable_size.width
                lines = await asyncio.to_thread(self._lines, width, glyphs(self))
                ascii_only = self.app.has_class("-ascii")
                self.text.show(cut_lines(_drawable(lines, ascii_only), ascii_only=ascii_only),
                               stay=True)  # fmt: skip
        finally:
            self._looking = False
        if self._wanted != wanted:
            self._look()

    def _lines(self, width: int, signs: Glyphs) -> list[Line]:
        left, right = self._left, self._right
        if left.call is None or right.call is None:
            missing = left if left.call is None else right
            return [Line(f"Call #{missing.number} is on its way…", "muted")]
        sides = left.side(), right.side()
        if self._tabs.current == 1:
            return request_changes(*sides)
        if self._tabs.current == 2:
            return reply_changes(*sides)
        facts = compare(left.call, right.call, time.time())
        return [*fact_lines(facts, width, signs), *reply_lines(*sides, width)]

    # --- what the user does ------------------------------------------------------------------

    def action_compare_next(self) -> None:
        """Go to the next tab."""
        self._tabs.move(1)

    def action_compare_previous(self) -> None:
        """Go to the previous tab."""
        self._tabs.move(-1)

    def _text_shown(self) -> str:
        lines = self._lines(self.text.scrollable_size.width, glyphs(self))
        return "\n".join(line.text for line in lines)

    @work(group="copy", exit_on_error=False)
    async def action_compare_copy(self) -> None:
        """Copy what is shown, in full."""
        self.app.notify(f"the comparison: {await copy(self.app, self._text_shown())}")

    @work(exclusive=True, group="editor", exit_on_error=False)
    async def action_compare_open(self) -> None:
        """Open what is shown in the user's own pager."""
        suffix = ".diff" if self._tabs.current else ".txt"
        await view_text(self.app, self._text_shown(), suffix)

    def action_compare_close(self) -> None:
        """Go back."""
        self.dismiss(None)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say what went wrong in the background."""
        report_failure(event)


def _drawable(lines: list[Line], ascii_only: bool) -> list[Line]:  # noqa: FBT001
    """Return lines in the signs that the terminal has."""
    if not ascii_only:
        return lines
    return [replace(line, text=line.text.translate(PLAIN | _PLAIN_BAR)) for line in lines]
