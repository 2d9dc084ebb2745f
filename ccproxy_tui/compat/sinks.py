"""Where text and calls go that a reader has found, on their way to the client."""

from collections.abc import Callable
from typing import Final, Protocol

from ccproxy_tui.compat.call import CallSink

_MOST_SPACE: Final = 1000
"""Characters of whitespace that are held back as there may be a call behind them."""


class Sink(CallSink, Protocol):
    """What takes both text and calls."""

    def text(self, text: str) -> None:
        """Take text that is no call."""


class Prose:
    """Passes text on but for the whitespace around calls."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._space = ""
        self._after_call = False
        self.begins_line = True
        """Whether there was nothing but space on the line."""
        self.quoted = False
        """Whether the line is a quotation, as Markdown has them."""

    def text(self, piece: str) -> None:
        """Take text that is no call."""
        if not piece:
            return
        line = piece.rpartition("\n")[2]
        if "\n" in piece or self.begins_line:
            self.quoted = line.lstrip().startswith(">") or (self.quoted and "\n" not in piece)
        self.begins_line = ("\n" in piece or self.begins_line) and not line.strip()
        if self._after_call:
            piece = piece.lstrip()
            if not piece:
                return
            self._after_call = False
        said = piece.rstrip()
        if said:
            self._sink.text(self._space + said)
            self._space = piece[len(said) :]
        else:
            self._space += piece
            if len(self._space) > _MOST_SPACE:
                self._sink.text(self.held())

    def held(self) -> str:
        """Give the whitespace that was held back."""
        space, self._space = self._space, ""
        return space

    def before_call(self) -> None:
        """Leave out the whitespace before a call."""
        self._space = ""

    def after_call(self) -> None:
        """Leave out the whitespace that follows."""
        self._space, self._after_call, self.begins_line = "", True, True
        self.quoted = False

    def end(self) -> None:
        """Let go what was held back, as nothing follows."""
        if self._space and not self._after_call:
            self._sink.text(self._space)
            self._space = ""


class SureCalls:
    """Passes calls on; with the first part of one, nothing that was read before is needed."""

    def __init__(self, sink: Sink, before_call: Callable[[], None]) -> None:
        self._sink = sink
        self._before_call = before_call

    def begin_call(self, name: str) -> None:
        """A tool is called."""
        self._before_call()
        self._sink.begin_call(name)

    def arguments(self, piece: str) -> None:
        """Take more of the call's JSON."""
        self._sink.arguments(piece)

    def end_call(self) -> None:
        """The call is complete."""
        self._sink.end_call()


class GuessedCalls:
    """Holds whole calls until it is sure that all around them is one as well; not long ones."""

    def __init__(self, sink: CallSink) -> None:
        self._sink = sink
        self._held: list[tuple[str, str]] = []
        self._name: str | None = None
        self._first = ""
        self.sure = False
        """Whether the client has a part of them."""

    def begin_call(self, name: str) -> None:
        """A tool is called."""
        if self.sure:
            self._sink.begin_call(name)
        else:
            self._name, self._first = name, ""

    def arguments(self, piece: str) -> None:
        """Take more of the call's JSON; a second piece comes of long ones only."""
        if not self.sure and not self._first:
            self._first = piece
            return
        self.release()
        self._sink.arguments(piece)

    def end_call(self) -> None:
        """The call is complete."""
        if self.sure:
            self._sink.end_call()
        elif self._name is not None:
            self._held.append((self._name, self._first))
            self._name = None

    def release(self) -> None:
        """Let them go."""
        if self.sure:
            return
        self.sure = True
        for name, arguments in self._held:
            self._sink.begin_call(name)
            self._sink.arguments(arguments)
            self._sink.end_call()
        self._held.clear()
        if self._name is not None:
            self._sink.begin_call(self._name)
            self._sink.arguments(self._first)
