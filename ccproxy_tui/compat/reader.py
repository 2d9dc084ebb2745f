"""A model's text, read for calls: which letters are the beginning of one, and which are just text.

Text goes on at once; held back is only what could still be the beginning of a call. Nothing is a
call in inline code, in a code block that does not begin with one, or while the model thinks aloud.
"""

import re
from dataclasses import dataclass
from typing import Final

import regex

from ccproxy_tui.compat.call import (
    CallCutError,
    CallOpenError,
    CallProblemError,
    CallTooLongError,
    CallWriter,
)
from ccproxy_tui.compat.json_call import SHAPE, read_arguments, read_objects
from ccproxy_tui.compat.offer import Offer
from ccproxy_tui.compat.sinks import GuessedCalls, Prose, Sink, SureCalls
from ccproxy_tui.compat.source import Source, Steps
from ccproxy_tui.compat.tagged import FUNCTION, INVOKE, OWN, Tags, read_call, skip_call

_KINDS: Final = ("own", "function", "invoke", "around", "hermes", "mistral", "json")
_TAGS: Final[dict[str, Tags]] = {"own": OWN, "function": FUNCTION, "invoke": INVOKE}


def _unnamed(tags: Tags) -> str:
    return re.sub(r"\?P<\w+>", "?:", tags.open.pattern)


_OWN: Final = rf"(?P<own>(?={_unnamed(OWN)}\s*[<{{]))"
_TAGGED: Final = (
    rf"{_OWN}"
    rf"|(?P<function>(?={_unnamed(FUNCTION)}\s*(?:<parameter=|[^<{{]{{0,500}}</function|\{{)))"
    rf"|(?P<invoke>(?={_unnamed(INVOKE)}\s*[<{{]))"
    r"|(?P<hermes><tool_call\s*>\s*(?=[\[{]))"
    r"|(?P<mistral>(?=\[TOOL_CALLS\]\s*(?:[\[{]|[\w.:/-]{1,200}\s*[\[{])))"
    r"|(?P<around><(?:tool_call|function_calls|minimax:tool_call)\s*>\s*(?=<(?:function=|invoke\s)))"
)
"""What opens a call: with what has to follow, as the marks alone may just be spoken of."""
_MARK: Final = r"(?:<tools>|<\|python_tag\|>|\[TOOL_REQUEST\])\s*"
"""What models put before the JSON of a call, and sometimes before other JSON."""
_JSON: Final = rf"(?P<json>(?:{_MARK})?(?:\[\s*)?{SHAPE})"
_MARKED_JSON: Final = rf"(?P<json>{_MARK}(?:\[\s*)?{SHAPE})"
_OPENING: Final = regex.compile(rf"{_TAGGED}|(?P<think><think>)|{_MARKED_JSON}", regex.IGNORECASE)
_LINE_OPENING: Final = regex.compile(
    rf"{_TAGGED}|(?P<think><think>)|(?P<result><cs:tool_result(?=[\s>]))"
    rf"|(?P<response></?tool_response>)|{_JSON}|(?P<fence>```)",
    regex.IGNORECASE,
)
_OWN_OPENING: Final = regex.compile(_OWN, regex.IGNORECASE)
_FENCED_CALL: Final = regex.compile(
    rf"(?P<ticks>```+)[\w-]*[ \t]*\r?\n\s*(?=(?:{_TAGGED}|{_JSON}))", regex.IGNORECASE
)
_FENCE: Final = regex.compile(r"(?P<ticks>```+)[^`\n]*(?=\n)")
_FENCE_CLOSE: Final = regex.compile(r"\s*```+[ \t]*(?=\r?\n)")
_LAST_FENCE_CLOSE: Final = regex.compile(r"\s*(?:```+[ \t]*(?=\r?\n|\Z)|`{0,2}\Z)")
_AROUND_CLOSE: Final = regex.compile(
    r"[\s}\]]*(?:\[END_TOOL_REQUEST\]|<\|(?:eom|eot)_id\|>"
    r"|</(?:cs:tool_use|tool_calls?|tools|function_calls|minimax:tool_call|function|invoke)\s*>)",
    regex.IGNORECASE,
)
_LAST_AROUND_CLOSE: Final = regex.compile(
    rf"{_AROUND_CLOSE.pattern}|[\s}}\]]*(?:<(?:/[\w:]*)?)?\Z", regex.IGNORECASE
)
_LEADING_MARK: Final = regex.compile(_MARK, regex.IGNORECASE)
_HERMES_CLOSE: Final = regex.compile(r"</tool_call\s*>", regex.IGNORECASE)
_NEXT_OBJECT: Final = regex.compile(r"[\s,;]*(?=[\[{])")
_NEXT_GUESS: Final = regex.compile(rf"[\s,;]*(?={SHAPE})")
_MISTRAL: Final = regex.compile(r"\s*\[TOOL_CALLS\]")
_MISTRAL_NAME: Final = regex.compile(
    r"\s*(?P<name>[\w.:/-]{1,200})\s*(?:\[CALL_ID\][^\[]*)?(?:\[ARGS\])?\s*(?=\{)"
)
_MARKS: Final = re.compile(r"[<`{\[]")
_THINK_END: Final = "</think>"
_MOST_UNREAD: Final = 20_000
"""Characters behind a problem that are kept."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A call that cannot be read."""

    raw: str
    """What the model has written."""
    words: str
    """Why it cannot be read."""


class Reader:
    """Reads the text of one reply.

    With `again` the first call that cannot be read ends it: the model is to be asked once more.
    Without, such a call is text.
    """

    def __init__(self, offer: Offer, sink: Sink, *, again: bool) -> None:
        self.problem: Problem | None = None
        """The first call that cannot be read."""
        self.over = False
        """Whether nothing more of the reply counts."""
        self.left_open = False
        """Whether the client has a part of a call whose rest never came."""
        self._offer = offer
        self._source = Source()
        self._again = again
        self._prose = Prose(sink)
        self._sure = SureCalls(sink, self._let_go)
        self._guessed: GuessedCalls | None = None
        self._writer: CallWriter | None = None
        self._called = False
        """Whether there was a call."""
        self._ticks = 0
        """How many backticks close the code block that is open; 0: none is."""
        self._block_of_calls = False
        """Whether the code block that is open has begun with a call."""
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
        if not self._source.ended:
            self._source.end(cut=cut)
            next(self._steps, None)
            self._prose.end()

    # text, and what opens a call in it

    def _read(self) -> Steps[None]:
        source = self._source
        while not self.over:
            mark = _MARKS.search(source.text, source.at)
            self._prose.text(source.take(len(source.text) if mark is None else mark.start()))
            if mark is None:
                if not (yield from source.more()):
                    return
            elif source.before == "`" and mark[0] != "`":
                self._pass_mark()
            elif self._ticks:
                yield from self._read_in_block()
            else:
                yield from self._read_mark()

    def _pass_mark(self) -> None:
        self._prose.text(self._source.take(self._source.at + 1))

    def _read_mark(self) -> Steps[None]:
        begins_line = self._prose.begins_line
        found = yield from self._source.match(_LINE_OPENING if begins_line else _OPENING)
        kind = None if found is None else found.lastgroup
        if kind is None:
            self._pass_mark()
        elif kind == "result" or (kind == "response" and self._called):
            self.over = True  # the model makes up what a tool would say
        elif kind == "response":
            self._pass_mark()
        elif kind == "think":
            yield from self._think()
        elif kind == "fence":
            yield from self._open_block()
        else:
            self._source.keep()
            yield from self._read_calls(kind)

    def _read_in_block(self) -> Steps[None]:
        """Read on in a code block: only what begins a line may be more than text."""
        source, ticks = self._source, f"`{{{self._ticks},}}[ \t]*"
        if self._prose.begins_line:
            closing = rf"{ticks}(?=\r?\n)", rf"{ticks}(?=\r?\n|\Z)"
            end = yield from source.match(regex.compile(closing[0]), regex.compile(closing[1]))
            if end is not None:
                self._close_block()
                self._prose.text(source.take(end.end()))
                return
            opening = _OPENING if self._block_of_calls else _OWN_OPENING
            found = yield from source.match(opening)
            if found is not None and found.lastgroup in _KINDS:
                source.keep()
                yield from self._read_calls(found.lastgroup)
                return
        self._pass_mark()

    def _open_block(self) -> Steps[None]:
        source = self._source
        call = yield from source.match(_FENCED_CALL)
        if call is not None:
            source.keep()
            source.take(call.end())
            self._ticks, self._block_of_calls = len(call["ticks"]), True
            kind = next(name for name in _KINDS if call[name] is not None)
            yield from self._read_calls(kind)
            return
        opening = yield from source.match(_FENCE)
        self._ticks = 0 if opening is None else len(opening["ticks"])
        self._prose.text(source.take(source.at + 3 if opening is None else opening.end()))

    def _close_block(self) -> None:
        self._ticks, self._block_of_calls = 0, False

    def _think(self) -> Steps[None]:
        source = self._source
        while True:
            at = source.text.find(_THINK_END, source.at)
            if at >= 0:
                self._prose.text(source.take(at + len(_THINK_END)))
                return
            self._prose.text(source.take(max(source.at, len(source.text) - len(_THINK_END) + 1)))
            if not (yield from source.more()):
                self._prose.text(source.take_all())
                return

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
        except CallCutError:
            self.left_open = self._is_out
            if not self._is_out:
                self._prose.text(source.kept())
            return
        except CallProblemError as error:
            if isinstance(error, CallOpenError) and self._is_out:
                self.left_open = True
                return
            if kind != "json" and not isinstance(error, CallTooLongError):
                yield from self._skip(kind)
            self._refuse(str(error), guessed=kind == "json")
            return
        self._called = True
        self._prose.after_call()
        while (yield from source.accept(_AROUND_CLOSE, _LAST_AROUND_CLOSE)) is not None:
            if source.ended and source.is_drained:
                break
        closed = self._block_of_calls and (
            yield from source.accept(_FENCE_CLOSE, _LAST_FENCE_CLOSE)
        )
        if closed:
            self._close_block()

    def _make_sure(self, guessed: GuessedCalls) -> Steps[None]:
        """Let guessed calls go if they are all that there is in their code block."""
        if self._block_of_calls and not guessed.sure:
            end = yield from self._source.match(_FENCE_CLOSE, _LAST_FENCE_CLOSE)
            if end is None:
                raise CallProblemError("there is more than calls in the code block")
        guessed.release()

    def _refuse(self, words: str, *, guessed: bool) -> None:
        """Take what cannot be read for text, or for a problem."""
        source = self._source
        if self._is_out:
            if self._writer is not None:
                self._writer.end()
            self._prose.after_call()
            return
        raw = source.kept()
        self._block_of_calls = False
        if not guessed and self.problem is None:
            self.problem = Problem(raw, words)
        if self._again and not guessed:
            self.problem = Problem(self._prose.held() + raw, words)
            self.over = True
        elif raw:
            self._prose.text(raw)
        else:
            self._pass_mark()

    def _skip(self, kind: str) -> Steps[None]:
        """Read to the end of a call that cannot be read."""
        source = self._source
        if kind in _TAGS:
            yield from skip_call(source, _TAGS[kind].close)
        elif kind in ("hermes", "around"):
            yield from skip_call(source, _HERMES_CLOSE.pattern)
        else:
            source.take_all()
            while (yield from source.more()):
                source.take_all()

    def _begin(self, name: str) -> CallWriter:
        """Begin a call; raises `CallProblemError` when it cannot be made."""
        if self._offer.forbidden:
            raise CallProblemError("no tool may be called in this reply")
        tool = self._offer.find(name)
        if tool is None:
            raise CallProblemError(self._offer.unknown(name))
        self._writer = CallWriter(tool, self._guessed or self._sure)
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
        return read_call(self._source, _TAGS[kind], self._begin)

    def _around(self) -> Steps[None]:
        """Read past a tag around calls that are tagged themselves."""
        yield from self._source.accept(_OPENING)
        inner = yield from self._source.match(_OPENING)
        tags = INVOKE if inner is not None and inner.lastgroup == "invoke" else FUNCTION
        yield from read_call(self._source, tags, self._begin)

    def _hermes(self) -> Steps[None]:
        yield from self._source.accept(_OPENING)
        yield from read_objects(self._source, self._begin)
        self._source.keep()
        while (yield from self._source.accept(_NEXT_OBJECT)) is not None:
            yield from read_objects(self._source, self._begin)
            self._source.keep()

    def _guess(self) -> Steps[None]:
        yield from self._source.accept(_LEADING_MARK)
        yield from read_objects(self._source, self._begin, strict=True)
        while (yield from self._source.accept(_NEXT_GUESS)) is not None:
            yield from read_objects(self._source, self._begin, strict=True)

    def _mistral(self) -> Steps[None]:
        source = self._source
        while (yield from source.accept(_MISTRAL)) is not None:
            named = yield from source.accept(_MISTRAL_NAME)
            if named is None:
                yield from read_objects(source, self._begin)
                source.keep()
            while named is not None:
                writer = self._begin(named["name"])
                yield from read_arguments(source, writer)
                writer.end()
                source.keep()
                named = yield from source.accept(_MISTRAL_NAME)
