"""Why a call went where it went, in words; it is told anew while the call runs."""

from dataclasses import replace
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.events import Resize
from textual.screen import ModalScreen
from textual.worker import Worker

from ccproxy_tui.traffic.call import Call
from ccproxy_tui.tui.attempts import why
from ccproxy_tui.tui.background import report_failure
from ccproxy_tui.tui.clipboard import copy
from ccproxy_tui.tui.commands import bindings
from ccproxy_tui.tui.signs import PLAIN
from ccproxy_tui.tui.widgets.footer import KeyFooter
from ccproxy_tui.tui.widgets.text_view import TextView

_LOOK_AGAIN = 0.5
_CHROME_ROWS = 5


class Why(ModalScreen[None]):
    """A call's reasons and attempts."""

    CSS_PATH = "candidates.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("why")]

    def __init__(self, call: Call) -> None:
        super().__init__()
        self._call = call
        self._text = TextView(can_find=False)

    def compose(self) -> ComposeResult:
        """Lay it out."""
        with Vertical(classes="why") as frame:
            frame.border_title = f"Why call #{self._call.id} went there"
            yield self._text
            yield KeyFooter()

    def on_mount(self) -> None:
        """Tell it, and again while the call runs."""
        self._text.focus()
        self._tell()
        self.set_interval(_LOOK_AGAIN, self._tell)

    def on_resize(self, event: Resize) -> None:
        """Be as high as the text, as far as there is room."""
        del event
        self.call_after_refresh(self._fit)

    @property
    def _ascii(self) -> bool:
        return self.app.has_class("-ascii")

    def _tell(self) -> None:
        lines = why(self._call)
        if self._ascii:
            lines = [replace(line, text=line.text.translate(PLAIN)) for line in lines]
        self._text.show(lines, stay=True)
        self._fit()

    def _fit(self) -> None:
        room = max(1, self.size.height - _CHROME_ROWS)
        self._text.styles.height = min(room, max(1, self._text.virtual_size.height))

    @work(group="copy", exit_on_error=False)
    async def action_why_copy(self) -> None:
        """Copy the text."""
        text = "\n".join(line.text for line in why(self._call))
        self.app.notify(f"the text: {await copy(self.app, text)}", markup=False)

    def action_why_close(self) -> None:
        """Go back."""
        self.dismiss(None)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say what went wrong in the background."""
        report_failure(event)
