"""Messages as text: head, headers and body, the body laid out when it is JSON."""

import re

import orjson

from ccproxy_tui.traffic.call import Message
from ccproxy_tui.tui.quantities import size
from ccproxy_tui.tui.widgets.lines import Line

SHOWN_BYTES = 1_000_000
"""So much of a body is shown here; the pager and copying take all of it."""

_KEY = re.compile(r'\s*"(?:[^"\\]|\\.)*": ')
_NEWLINE = re.compile(r"(?<!\\)((?:\\\\)*)\\n")


def message_lines(message: Message, *, pretty: bool, none: str = "Nothing yet.") -> list[Line]:
    """Return a message as lines; `none` is said of one that there is not."""
    body = message.body
    if not (message.head or message.headers or body):
        return [Line(none, "muted")]
    lines = [Line(message.head, "strong")] if message.head else []
    lines += [Line(f"{name}: {value}", "", len(name) + 1) for name, value in message.headers]
    lines.append(Line(""))
    lines += body_lines(body, pretty=pretty)
    return lines


def body_lines(body: bytes, *, pretty: bool) -> list[Line]:
    """Return a body as lines."""
    if not body:
        return [Line("(no body)", "muted")]
    shown = body[:SHOWN_BYTES]
    text = _laid_out(body) if pretty and len(body) <= SHOWN_BYTES else None
    lines = (
        [Line(line) for line in shown.decode("utf-8", "replace").splitlines()]
        if text is None
        else [piece for line in text.splitlines() for piece in _json_line(line)]
    )
    if len(body) > SHOWN_BYTES:
        rest = size(len(body) - SHOWN_BYTES)
        lines.append(Line(f"… {rest} more: o opens all of it, y copies it", "warn"))
    return lines


def message_text(message: Message, *, pretty: bool) -> str:
    """Return a whole message as text, for the pager."""
    body = message.body
    laid_out = _laid_out(body) if pretty else None
    text = body.decode("utf-8", "replace") if laid_out is None else laid_out
    headers = [f"{name}: {value}" for name, value in message.headers]
    return "\n".join([message.head, *headers, "", text])


def is_json(message: Message) -> bool:
    """Tell whether the body is JSON."""
    return _laid_out(message.body) is not None


def _laid_out(body: bytes) -> str | None:
    """Return JSON laid out over lines, None when it is not JSON."""
    if body[:1] not in b"{[" or not body:
        return None
    try:
        return orjson.dumps(orjson.loads(body), option=orjson.OPT_INDENT_2).decode()
    except orjson.JSONDecodeError:
        return None


def _json_line(line: str) -> list[Line]:
    """Set a line's key apart, and break long strings where they say `\\n`."""
    found = _KEY.match(line)
    lead = found.end() if found else 0
    if "\\n" not in line:
        return [Line(line, "", lead)]
    indent = " " * (len(line) - len(line.lstrip()) + 2)
    first, *others = _NEWLINE.sub(r"\1" + "\n", line).split("\n")
    return [Line(first, "", lead), *(Line(indent + other) for other in others)]
