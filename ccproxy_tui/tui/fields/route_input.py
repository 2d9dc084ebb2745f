"""Where a dry run is typed: a model's name and, if one likes, a session."""

from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message

from ccproxy_tui.tui.commands import bindings
from ccproxy_tui.tui.fields.text import LineInput


class RouteInput(LineInput):
    """One line; it is there only while something is typed."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("route")]
    DEFAULT_CSS = "RouteInput { display: none; margin-top: 1; }"

    class Asked(Message):
        """Whom would a call for this model go to?"""

        def __init__(self, model: str, session: str) -> None:
            self.model = model
            self.session = session
            super().__init__()

    class Left(Message):
        """Nothing is asked."""

    def __init__(self) -> None:
        super().__init__(placeholder="a model's name, then a session's id if you like")

    def begin(self) -> None:
        """Let the user type."""
        self.display = True
        self.focus()

    def action_route_run(self) -> None:
        """Ask."""
        model, _, session = self.value.strip().partition(" ")
        if model:
            self.post_message(self.Asked(model, session.strip()))
        else:
            self.action_route_close()

    async def action_submit(self) -> None:
        """Ask, as enter is the input's own key."""
        self.action_route_run()

    def action_route_close(self) -> None:
        """Ask nothing."""
        self.post_message(self.Left())
