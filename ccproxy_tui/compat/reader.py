"""A model's text, read for calls: which letters are the beginning of one, and which are just text.

Text goes on at once; held back is only what could still be the beginning of a call. Nothing is a
call in code, unless a code block begins with it; nor in quotes, or while the model thinks aloud.
"""

from dataclasses import dataclass
from typing import Final

from ccproxy_tui.compat import openings
from ccproxy_tui.compat.call import CallRules, CallWriter
from ccproxy_tui.compat.json_call import read_arguments, read_objects
from ccproxy_tui.compat.offer import Offer
from ccproxy_tui.compat.problems import CallCutError, CallProblemError
from ccproxy_tui.compat.sinks import GuessedCalls, Prose, Sink, SureCalls
from ccproxy_tui.compat.source import Source, Steps
from ccproxy_tui.compat.tagged import FUNCTION, INVOKE, read_call

_MOST_UNREAD: Final = 20_000
"""Characters behind a problem that are kept."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A call that cannot be read."""

    raw: str
    """What the model has written, as far as it was read."""
    words: str
    """Why it cannot be read."""


class Reader:
    """Reads the text of one reply.

    With `again` the first call that cannot be read ends it: the model is to be asked once more.
    Without, it is text, and so is all that follows: it may be quoted in what was not understood.
    """

    def __init__(self, offer: Offer, sink: Sink, *, again: bool, whole: bool = False) -> None:
        """`whole`: nobody waits for parts of a call, so that none has to go out before its end."""
        self.problem: Problem | None = None
        """The first call that cannot be read."""
        self.over = False
        """Whether nothing more of the reply counts."""
        self.left_open = False
        """Whether the client has a part of a call whose rest never came."""
        self._offer = offer
        self._source = Source()
        self._again = again
        self._whole = whole
        self._prose = Prose(sink)
        self._sure = SureCalls(sink, self._let_go)
        self._guessed: GuessedCalls | None = None
        self._writer: CallWriter | None = None
        self._called = False
        """Whether there was a call."""
        self._deaf = False
        """Whether all that comes is text."""
        self._span = 0
        """How many backticks close the inline code that is open on this line; 0: none is."""
        self._fence = ""
        """What closes the code block that is open; empty: none is."""
        self._block_of_calls = False
        """Whether that one has begun with a call."""
        self._buried = False
        """Whether there was a call in another one."""
        self._steps = self._read()
        next(self._steps, None)

    def feed(self, piece: str) -> None:
        """Take more of the text."""
        if not self.over:
            self._source.feed(piece)
            next(self._steps, None)
        elif self.problem is not None and len(self.unread) < _MOST_UNREAD:
            self._source.feed(piece)

    @property
    def unread(self) -> str:
        """What came behind the problem."""
        return self._source.text[self._source.at :]

    def end(self, *, cut: bool) -> None:
        """Say that the reply has ended, or that it was `cut` off at its longest."""
        if self._source.ended:
            return
        self._source.end(cut=cut)
        next(self._steps, None)
        if self._buried and self._fence and self._again and not (cut or self.over):
            self._refuse_rest(
                "it stands in a code block with other things in it, and without an end"
            )
        self._prose.end()

    # text, and what opens a call in it

    def _read(self) -> Steps[None]:
        source = self._source
        while not self.over:
            mark = None if self._deaf else openings.MARKS.search(source.text, source.at)
            text = source.take(len(source.text) if mark is None else mark.start())
            self._prose.text(text)
            if "\n" in text:
                self._span = 0
            if mark is None:
                if not (yield from source.more()):
                    return
            elif self._fence:
                yield from self._read_in_block()
            elif self._prose.quoted or (source.before in "\"'" and mark[0] in "<["):
                self._pass_mark()
            elif mark[0] in "`~":
                yield from self._read_code()
            elif self._span:
                self._pass_mark()
            else:
                yield from self._read_mark()

    def _pass_mark(self) -> None:
        self._prose.text(self._source.take(self._source.at + 1))

    def _read_mark(self) -> Steps[None]:
        begins_line = self._prose.begins_line
        pattern = openings.LINE_OPENING if begins_line else openings.OPENING
        found = yield from self._source.match(pattern)
        kind = None if found is None else found.lastgroup
        if found is None or kind is None or (kind == "response" and not self._called):
            self._pass_mark()
        elif kind in ("result", "response"):
            self.over = True  # the model makes up what a tool would say
        elif kind == "aside":
            yield from self._read_aside(openings.ASIDES[found[0].lower()])
        else:
            self._source.keep()
            yield from self._read_calls(kind)

    def _read_aside(self, end: str) -> Steps[None]:
        """Read what the model says to itself, up to its end."""
        source = self._source
        while True:
            at = source.text.find(end, source.at)
            if at >= 0:
                self._prose.text(source.take(at + len(end)))
                return
            self._prose.text(source.take(max(source.at, len(source.text) - len(end) + 1)))
            if not (yield from source.more()):
                self._prose.text(source.take_all())
                return

    # code

    def _read_code(self) -> Steps[None]:
        """Read backticks: those of inline code, or of a code block."""
        source = self._source
        if not self._span:
            call = yield from source.match(openings.FENCED_CALL)
            if call is not None:
                source.keep()
                source.take(call.end())
                self._fence, self._block_of_calls = call["fence"], True
                kind = next(name for name in openings.KINDS if call[name] is not None)
                yield from self._read_calls(kind)
                return
            fence = yield from source.match(openings.FENCE)
            if fence is not None and (fence["fence"][0] == "`" or self._prose.begins_line):
                self._fence = fence["fence"]
                self._prose.text(source.take(fence.end()))
                return
        run = yield from source.accept(openings.BACKTICKS, openings.LAST_BACKTICKS)
        if run is None:
            self._pass_mark()
            return
        self._prose.text(run[0])
        if self._span in (0, len(run[0])):
            self._span = len(run[0]) - self._span

    def _read_in_block(self) -> Steps[None]:
        """Read on in a code block: only what begins a line may be more than text."""
        source = self._source
        if self._prose.begins_line:
            end, last = openings.block_end(self._fence)
            closed = yield from source.match(end, last)
            if closed is not None:
                self._close_block()
                self._prose.text(source.take(closed.end()))
                return
            found = yield from source.match(openings.OPENING)
            kind = None if found is None else found.lastgroup
            if kind in openings.KINDS and self._block_of_calls:
                source.keep()
                yield from self._read_calls(str(kind))
                return
            self._buried = self._buried or kind == "own"
        self._pass_mark()

    def _close_block(self) -> None:
        self._fence, self._block_of_calls, self._buried = "", False, False

    # calls

    def _read_calls(self, kind: str) -> Steps[None]:
        """Read what begins here, and what closes it; what is read is kept as long as it may fail."""
        source = self._source
        self._writer = None
        self._guessed = GuessedCalls(self._sure) if kind == "json" else None
        try:
            yield from self._calls(kind)
            if self._guessed is not None:
                yield from self._make_sure(self._guessed)
        except (CallCutError, CallProblemError) as error:
            if self._is_out:  # nobody may take what there is of it for the whole
                self.left_open = self.over = True
            elif isinstance(error, CallCutError):
                self._prose.text(source.kept())
            elif self._guessed is not None:
                self._block_of_calls = False
                self._prose.text(source.kept() or source.take(source.at + 1))
            else:
                self._refuse_rest(str(error))
            return
        self._called = True
        self._prose.after_call()
        while (
            yield from source.accept(openings.AROUND_CLOSE, openings.LAST_AROUND_CLOSE)
        ) is not None:
            if source.ended and source.is_drained:
                break
        if self._block_of_calls and (
            yield from source.accept(openings.FENCE_CLOSE, openings.LAST_FENCE_CLOSE)
        ):
            self._close_block()

    def _make_sure(self, guessed: GuessedCalls) -> Steps[None]:
        """Let guessed calls go if they are all that there is in their code block."""
        if self._block_of_calls and not guessed.sure:
            end = yield from self._source.match(openings.FENCE_CLOSE, openings.LAST_FENCE_CLOSE)
            if end is None:
                raise CallProblemError("there is more than calls in the code block")
        guessed.release()

    def _refuse_rest(self, words: str) -> None:
        """Ask the model again for what cannot be read, or take it for text."""
        raw = self._source.kept()
        if self._again:
            self.problem, self.over = Problem(self._prose.held() + raw, words), True
        else:
            self.problem, self._deaf = Problem(raw, words), True
            self._prose.text(raw)

    def _begin(self, name: str) -> CallWriter:
        """Begin a call; raises `CallProblemError` when it cannot be made."""
        if self._offer.forbidden:
            raise CallProblemError("no tool may be called in this reply")
        tool = self._offer.find(name)
        if tool is None:
            raise CallProblemError(self._offer.unknown(name))
        guessed = self._guessed is not None
        # where the model can be told of it, it need not be the client that refuses the call
        rules = CallRules(complete=guessed or self._again, known=guessed, whole=self._whole)
        self._writer = CallWriter(tool, self._guessed or self._sure, rules)
        return self._writer

    @property
    def _is_out(self) -> bool:
        """Whether the client has a part of the call that is being read."""
        if self._guessed is not None and not self._guessed.sure:
            return False
        return self._writer is not None and self._writer.is_out

    def _let_go(self) -> None:
        self._source.forget()
        self._prose.before_call()

    def _calls(self, kind: str) -> Steps[None]:
        match kind:
            case "hermes":
                return self._hermes()
            case "mistral":
                return self._mistral()
            case "json":
                return self._guess()
            case "around":
                return self._around()
        return read_call(self._source, openings.TAGS[kind], self._begin)

    def _around(self) -> Steps[None]:
        """Read past a tag around calls that are tagged themselves."""
        yield from self._source.accept(openings.OPENING)
        inner = yield from self._source.match(openings.OPENING)
        tags = INVOKE if inner is not None and inner.lastgroup == "invoke" else FUNCTION
        yield from read_call(self._source, tags, self._begin)

    def _hermes(self) -> Steps[None]:
        yield from self._source.accept(openings.OPENING)
        yield from read_objects(self._source, self._begin)
        self._source.keep()
        while (yield from self._source.accept(openings.NEXT_OBJECT)) is not None:
            yield from read_objects(self._source, self._begin)
            self._source.keep()

    def _guess(self) -> Steps[None]:
        yield from self._source.accept(openings.LEADING_MARK)
        yield from read_objects(self._source, self._begin, strict=True)
        while (yield from self._source.accept(openings.NEXT_GUESS)) is not None:
            yield from read_objects(self._source, self._begin, strict=True)

    def _mistral(self) -> Steps[None]:
        source = self._source
        while (yield from source.accept(openings.MISTRAL)) is not None:
            named = yield from source.accept(openings.MISTRAL_NAME)
            if named is None:
                yield from read_objects(source, self._begin)
                source.keep()
            while named is not None:
                writer = self._begin(named["name"])
                yield from read_arguments(source, writer)
                writer.end()
                source.keep()
                named = yield from source.accept(openings.MISTRAL_NAME)
