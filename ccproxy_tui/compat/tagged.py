"""Calls that are written as tags, one for each argument.

Our own grammar, which is that of CCProxy's prompts, and two that models were trained on: Qwen's
coder (`<function=name><parameter=key>`, github.com/QwenLM/Qwen3-Coder, qwen3coder_tool_parser.py)
and `<invoke name="…"><parameter name="…">` (MiniMax-M2's model card).
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from html import unescape
from typing import Final, NoReturn

import regex

from ccproxy_tui.compat.call import CallWriter
from ccproxy_tui.compat.json_call import read_arguments
from ccproxy_tui.compat.problems import CallProblemError, bounded, check_cut, ended_inside
from ccproxy_tui.compat.source import Match, Pattern, Source, Steps
from ccproxy_tui.compat.values import read_value

_ATTRIBUTE: Final = re.compile(r"""([\w:.-]+)\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""")
_INSIDE: Final = r"""(?:"[^"]{0,1000}"|'[^']{0,1000}'|[^>"'<]){0,500}+"""
"""The inside of an opening tag, attributes with `>` in their values included."""
_ARGUMENTS: Final = "(?:args|arguments|parameters)"
_NAME: Final = regex.compile(
    r"\s*+(?:<id\s*+>[^<]{0,200}</id\s*+>\s*+)?"
    r"<name\s*+>\s*+(?P<name>[^<\n]{1,200}+)(?:\s*+</name\s*+>|(?=[<\n]))",
    regex.IGNORECASE,
)
_STILL_INSIDE: Final = regex.compile(
    rf"\s{{0,200}}+(?:</tool_call>\s{{0,200}}+)?</(?:arg|parameter|{_ARGUMENTS})\s*>",
    regex.IGNORECASE,
)
"""What closes a value: the call that seems to end before it was part of that value."""
_NEXT: Final = re.compile(r"[<{]")


@dataclass(frozen=True)
class Tags:
    """One grammar of tags."""

    open: Pattern
    """Opens a call; may hold its `name`, and attributes in `inside`."""
    close: str
    """Closes a call, as a pattern."""
    argument: str
    """Opens an argument, as a pattern; holds its name as `key`, or attributes as `inside`."""
    argument_close: str
    named: bool = False
    """Whether the call's name is in a tag of its own."""
    layout: bool = False
    """Whether a line break around a value is no part of it."""
    entities: bool = False
    """Whether a value may be escaped."""

    @cached_property
    def tokens(self) -> Pattern:
        """What may stand inside a call."""
        return regex.compile(
            rf"(?P<close>{self.close})|(?P<argument>{self.argument})"
            r"|(?P<skip><id\s*>[^<]*</id\s*>|<name\s*>[^<]*</name\s*>|</name\s*>"
            rf"|</?{_ARGUMENTS}\s*/?>)"
            rf"|<(?P<custom>(?!(?:id|name|{_ARGUMENTS})\s*>)[A-Za-z_][\w.-]*)\s*>|(?P<json>\{{)",
            regex.IGNORECASE,
        )

    def value_end(self, tag: str, names: Iterable[str], *, last: bool) -> Pattern:
        """What ends a value: its closing tag, if only the right things follow, or the call's end.

        `names` may be tags of other arguments. At the `last`, when the text has ended, nothing has
        to follow.
        """
        others = "|".join(regex.escape(name) for name in sorted(names)) or self.argument
        follows = rf"{self.argument}|<(?:{others})\s*>|</{_ARGUMENTS}\s*>|{self.close}"
        nothing = r"|\s*+(?:</?[\w:.-]*+\s*+)?\Z" if last else ""
        rest = rf"(?:</{_ARGUMENTS}\s*+>\s*+)?{self.close}"
        unclosed = rf"|(?=\s{{0,200}}{self.argument})" if self.layout else ""
        pattern = rf"{tag}(?=\s*+(?:{follows}){nothing})|(?={rest}){unclosed}"
        return regex.compile(unnamed(pattern), regex.IGNORECASE)


def unnamed(pattern: Pattern | str) -> str:
    """Give a pattern without the names of its groups, of which each may be there but once."""
    text = pattern if isinstance(pattern, str) else pattern.pattern
    return re.sub(r"\?P<\w+>", "?:", text)


OWN: Final = Tags(
    # models also take the tag of the list of tools, or leave out the prefix
    open=regex.compile(
        rf"<(?:cs:tool(?:_use)?|tool_use)(?=[\s>])(?P<inside>{_INSIDE})>", regex.IGNORECASE
    ),
    close=r"</(?:cs:tool(?:_use)?|tool_use)\s*>",
    argument=rf"<arg\b(?P<inside>{_INSIDE})>",
    argument_close=r"</arg\s*>",
    named=True,
    entities=True,
)
FUNCTION: Final = Tags(
    open=regex.compile(r"<function=(?P<name>[^>\n]{1,200})>", regex.IGNORECASE),
    close=r"(?:</function\s*>|(?=</tool_call\s*>))",
    argument=r"<parameter=(?P<key>[^>\n<]{1,200}+)>",
    argument_close=r"</parameter\s*>",
    layout=True,
)
INVOKE: Final = Tags(
    open=regex.compile(rf"<invoke\s(?P<inside>{_INSIDE})>", regex.IGNORECASE),
    close=r"</invoke\s*>",
    argument=rf"<parameter\b(?P<inside>{_INSIDE})>",
    argument_close=r"</parameter\s*>",
)


def read_call(source: Source, tags: Tags, begin: Callable[[str], CallWriter]) -> Steps[None]:
    """Read a call, its opening tag included, which is there.

    Raises `CallProblemError` when it cannot be read, and `CallCutError`.
    """
    opening = yield from source.accept(tags.open)
    if opening is None:
        raise CallProblemError("its opening tag is not complete")
    name = opening.groupdict().get("name") or _attributes(opening).get("name", "")
    if tags.named and not name:
        named = yield from source.accept(_NAME)
        if named is None:
            _give_up(source, "it has no <name>")
        name = named["name"]
    yield from _Body(source, tags, begin(name.strip().strip("\"'"))).read()


class _Body:
    def __init__(self, source: Source, tags: Tags, writer: CallWriter) -> None:
        self._source = source
        self._tags = tags
        self._writer = writer
        self._tokens = tags.tokens
        self._stray = ""

    def read(self) -> Steps[None]:
        source, writer = self._source, self._writer
        while True:
            yield from source.skip_space()
            if source.is_drained:
                check_cut(source)
                break
            token = yield from source.match(self._tokens)
            if token is None:
                self._skip_stray()
            elif token["json"]:
                yield from read_arguments(source, writer)
            else:
                source.take(token.end())
                if token["close"] is not None:
                    break
                if token["argument"]:
                    yield from self._argument(token)
                elif name := token["custom"]:
                    yield from self._custom(name)
        if writer.empty and self._stray:
            raise CallProblemError("its arguments cannot be read")
        if (yield from source.match(_STILL_INSIDE)) is not None:
            raise CallProblemError("a value that has such tags in it has to be in CDATA")
        writer.end()

    def _custom(self, name: str) -> Steps[None]:
        """Read an argument that has a tag of its own name."""
        known = self._writer.tool.arguments.names
        if known and name not in known:
            self._stray = name
            return
        yield from self._value(name, "", rf"</{regex.escape(name)}\s*+>")

    def _skip_stray(self) -> None:
        """Read what is no token, up to where the next one may begin."""
        found = _NEXT.search(self._source.text, self._source.at + 1)
        stray = self._source.take(found.start() if found else len(self._source.text))
        self._stray = (self._stray + stray).strip()[:1]

    def _argument(self, opening: Match) -> Steps[None]:
        given = _attributes(opening)
        key = opening.groupdict().get("key") or given.get("name") or ""
        name, declared = key.strip().strip("\"'"), given.get("type", "")
        if not name:
            _give_up(self._source, "an argument has no name")
        if opening[0].endswith("/>"):
            self._writer.put_text(name, given.get("value", ""), declared)
            return
        yield from self._value(name, declared, self._tags.argument_close, given)

    def _value(
        self, name: str, declared: str, tag: str, given: dict[str, str] | None = None
    ) -> Steps[None]:
        tags, source, writer = self._tags, self._source, self._writer
        names = writer.tool.arguments.names
        end = tags.value_end(tag, names, last=False)
        last = tags.value_end(tag, names, last=True)
        if writer.streams(name, declared) and not (given and "value" in given):
            writer.begin_string(name)
            whole = yield from read_value(
                source, end, last, writer.string, layout=tags.layout, entities=tags.entities
            )
            if not whole:
                ended_inside(source)
            writer.end_string()
            return
        parts: list[str] = []
        whole = yield from read_value(
            source, end, last, bounded(parts), layout=tags.layout, entities=tags.entities
        )
        if not whole:
            ended_inside(source)
        text = "".join(parts)
        if given and "value" in given and not text.strip():
            text = given["value"]
        writer.put_text(name, text, declared)


def _attributes(opening: Match) -> dict[str, str]:
    inside = opening.groupdict().get("inside") or ""
    return {
        name.lower(): unescape(value[1:-1] if value[0] in "\"'" else value.rstrip("/"))
        for name, value in _ATTRIBUTE.findall(inside)
    }


def _give_up(source: Source, why: str) -> NoReturn:
    check_cut(source)
    raise CallProblemError(why)
