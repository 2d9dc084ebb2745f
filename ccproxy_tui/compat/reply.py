"""A reply in which tools are called in words, as one in which they are called."""

from collections.abc import Iterable
from typing import Final

from ccproxy_tui.compat.offer import Offer
from ccproxy_tui.compat.reader import Problem, Reader
from ccproxy_tui.protocols.hub import (
    ArgumentsDelta,
    BlockStart,
    BlockStop,
    Event,
    ReplyStart,
    ReplyStop,
    SignatureDelta,
    StopReason,
    TextDelta,
    ThinkingDelta,
    Usage,
)
from ccproxy_tui.protocols.stream import ReplyMachine

_CUT: Final = frozenset({"max_tokens", "overflow", "refusal", "pause_turn"})
_MOST_REPEATED: Final = 20_000
"""Characters of a reply, its last ones, that its model is shown again."""


class PromptedReply:
    """Takes an upstream's events and gives the client's.

    With `again`, a reply with a call that cannot be read has no end: it `wants_again`, `problem` says
    what is wrong, and the events of the model's next try belong behind those that were given.
    """

    def __init__(self, offer: Offer, *, again: bool, maker: str = "", whole: bool = False) -> None:
        """`whole`: the client gets the reply in one piece."""
        self._offer = offer
        self._machine = ReplyMachine(maker)
        self._whole = whole
        self._reader = Reader(offer, self, again=again, whole=whole)
        self._prompted = bool(offer.tools)
        self._text: list[str] = []
        self._json: list[str] = []
        """Of the call that is open; what comes at once goes out as one event."""
        self._written: list[str] = []
        self._length = 0
        self._calls = 0
        self._native: set[int] = set()
        self._text_last = False
        """Whether the last that went out was text."""
        self._joins = False
        """Whether the next text follows that of a try before."""
        self._said = False
        """Whether anything went out of this try."""
        self.first_problem: Problem | None = None
        """What could not be read in the try before."""
        self.left_as_text = False
        """Whether what could not be read of the try before went out as text."""
        self._left = ""
        """What could not be read, once the model is asked again."""
        self.before = Usage()
        """What the try before has cost, once the model is to be asked again."""

    @property
    def problem(self) -> Problem | None:
        """The first call that cannot be read."""
        return self._reader.problem

    @property
    def wants_again(self) -> bool:
        """Whether the model has to be asked again, as the client knows nothing of the problem."""
        return self._reader.over and self._reader.problem is not None

    @property
    def over(self) -> bool:
        """Whether nothing that may still come counts."""
        return self._reader.over

    @property
    def ended(self) -> bool:
        """Whether the client has the reply's end."""
        return self._machine.ended

    @property
    def forbids_calls(self) -> bool:
        """Whether the client wants none in this reply."""
        return self._offer.forbidden

    @property
    def calls(self) -> int:
        """How many calls there were."""
        return self._calls

    @property
    def written(self) -> str:
        """The last of what the model has written."""
        return "".join(self._written)[-_MOST_REPEATED:]

    def feed(self, events: Iterable[Event]) -> list[Event]:
        """Take more events; what is to become of an error is not decided here."""
        for event in events:
            self._take(event)
        self._say()
        return self._machine.take()

    def begin_again(self) -> None:
        """Expect the model's next try; a problem in it is text."""
        if (problem := self.problem) is not None:
            self._left = problem.raw + self._reader.unread
            self.first_problem = problem
        self._reader = Reader(self._offer, self, again=False, whole=self._whole)
        self._written.clear()
        self._said = False
        self._joins = self._text_last

    def give_up(self) -> list[Event]:
        """End the reply with what could not be read, as text."""
        self._say_left()
        self._say()
        self._machine.usage(self.before)
        self._finish(ReplyStop("end_turn", Usage()))
        return self._machine.take()

    def _say_left(self) -> None:
        self._joins = False
        self.text(self._left)
        self.left_as_text = bool(self._left)
        self._left = ""

    def stop(self) -> list[Event]:
        """End a reply of which nothing more counts, without having seen its end."""
        return self._end(ReplyStop("end_turn", Usage()))

    # what the reader finds

    def text(self, text: str) -> None:
        """Take text that is no call."""
        if self._joins and text.strip():
            text = f"\n\n{text.lstrip()}"
            self._joins = False
        self._text_last = self._said = True
        self._text.append(text)

    def begin_call(self, name: str) -> None:
        """A tool is called."""
        self._say()
        self._joins = self._text_last = False
        self._said = True
        self._calls += 1
        self._machine.tool(self._key, name=name)

    def arguments(self, piece: str) -> None:
        """Take more of its JSON."""
        self._json.append(piece)

    def end_call(self) -> None:
        """The call is complete."""
        self._say()
        self._machine.close(self._key)

    # what the upstream says

    def _take(self, event: Event) -> None:
        machine = self._machine
        match event:
            case TextDelta(text=text):
                self._read(text)
            case ReplyStart(id, model, usage):
                machine.start(id, model, usage)
            case BlockStart():
                self._open(event)
            case ThinkingDelta(text=text):
                machine.thinking(text)
            case SignatureDelta(signature=signature):
                machine.signature(signature)
            case ArgumentsDelta(index, piece):
                machine.arguments(("native", index), piece)
            case BlockStop(index):
                if index in self._native:
                    machine.close(("native", index))
            case ReplyStop():
                self._stop(event)

    def _read(self, text: str) -> None:
        if not self._prompted:
            self._text.append(text)
            return
        self._written.append(text)
        self._length += len(text)
        if self._length > 2 * _MOST_REPEATED:
            self._written = [self.written]
            self._length = len(self._written[0])
        self._reader.feed(text)

    def _open(self, block: BlockStart) -> None:
        if block.kind == "tool_use":
            self._native.add(block.index)
            self._machine.tool(("native", block.index), block.id, block.name)
        elif block.raw is not None and block.kind == "opaque":
            self._native.add(block.index)
            self._machine.server_tool(("native", block.index), block.raw)
        elif block.raw is not None:
            self._machine.whole(block.kind, block.raw)

    def _stop(self, stop: ReplyStop) -> None:
        self._reader.end(cut=stop.reason in _CUT)
        self._say()
        if self.wants_again:
            self.before = stop.usage
            return
        if self._left and not self._said:  # the second try has nothing to say
            self._say_left()
            self._say()
        self._finish(stop)

    def _end(self, stop: ReplyStop) -> list[Event]:
        self._reader.end(cut=False)
        self._say()
        self._finish(stop)
        return self._machine.take()

    def _finish(self, stop: ReplyStop) -> None:
        machine = self._machine
        machine.usage(stop.usage)
        first, second = self.before.output, stop.usage.output
        if first is not None and second is not None:
            machine.usage(Usage(output=first + second))
        # no client may take half a call for a whole one
        reason: StopReason = "max_tokens" if self._reader.left_open else stop.reason
        machine.finish(reason, stop.stop_sequence)
        machine.done()

    def _say(self) -> None:
        if self._text:
            self._machine.text("".join(self._text))
            self._text.clear()
        if self._json:
            self._machine.arguments(self._key, "".join(self._json))
            self._json.clear()

    @property
    def _key(self) -> object:
        return "called", self._calls
