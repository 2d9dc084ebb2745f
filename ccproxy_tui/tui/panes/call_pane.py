"""What log and inspector have in common: a call at hand, and what can be done with it."""

from typing import ClassVar, Literal

from textual.binding import BindingType
from textual.message import Message
from textual.widget import Widget

from ccproxy_tui.traffic.call import Call
from ccproxy_tui.tui.commands import bindings

CallVerb = Literal[
    "why", "copy", "copy_as", "save", "mark", "remark", "compare", "cancel", "replay"
]
"""What is done with a call."""


class CallPane(Widget):
    """A pane with a call at hand; it only asks, as it knows neither records nor proxy."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("call")]

    class Do(Message):
        """The user wants something done with a call."""

        def __init__(self, call: Call, verb: CallVerb) -> None:
            self.call = call
            self.verb = verb
            super().__init__()

    @property
    def call_at_hand(self) -> Call | None:
        """The call that the keys mean."""
        raise NotImplementedError

    def ask_for(self, verb: CallVerb) -> None:
        """Ask for something to be done with the call at hand."""
        if (call := self.call_at_hand) is not None:
            self.post_message(self.Do(call, verb))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what is done with a call only where there is one."""
        if action.startswith("call_") and self.call_at_hand is None:
            return False
        return super().check_action(action, parameters)

    def is_idle(self, action: str) -> bool:
        """Tell whether an action would do nothing to the call at hand: only what runs can be ended."""
        call = self.call_at_hand
        return action == "call_cancel" and (call is None or not call.live)

    def action_call_copy_as(self) -> None:
        """Choose in which form to copy the call."""
        self.ask_for("copy_as")

    def action_call_replay(self) -> None:
        """Send the call again."""
        self.ask_for("replay")

    def action_call_cancel(self) -> None:
        """End the call."""
        self.ask_for("cancel")

    def action_call_compare(self) -> None:
        """Compare the call with the marked one."""
        self.ask_for("compare")

    def action_call_mark(self) -> None:
        """Mark the call, or no longer."""
        self.ask_for("mark")

    def action_call_remark(self) -> None:
        """Note something on the call."""
        self.ask_for("remark")
