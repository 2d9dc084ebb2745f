"""A recorded request as a curl command for bash, with variables in place of credentials."""

import base64
import re
import shlex
from contextlib import suppress
from itertools import chain, count
from urllib.parse import quote

from ccproxy_tui import json_bytes
from ccproxy_tui.traffic.call import Call, Message

_LONGEST_QUOTED = 1_000
"""Characters of a body up to which it is an argument; longer ones come through standard input."""

_MASKED = "•••"
"""What a record has in place of a credential."""

_MADE_BY_CURL = frozenset(
    {"host", "content-length", "connection", "transfer-encoding", "accept-encoding",
     "content-encoding", "keep-alive", "expect"}
)  # fmt: skip

_VARIABLES = {
    "x-api-key": "ANTHROPIC_API_KEY",
    "x-goog-api-key": "GEMINI_API_KEY",
    "key": "GEMINI_API_KEY",
}
_OF_BEARERS = {"claude": "ANTHROPIC_AUTH_TOKEN", "gemini": "GEMINI_API_KEY"}
_OTHER_BEARER = "OPENAI_API_KEY"
_SECRET_PARAMETER = re.compile(
    r"(?<=[?&])([\w.~%+-]*(?:key|token|secret|auth|password|sig|signature))=[^&#]*", re.IGNORECASE
)
_GLOBS = frozenset("[]{}")
"""What curl takes for a pattern in an address."""
_PLAIN_IN_PATHS = "/:@!$&'()*+,;="
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def to_provider(call: Call, request: Message) -> str:
    """Return the command that sends the upstream's request as it was sent."""
    method, _, url = request.head.partition(" ")
    return _command(method, url, request, call.upstream_protocol, streams=call.streaming)


def to_ccproxy(call: Call, request: Message, base_url: str) -> str:
    """Return the command that sends the client's request to a running ccproxy."""
    method = request.head.partition(" ")[0]
    query = request.head.removeprefix(f"{method} {call.path}")
    path = quote(call.path, safe=_PLAIN_IN_PATHS)
    url = base_url.rstrip("/") + path + (query if query.startswith("?") else "")
    return _command(
        method, url, request, call.protocol, streams=call.streaming, needs_key=bool(call.key)
    )


def _command(
    method: str,
    url: str,
    request: Message,
    protocol: str,
    *,
    streams: bool,
    needs_key: bool = False,
) -> str:
    words = [f"curl -sS{'N' if streams else ''} {_quoted_url(url)}"]
    if method != "POST" or not request.chunks:
        words.append(f"-X {shlex.quote(method)}")
    has_key = False
    for name, value in request.headers:
        low = name.lower()
        if low not in _MADE_BY_CURL:
            words.append(f"-H {_quoted_header(name, value, protocol)}")
            has_key = has_key or value == _MASKED
        elif low == "accept-encoding":
            words.append("--compressed")
    if needs_key and not has_key:
        words.append(f"-H {_quoted_header('authorization', _MASKED, protocol)}")
    before, data, after = _sent(request.body)
    return before + " \\\n  ".join([*words, *data]) + after


def _sent(body: bytes) -> tuple[str, list[str], str]:
    """Return what a body puts before the command, among its arguments, and behind it.

    A here-document ends with a line break, which only JSON does not mind. What a command line
    cannot hold, such as NUL, goes through base64.
    """
    if not body:
        return "", [], ""
    text = None
    with suppress(UnicodeDecodeError):
        text = body.decode()
    if text is not None and not _UNPRINTABLE.search(text):
        if len(text) <= _LONGEST_QUOTED:
            return "", [f"--data-raw {shlex.quote(text)}"], ""
        if _is_json(body):
            end = _delimiter(text)
            return "", [f"--data-binary @- <<'{end}'"], f"\n{text}\n{end}"
    coded = base64.encodebytes(body).decode()
    return "base64 -d <<'EOF' | ", ["--data-binary @-"], f"\n{coded}EOF"


def _is_json(body: bytes) -> bool:
    with suppress(ValueError, RecursionError):
        json_bytes.read(body)
        return True
    return False


def _delimiter(text: str) -> str:
    """Return a word that is nowhere in the text."""
    words = chain(["EOF"], (f"END_{number}" for number in count(1)))
    return next(word for word in words if word not in text)


def _quoted_url(url: str) -> str:
    option = "-g " if _GLOBS & set(url) else ""
    # one group: what is between its matches, and each name, alternate
    before, *rest = _SECRET_PARAMETER.split(url)
    words = [before]
    for name, after in zip(rest[::2], rest[1::2], strict=True):
        words[-1] = shlex.quote(f"{words[-1]}{name}=")
        words += [f'"${_variable(name)}"', after]
    words[-1] = shlex.quote(words[-1]) if words[-1] else ""
    return option + "".join(words)


def _quoted_header(name: str, value: str, protocol: str) -> str:
    if not value:
        return shlex.quote(f"{name};")
    if value != _MASKED:
        return shlex.quote(f"{name}: {value}")
    low = name.lower()
    if low == "authorization":
        variable = _OF_BEARERS.get(protocol, _OTHER_BEARER)
        return f'{shlex.quote(name + ": Bearer ")}"${variable}"'
    return f'{shlex.quote(name + ": ")}"${_variable(low)}"'


def _variable(name: str) -> str:
    return _VARIABLES.get(name) or re.sub(r"^\d|[^A-Z0-9]", "_", name.upper())
