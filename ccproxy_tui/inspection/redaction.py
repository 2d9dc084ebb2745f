"""Secrets that texts carry, known by their looks: each is replaced by a mark that says its kind.

Too much is taken out rather than too little: what is exported is meant for other eyes.
"""

import re
from collections import Counter
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
    return _Kind(name, re.compile(pattern, re.DOTALL))


def _token(name: str, pattern: str) -> _Kind:
    """Return a kind that stands alone, not within a longer word."""
    return _kind(name, rf"(?<![A-Za-z0-9_-]){pattern}")


_KINDS = (
    _kind("private key", r"-----BEGIN [A-Z ]*PRIVATE KEY-----"
                         r"(?:.*?-----END [A-Z ]*PRIVATE KEY-----|[A-Za-z0-9+/=\s\\]*)"),
    _token("Anthropic key", r"sk-ant-[A-Za-z0-9_-]{8,}"),
    _token("API key", r"sk-[A-Za-z0-9_-]{16,}"),
    _token("ccproxy key", r"cs-[A-Za-z0-9]{32,}"),
    _token("Google key", r"AIza[A-Za-z0-9_-]{30,}"),
    _token("GitHub token", r"(?:gh[opusr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})"),
    _token("GitLab token", r"glpat-[A-Za-z0-9_-]{16,}"),
    _token("Slack token", r"xox[abeoprs]-[A-Za-z0-9-]{10,}"),
    _token("AWS key", r"(?:AKIA|ASIA)[0-9A-Z]{16}"),
    _token("Groq key", r"gsk_[A-Za-z0-9]{20,}"),
    _token("Hugging Face token", r"hf_[A-Za-z0-9]{20,}"),
    _token("JSON web token", r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}"),
    _kind("bearer token", r"[Bb]earer\s+(?P<secret>(?=[^\s\"]*\d)[A-Za-z0-9._~+/=\\-]{12,})"),
    _kind("key in an address", r"[?&](?:key|api[-_]?key|access_token|token|sig|signature)="
                               r"(?P<secret>[^&\s\"'#<>\\\[\]]+)"),
    _kind("password in an address", r"://[^/\s:@\"']{1,100}:(?P<secret>[^@/\s\"']{1,200})@"),
)  # fmt: skip
"""Earlier ones win, so that a mark says the most that is known."""


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

        In a stream a secret may be spelt over several events, so their texts are looked at in a row.
        """
        try:
            text = data.decode()
        except UnicodeDecodeError:
            return self.text(data.decode("latin-1")).encode("latin-1")
        text = self.text(text)
        with suppress(RecursionError):
            text = self._streamed(text)
        return text.encode()

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
        rows: dict[str, list[_Piece]] = {}
        for at, event in events.items():
            for path, piece in _pieces(event, "", at):
                rows.setdefault(path, []).append(piece)
        changed: set[int] = set()
        for pieces in rows.values():
            changed |= self._redact_row(pieces)
        for at in changed:
            lead, end = lines[at].partition("{")[0], "\r" if lines[at].endswith("\r") else ""
            lines[at] = lead + json_bytes.write(events[at]).decode() + end
        return "\n".join(lines)

    def _redact_row(self, pieces: "list[_Piece]") -> set[int]:
        """Take secrets out of texts that belong together; returns the lines that have changed."""
        whole = "".join(piece.text for piece in pieces)
        changed: set[int] = set()
        for start, end, name in sorted(_spans(whole), reverse=True):
            self.found[name] += 1
            mark, at = f"[{name} redacted]", 0
            for piece in pieces:
                first, last = max(start, at), min(end, at + len(piece.whole))
                if first < last:
                    piece.replace(first - at, last - at, mark)
                    changed.add(piece.line)
                    mark = ""
                at += len(piece.whole)
        return changed


@dataclass(slots=True)
class _Piece:
    """A text within an event of a stream."""

    line: int
    holder: Any
    key: Any
    whole: str
    """As it was."""

    @property
    def text(self) -> str:
        return str(self.holder[self.key])

    def replace(self, first: int, last: int, mark: str) -> None:
        """Put a mark in place of some characters; those behind them must have been dealt with."""
        self.holder[self.key] = self.text[:first] + mark + self.text[last:]


def _spans(text: str) -> Iterator[tuple[int, int, str]]:
    """Find secrets that do not overlap."""
    taken: list[tuple[int, int]] = []
    for kind in _KINDS:
        for found in kind.pattern.finditer(text):
            start, end = found.span("secret" if "secret" in found.re.groupindex else 0)
            if all(end <= first or start >= last for first, last in taken):
                taken.append((start, end))
                yield start, end, kind.name


def _event(line: str) -> Any:
    """Return the JSON object of a line of a stream, None where it has none."""
    lead = line[: line.find("{")].strip() if "{" in line else "-"
    if lead in {"", "data:"}:
        with suppress(ValueError, RecursionError):
            event = json_bytes.read(line[line.index("{") :].encode())
            return event if isinstance(event, dict) else None
    return None


def _pieces(value: Any, path: str, line: int) -> Iterator[tuple[str, _Piece]]:
    """Give the texts of an event, each with where it stands, whatever its number in a list."""
    items: Iterator[tuple[Any, Any]] = iter(())
    if isinstance(value, dict):
        items = iter(value.items())
    elif isinstance(value, list):
        items = iter(enumerate(value))
    for key, item in items:
        where = f"{path}.{key}" if isinstance(value, dict) else f"{path}[]"
        if isinstance(item, str):
            yield where, _Piece(line, value, key, item)
        else:
            yield from _pieces(item, where, line)
