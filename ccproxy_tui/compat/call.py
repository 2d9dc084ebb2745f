"""One call of a tool on its way to the client: its arguments become JSON as they are read."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

from ccproxy_tui.compat.coercion import Shape, coerce, from_text, is_plain_text
from ccproxy_tui.compat.offer import OfferedTool
from ccproxy_tui.compat.problems import CallProblemError

LONG: Final = 256
"""Characters of a string from which on it goes out while it is written."""


_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class CallSink(Protocol):
    """Where calls go."""

    def begin_call(self, name: str) -> None:
        """A tool is called."""

    def arguments(self, piece: str) -> None:
        """Take more of the call's JSON."""

    def end_call(self) -> None:
        """The call is complete."""


@dataclass(frozen=True, slots=True)
class CallRules:
    """What has to be true of a call."""

    complete: bool = False
    """It has all arguments that the tool requires."""
    known: bool = False
    """It has no others than those that the tool lists."""
    whole: bool = False
    """No part of it goes out before its end, however long it is."""


class CallWriter:
    """Holds a call until it is complete, so that one that cannot be read can be taken back.

    A long string lets it go before, and from then on nothing is refused any more: what is not
    what the schema wants is passed on as it is, for the client to refuse.
    """

    def __init__(self, tool: OfferedTool, sink: CallSink, rules: CallRules) -> None:
        self.tool = tool
        self._rules = rules
        self.committed = False
        """Whether the client has a part of it."""
        self._sink = sink
        self._names: set[str] = set()
        self._ended = False
        self._held: list[str] = []
        self._characters = 0
        self._open = False

    @property
    def is_out(self) -> bool:
        """Whether the client has a part of it, and waits for the rest."""
        return self.committed and not self._ended

    @property
    def empty(self) -> bool:
        """Whether it has no argument yet."""
        return not self._names

    def streams(self, name: str, declared: str = "") -> bool:
        """Whether an argument is a string whatever it says, to be written piece by piece."""
        return is_plain_text(self._shape(name), declared)

    def is_string(self, name: str) -> bool:
        """Whether the schema wants a string."""
        return self._shape(name).kinds == {"string"}

    def put_text(self, name: str, text: str, declared: str) -> None:
        """Write an argument that was written as text; raises `CallProblemError`."""
        self._put(name, text, lambda shape: from_text(text, declared, shape))

    def put(self, name: str, value: Any) -> None:
        """Write an argument that is JSON already; raises `CallProblemError`."""
        shape = self._shape(name)
        optional = name not in self.tool.arguments.required
        if value is None and optional and shape.kinds and "null" not in shape.kinds:
            return  # said by models for what they leave out
        self._put(name, value, lambda shape: coerce(value, shape))

    def put_all(self, values: dict[str, Any]) -> None:
        """Write arguments that are JSON already; raises `CallProblemError`."""
        for name, value in values.items():
            self.put(name, value)

    def begin_string(self, name: str) -> None:
        """Begin an argument that is written piece by piece."""
        self._open = self._begin(name)
        if self._open:
            self._write('"')

    def string(self, piece: str) -> None:
        """Write more of it."""
        if piece and self._open:
            self._characters += len(piece)
            self._write(_json(piece)[1:-1])
            if not (self.committed or self._rules.whole) and self._characters > LONG:
                self._commit()

    def end_string(self) -> None:
        """End it."""
        if self._open:
            self._open = False
            self._write('"')

    def end(self) -> None:
        """Let the call go out, complete; raises `CallProblemError` when it breaks the rules."""
        self.end_string()
        if not self.committed:
            self._check()
        self._write("}" if self._names else "{}")
        self._commit()
        self._ended = True
        self._sink.end_call()

    def _put(self, name: str, given: Any, read: Callable[[Shape], Any]) -> None:
        try:
            said = _json(read(self._shape(name)))
        except (ValueError, OverflowError, RecursionError) as error:
            if not self.committed:
                raise CallProblemError(f"argument {name}: {error}") from error
            said = _json(given if isinstance(given, str) else str(given))
        if self._begin(name):
            self._write(said)

    def _check(self) -> None:
        shape, rules = self.tool.arguments, self._rules
        if rules.complete and (missing := shape.required - self._names):
            raise CallProblemError(f"it lacks the arguments {', '.join(sorted(missing))}")
        if rules.known and shape.names and (unknown := self._names - shape.names):
            raise CallProblemError(f"there are no arguments {', '.join(sorted(unknown))}")

    def _shape(self, name: str) -> Shape:
        return self.tool.arguments.member(name)

    def _begin(self, name: str) -> bool:
        """Write an argument's name; of two of the same name the first counts."""
        if name in self._names:
            return False
        before = "," if self._names else "{"
        self._names.add(name)
        self._write(f"{before}{json.dumps(name, ensure_ascii=False)}:")
        return True

    def _write(self, piece: str) -> None:
        if self.committed:
            self._sink.arguments(piece)
        else:
            self._held.append(piece)

    def _commit(self) -> None:
        if not self.committed:
            self.committed = True
            self._sink.begin_call(self.tool.name)
            self._sink.arguments("".join(self._held))
            self._held.clear()


def _json(value: Any) -> str:
    """Write JSON; raises `ValueError` for numbers that it cannot say. Halves of emojis are joined."""
    said = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    if _SURROGATE.search(said):
        return said.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return said
