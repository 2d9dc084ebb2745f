"""Calls that are written as JSON: `{"name": …, "arguments": {…}}`, and what looks much like it.

Where it is regular it is read as it comes, so that a long string can go out at once; the rest is
gathered to its end and mended.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

import regex

from ccproxy_tui.compat.call import CallWriter
from ccproxy_tui.compat.coercion import CoercionError, read_json
from ccproxy_tui.compat.problems import (
    MOST_HELD,
    CallProblemError,
    bounded,
    check_cut,
    ended_inside,
)
from ccproxy_tui.compat.source import Match, Source, Steps
from ccproxy_tui.protocols.hub import JsonObject
from ccproxy_tui.protocols.stream import ObjectEnd

_MOST_GUESSED: Final = 16 * 1024
"""Characters of JSON that are gathered at most of what need not be a call."""

_NAMES: Final = ("name", "tool", "tool_name", "function")
_ARGUMENTS: Final = ("arguments", "parameters", "input", "args", "params")
_BEFORE: Final = ("id", "thought", "thoughts", "reasoning")
"""Keys that models put before a call's name."""
_LISTS: Final = ("tool_calls", "tool_call", "function_call")
_BESIDE: Final = frozenset({*_NAMES, "id", "type", "index"})
_KEYS: Final = "|".join((*_NAMES, *_ARGUMENTS, *_LISTS, *_BEFORE))
SHAPE: Final = rf"\{{\s*[\"'](?:(?:{_KEYS})[\"']\s*:|type[\"']\s*:\s*[\"']function[\"'])"
"""How a call's object begins that nothing announces, as a pattern."""
_HEAD: Final = regex.compile(
    r'\{\s*+(?:"(?:id|type|index)"\s*+:\s*+(?:"[^"]{0,100}"|\d{1,20}|null)\s*+,\s*+){0,3}'
    rf'"(?:{"|".join(_NAMES)})"\s*:\s*"(?P<name>[^"\\]{{1,200}})"\s*,\s*'
    rf'"(?:{"|".join(_ARGUMENTS)})"\s*:\s*(?=\{{)'
)
_NAMED: Final = regex.compile(rf'\{{\s*"(?:{"|".join(_NAMES)})"\s*:\s*"(?P<name>[^"\\]{{1,200}})"')
_KEY: Final = regex.compile(r'"(?P<key>(?:[^"\\\n]|\\.){0,200}+)"\s*+:')
_MEMBER: Final = regex.compile(r'\s*+,\s*+"(?:[^"\\\n]|\\.){0,200}+"\s*+:\s*+')
_BEHIND: Final = regex.compile(r"[ \t]{0,200}+[\r\n<,\]}\[`{;|]")
_LAST_BEHIND: Final = regex.compile(r"[ \t]*+(?:[\r\n<,\]}\[`{;|]|\Z)")
"""What may follow a call: anything else shows that its end was in truth inside of a string."""
_BRACE: Final = regex.compile(r"\s*,?\s*\}")
_ESCAPE: Final = regex.compile(
    r"""\\(?:[^u]|u(?:
        [dD][89abAB][0-9a-fA-F]{2}(?:\\u[dD][c-fC-F][0-9a-fA-F]{2}
                                   |(?=[^\\]|\\(?:[^u]|u(?:[^dD]|[dD][^c-fC-F]))))
        |(?![dD][89abAB])[0-9a-fA-F]{4}
        |[0-9a-fA-F]{0,3}(?=[^0-9a-fA-F])))""",
    regex.DOTALL | regex.VERBOSE,
)
"""Each alternative shows that it is none of the others, as more of the text may be to come."""
_LENGTH_OF_CODE: Final = len("uXXXX")
_SIMPLE: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_CLOSERS: Final = r"</(?:tool_call|function|cs:tool_use|args|arguments|invoke)\s*>"
_FOLLOWS: Final = (
    r'\s*+(?:,\s*+"(?P<key>(?:[^"\\\n]|\\.){0,200}+)"\s*+:'  # the next member
    rf"|,?\s*+\}}|[\]}}\s]*+{_CLOSERS})"  # or an end
)
_QUOTE: Final = regex.compile(rf'"(?={_FOLLOWS})')
_LAST_QUOTE: Final = regex.compile(rf'"(?={_FOLLOWS}|[\s\]}}]*+\Z)')
_SCALAR: Final = regex.compile(r"[^\s,}\]<]{1,2000}+(?=[\s,}\]<])")
_LAST_SCALAR: Final = regex.compile(r"[^\s,}\]<]{1,2000}+")
_STOP: Final = regex.compile(rf"{_CLOSERS}(?=[ \t]{{0,200}}+(?:\r?\n|<))|\n[ \t]{{0,200}}+```")
"""What no regular JSON holds, as line breaks in its strings are escaped: it must have ended."""
_LAST_STOP: Final = regex.compile(
    rf"{_CLOSERS}(?=[ \t]{{0,200}}+(?:\r?\n|<|\Z))|\n[ \t]{{0,200}}+```"
)
_WINDOW: Final = 4096
"""Characters in which the end of JSON is looked for at a time."""
_MARGIN: Final = 300
"""Characters that such a pattern may take beyond that."""
_STRING_END: Final = re.compile(r'["\\]')

Begin = Callable[[str], CallWriter]
"""Begins a call by its name; raises `CallProblemError` when there is no such tool."""


def read_objects(source: Source, begin: Begin, *, strict: bool = False) -> Steps[None]:
    """Read one call, or an array of calls.

    `strict`: nothing but a name and arguments makes a call. Raises `CallProblemError` and
    `CallCutError`.
    """
    yield from source.skip_space()
    many = source.text.startswith("[", source.at)
    if many:
        source.take(source.at + 1)
    none = True
    while True:
        yield from source.skip_space()
        if source.is_drained:
            if none:
                ended_inside(source)
            check_cut(source)
            return
        mark = source.text[source.at]
        if mark == "{":
            yield from _read_object(source, begin, strict=strict)
            none = False
            if not many:
                return
            if not strict:
                source.keep()
        elif many and mark in ",]":
            source.take(source.at + 1)
            if mark == "]" and none:
                raise CallProblemError("there is no call in it")
            if mark == "]":
                return
        else:
            raise CallProblemError("there is no JSON object where one should be")


def read_arguments(source: Source, writer: CallWriter) -> Steps[None]:
    """Read the object of a call's arguments; raises `CallProblemError` and `CallCutError`."""
    source.take(source.at + 1)
    while True:
        yield from source.skip_space()
        if source.is_drained:
            check_cut(source)
            return
        mark = source.text[source.at]
        if mark in ",}":
            source.take(source.at + 1)
            if mark == "}":
                return
            continue
        key = yield from source.accept(_KEY)
        if key is None:
            yield from _mend_rest(source, writer)
            return
        yield from source.skip_space()
        yield from _read_member(source, writer, _unescaped(key["key"]))


def calls_in(value: Any, *, strict: bool) -> Iterator[tuple[str, JsonObject]]:
    """Find the calls in JSON: their names and arguments."""
    if isinstance(value, list):
        for item in value:
            yield from calls_in(item, strict=strict)
        return
    if not isinstance(value, dict):
        return
    for inner in (value.get(key) for key in (*_LISTS, "function")):
        if isinstance(inner, dict | list):
            yield from calls_in(inner, strict=strict)
            return
    name = next((value[key] for key in _NAMES if isinstance(value.get(key), str)), None)
    if name is None:
        return
    found = next((key for key in _ARGUMENTS if key in value), None)
    if found is None:
        if not strict:
            yield name, {key: one for key, one in value.items() if key not in _BESIDE}
        return
    arguments = value[found]
    if isinstance(arguments, str):
        arguments = read_json(arguments) if arguments.strip() else {}
    if isinstance(arguments, dict) or arguments is None:
        yield name, arguments or {}


def _read_object(source: Source, begin: Begin, *, strict: bool) -> Steps[None]:
    head = yield from source.match(_HEAD)
    if head is None:
        if strict and (named := (yield from source.match(_NAMED))) is not None:
            begin(named["name"])  # or it is no call at all, and need not be gathered
        yield from _read_irregular(source, begin, strict=strict)
        return
    writer = begin(head["name"])
    source.take(head.end())
    yield from read_arguments(source, writer)
    while (yield from source.accept(_MEMBER)) is not None:
        yield from _gather_value(source)
    yield from source.accept(_BRACE)
    yield from _check_behind(source)
    writer.end()


def _check_behind(source: Source) -> Steps[None]:
    if (yield from source.match(_BEHIND, _LAST_BEHIND)) is None:
        raise CallProblemError(
            "its JSON ends too early; quotes inside of a string need a backslash"
        )


def _read_irregular(source: Source, begin: Begin, *, strict: bool) -> Steps[None]:
    text = yield from _gather(source, "", _MOST_GUESSED if strict else MOST_HELD)
    try:
        found = list(calls_in(read_json(text), strict=strict))
    except CoercionError as error:
        raise CallProblemError(str(error)) from error
    if not found:
        raise CallProblemError("there is no name and no arguments in it")
    yield from _check_behind(source)
    writers = []
    for name, arguments in found:
        writer = begin(name)
        writer.put_all(arguments)
        writers.append(writer)
    for writer in writers:
        writer.end()


def _read_member(source: Source, writer: CallWriter, name: str) -> Steps[None]:
    if source.text.startswith('"', source.at) and writer.streams(name):
        source.take(source.at + 1)
        writer.begin_string(name)
        yield from _read_string(source, writer.string, writer.tool.arguments.names)
        writer.end_string()
        return
    if writer.is_string(name) and not source.is_drained and source.text[source.at] != '"':
        text = yield from _gather_text(source)
        writer.put(name, None if _scalar(text) is None else text)
        return
    value = yield from _gather_value(source)
    writer.put(name, value)


def _gather_text(source: Source) -> Steps[str]:
    """Read a value that shall be a string, but is not written as one, as it stands."""
    if source.text[source.at] in "{[":
        return (yield from _gather(source, ""))
    return (yield from _gather_scalar(source))


def _mend_rest(source: Source, writer: CallWriter) -> Steps[None]:
    """Read members of which one is not regular JSON."""
    text = yield from _gather(source, "{")
    if not text[1:].strip():
        return
    try:
        rest = read_json(text)
    except CoercionError as error:
        if writer.committed:
            return
        raise CallProblemError(f"its arguments are broken: {error}") from error
    if not rest and not writer.committed:
        raise CallProblemError("its arguments are broken")
    if isinstance(rest, dict):
        writer.put_all(rest)


def _gather_value(source: Source) -> Steps[Any]:
    """Read a whole value."""
    yield from source.skip_space()
    if source.is_drained:
        ended_inside(source)
    mark = source.text[source.at]
    if mark == '"':
        source.take(source.at + 1)
        parts: list[str] = []
        yield from _read_string(source, bounded(parts), frozenset())
        return "".join(parts)
    if mark in "{[":
        text = yield from _gather(source, "")
        try:
            return read_json(text)
        except CoercionError as error:
            raise CallProblemError(str(error)) from error
    return _scalar((yield from _gather_scalar(source)))


def _gather_scalar(source: Source) -> Steps[str]:
    found = yield from source.accept(_SCALAR, _LAST_SCALAR)
    if found is None:
        raise CallProblemError("a value is missing")
    return str(found[0])


def _gather(source: Source, begun: str, most: int = MOST_HELD) -> Steps[str]:
    """Read the rest of an object or array of which `begun` was read, up to where it must end."""
    end = ObjectEnd()
    end.take(begun)
    parts = [begun]
    write = bounded(parts, most)
    while True:
        stop, upto = _find_stop(source)
        piece = end.take(source.text[source.at : upto])
        write(source.take(source.at + len(piece)))
        if end.reached:
            return "".join(parts)
        if stop is not None and not stop.partial:
            behind = source.text[stop.end() : stop.end() + 1]
            if not end.in_string or "\n" in stop[0] or behind != "<":
                return "".join(parts)
            write(end.take(source.take(stop.end())))  # no line ends here: it is in a string
        elif not (source.is_drained or stop):
            continue
        elif not (yield from source.more()):
            check_cut(source)
            return "".join(parts)


def _find_stop(source: Source) -> tuple[Match | None, int]:
    """Look for what must end JSON, not too far ahead; tells also how far there is none."""
    text, near = source.text, source.at + _WINDOW
    if near + _MARGIN < len(text):
        stop = _STOP.search(text, source.at, near + _MARGIN)
        return (None, near) if stop is None or stop.start() >= near else (stop, stop.start())
    pattern = _LAST_STOP if source.ended else _STOP
    stop = pattern.search(text, source.at, partial=not source.ended)
    return stop, len(text) if stop is None else stop.start()


def _read_string(
    source: Source, write: Callable[[str], None], names: frozenset[str]
) -> Steps[None]:
    """Read a string behind its opening quote; quotes in it may have been left as they are.

    Once they were, only a member that is one of `names` may follow.
    """
    sloppy = False
    while True:
        found = _STRING_END.search(source.text, source.at)
        if found is None:
            write(source.take_all())
            if not (yield from source.more()):
                ended_inside(source)
            continue
        write(source.take(found.start()))
        if found[0] == "\\":
            escape = yield from source.accept(_ESCAPE)
            write(_unescaped(escape[0]) if escape is not None else source.take_all())
            continue
        end = yield from source.match(_QUOTE, _LAST_QUOTE)
        if end is not None and not (sloppy and names and end["key"] and end["key"] not in names):
            source.take(source.at + 1)
            return
        sloppy = True
        write(source.take(source.at + 1))


def _unescaped(text: str) -> str:
    """Decode a string's escapes; what is none stays as it is."""

    def decode(escape: Match) -> str:
        whole = escape[0]
        mark = whole[1:]
        if mark[0] == "u" and len(mark) >= _LENGTH_OF_CODE:
            return (
                str(json.loads(f'"{whole}"'))
                .encode("utf-16", "surrogatepass")
                .decode("utf-16", "replace")
            )
        if mark in _SIMPLE:
            return _SIMPLE[mark]
        return mark if mark in "\"\\/'\n" else whole

    return _ESCAPE.sub(decode, text) if "\\" in text else text


def _scalar(text: str) -> Any:
    words = {"true": True, "false": False, "null": None, "none": None}
    if text.lower() in words:
        return words[text.lower()]
    try:
        return json.loads(text)
    except ValueError:
        return text.strip("'\"")
