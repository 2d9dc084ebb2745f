"""Secrets that texts carry, known by their looks: each is replaced by a mark that says its kind.

Too much is taken out rather than too little: what is exported is meant for other eyes.
"""

import re
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from ccproxy_tui import json_bytes


@dataclass(frozen=True, slots=True)
class _Kind:
    """How secrets of a kind look; what is around the group `secret`, if there is one, stays."""

    name: str
    pattern: re.Pattern[str]


def _kind(name: str, pattern: str) -> _Kind:
    return _Kind(name, re.compile(pattern))


def _token(name: str, start: str, rest: str) -> _Kind:
    """Return a kind that stands alone, not within a longer word.

    What is before it is looked at last, as a pattern that begins with plain letters is found fast.
    """
    return _kind(name, rf"{start}(?<![A-Za-z0-9_-]{start}){rest}")


_KINDS = (
    _kind("private key", r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----"
                         r"(?:(?:[^-]++|-(?!----))*+-----END [A-Z ]{0,40}PRIVATE KEY-----"
                         r"|(?:[A-Za-z0-9+/=\s]|\\++[nrt/])*+)"),
    _token("Anthropic key", "sk-ant-", "[A-Za-z0-9_-]{8,}"),
    _token("API key", "sk-", "[A-Za-z0-9_-]{16,}"),
    _token("ccproxy key", "cs-", "[A-Za-z0-9]{32,}"),
    _token("Google key", "AIza", "[A-Za-z0-9_-]{30,}"),
    _token("GitHub token", "gh", "[opusr]_[A-Za-z0-9]{20,}"),
    _token("GitHub token", "github_pat_", "[A-Za-z0-9_]{20,}"),
    _token("GitLab token", "glpat-", "[A-Za-z0-9_-]{16,}"),
    _token("Slack token", "xox", "[abeoprs]-[A-Za-z0-9-]{10,}"),
    _token("AWS key", "AKIA", "[0-9A-Z]{16}"),
    _token("AWS key", "ASIA", "[0-9A-Z]{16}"),
    _token("Groq key", "gsk_", "[A-Za-z0-9]{20,}"),
    _token("Hugging Face token", "hf_", "[A-Za-z0-9]{20,}"),
    _token("JSON web token", "eyJ", r"[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}"),
    _kind("bearer token", r"earer(?<=[Bb]earer)\s+"
                          r"(?P<secret>(?=[^\s\"]*\d)(?:[A-Za-z0-9._~+/=-]|\\/){12,})"),
    _kind("key in an address", r"[?&](?:key|api[-_]?key|access_token|token|sig|signature)="
                               r"(?P<secret>[^&\s\"'#<>\\\[\]]+)"),
    _kind("password in an address", r"://[^/\s:@\"']{1,100}:(?P<secret>[^@/\s\"']{1,200})@"),
)  # fmt: skip
"""Earlier ones win, so that a mark says the most that is known.

Bodies are anybody's: none of these may go back over the same text for each place where it begins.
"""


@dataclass(slots=True)
class Redaction:
    """Takes secrets out, and counts them by kind."""

    found: Counter[str] = field(default_factory=Counter)

    def text(self, text: str) -> str:
        """Return a text without secrets."""
        for kind in _KINDS:
            text = kind.pattern.sub(self._mark(kind.name), text)
        return text

    def body(self, data: bytes) -> bytes:
        """Return a body without secrets; of one without any, not a byte is changed.

        In a stream a secret may be spelt over several events, so their texts are looked at in a row,
        and first, as the beginning of a secret may look like a whole one.
        """
        try:
            text = data.decode()
        except UnicodeDecodeError:
            return self.text(data.decode("latin-1")).encode("latin-1")
        with suppress(RecursionError):
            text = self._streamed(text)
        return self.text(text).encode()

    def _mark(self, name: str) -> Callable[[re.Match[str]], str]:
        def mark(found: re.Match[str]) -> str:
            self.found[name] += 1
            if "secret" not in found.re.groupindex:
                return f"[{name} redacted]"
            start, end = (place - found.start() for place in found.span("secret"))
            return f"{found[0][:start]}[{name} redacted]{found[0][end:]}"

        return mark

    def _streamed(self, text: str) -> str:
        lines = text.split("\n")
        events = {at: event for at, line in enumerate(lines) if (event := _event(line)) is not None}
        if len(events) < 2:
            return text
        rows: defaultdict[str, list[_Piece]] = defaultdict(list)
        for at, event in events.items():
            _gather(rows, event, "", at)
        changed: set[int] = set()
        for pieces in rows.values():
            changed.update(self._redact_row(pieces))
        for at in changed:
            lead, end = lines[at].partition("{")[0], "\r" if lines[at].endswith("\r") else ""
            lines[at] = lead + json_bytes.write(events[at]).decode() + end
        return "\n".join(lines)

    def _redact_row(self, pieces: "list[_Piece]") -> Iterator[int]:
        """Take secrets out of texts that belong together; gives the lines that have changed."""
        whole = "".join(piece.text for piece in pieces)
        spans = deque(sorted(_spans(whole)))
        begin = 0
        for piece in pieces:
            end, done, kept = begin + len(piece.text), begin, ""
            while spans and spans[0][0] < end:
                first, last, name = spans[0]
                if first >= begin:
                    kept += f"{whole[done:first]}[{name} redacted]"
                    self.found[name] += 1
                done = min(last, end)
                if last > end:
                    break
                spans.popleft()
            if done > begin:
                piece.holder[piece.key] = kept + whole[done:end]
                yield piece.line
            begin = end


@dataclass(slots=True)
class _Piece:
    """A text within an event of a stream."""

    line: int
    holder: Any
    key: Any
    text: str


def _spans(text: str) -> Iterator[tuple[int, int, str]]:
    """Find secrets that do not overlap."""
    taken = bytearray(len(text))
    for kind in _KINDS:
        for found in kind.pattern.finditer(text):
            start, end = found.span("secret" if "secret" in found.re.groupindex else 0)
            if taken.find(1, start, end) < 0:
                taken[start:end] = b"\1" * (end - start)
                yield start, end, kind.name


def _event(line: str) -> Any:
    """Return the JSON object of a line of a stream, None where it has none."""
    lead = line[: line.find("{")].strip() if "{" in line else "-"
    if lead in {"", "data:"}:
        with suppress(ValueError, RecursionError):
            event = json_bytes.read(line[line.index("{") :].encode())
            return event if isinstance(event, dict) else None
    return None


def _gather(rows: defaultdict[str, list[_Piece]], value: Any, path: str, line: int) -> None:
    """Add the texts of an event to those that stand where they do, whatever their number in a list."""
    is_object = isinstance(value, dict)
    for key, item in value.items() if is_object else enumerate(value):
        where = f"{path}.{key}" if is_object else path
        if isinstance(item, str):
            rows[where].append(_Piece(line, value, key, item))
        elif isinstance(item, (dict, list)):
            _gather(rows, item, where, line)
