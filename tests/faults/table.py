"""What an upstream can do wrong, and what shall come of it: to the client, and to the candidate."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import formatdate
from typing import Any, Final

import orjson

from ccproxy_tui.config.models import Protocol
from ccproxy_tui.demo.compression import Encoding
from ccproxy_tui.demo.reply import Reply
from ccproxy_tui.demo.wires import WIRES
from ccproxy_tui.traffic.attempt import Outcome
from ccproxy_tui.traffic.standing import State

TEXT: Final = ("The first one ", "says: grüße ", "und 🙂.")
"""What the faulty candidate says when it can."""
ERROR: Final = "no luck with it"
ENDLESS: Final = "again and again "

_EVERYWHERE: Final[frozenset[str]] = frozenset(
    {"claude", "openai", "responses", "gemini", "ollama"}
)
_WORDS_AT_ONCE: Final[frozenset[str]] = frozenset({"gemini", "ollama"})
"""Their first event has words in it already."""
_FRAMES_TO_WORDS: Final = {"claude": 3, "openai": 2, "responses": 5, "gemini": 1, "ollama": 1}
"""After that many frames, the client knows the first piece of the text."""
_PATIENCE: Final = 0.06
_PLENTY: Final = 2.0
_HALF_A_MEGABYTE: Final = 512 * 1024
_HUGE: Final = ("x" * 4 * _HALF_A_MEGABYTE,)

Script = Callable[[Protocol, bool], Reply]
"""What the candidate answers, by its protocol and whether a stream was asked for."""


@dataclass(frozen=True)
class Fault:
    """One way to go wrong."""

    name: str
    script: Script | None
    """None: nobody listens at the address."""
    outcome: Outcome
    status: int = 0
    """What a client of Claude's protocol sees when there is no other candidate."""
    error: str = ""
    """The error's type, as that client sees it."""
    own_status: int = 0
    """The upstream's status where that is an error, which passes untouched on the faithful lane."""
    broken: frozenset[str] = frozenset()
    """Upstreams whose streams have begun by then, so that nobody else can be asked."""
    final: bool = False
    """Whether the error is the request's own, so that nobody else is asked."""
    state: State = State.READY
    cooldown: float = 0.0
    """Seconds."""
    whole_key: bool = False
    retry: bool | None = None
    """What the client is told about trying again."""
    timeouts: Mapping[str, float] = field(default_factory=dict)
    asked_again: bool = False
    """Whether it may be asked twice: a connection that was idle may have died in the meantime."""
    streams_only: bool = False
    """Whether a whole reply would make another fault of it."""
    text: str = "".join(TEXT)
    """What a good reply says."""

    @property
    def good(self) -> bool:
        """Whether nothing is wrong in the end."""
        return self.outcome is Outcome.SUCCESS


def _always(**fields: Any) -> Script:
    return lambda _protocol, _streamed: Reply(**{"text": TEXT, **fields})


def _status(status: int, name: str = "", **fields: Any) -> Fault:
    outcome, error, seen = _STATUSES[status]
    headers = fields.pop("headers", {})
    return Fault(
        name or f"{status}",
        lambda _protocol, _streamed: Reply(
            status=status, error=ERROR, headers=headers() if callable(headers) else headers
        ),
        outcome,
        seen,
        error,
        status,
        **fields,
    )


_STATUSES: Final[dict[int, tuple[Outcome, str, int]]] = {
    401: (Outcome.AUTH, "authentication_error", 401),
    402: (Outcome.QUOTA, "billing_error", 402),
    403: (Outcome.AUTH, "permission_error", 403),
    404: (Outcome.OVERLOAD, "not_found_error", 404),
    408: (Outcome.TIMEOUT, "timeout_error", 504),
    413: (Outcome.CLIENT_ERROR, "request_too_large", 413),
    429: (Outcome.THROTTLE, "rate_limit_error", 429),
    500: (Outcome.OVERLOAD, "api_error", 500),
    503: (Outcome.OVERLOAD, "overloaded_error", 529),
    529: (Outcome.OVERLOAD, "overloaded_error", 529),
}
"""Class, and what a client of Claude's protocol sees of it on the converted lane."""


def _limited(name: str, cooldown: float, headers: Callable[[], Mapping[str, str]]) -> Fault:
    return _status(429, f"429, {name}", state=State.COOLING, cooldown=cooldown, headers=headers)


def _anthropic_hint() -> Mapping[str, str]:
    reset = datetime.fromtimestamp(time.time() + 50, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    stem = "anthropic-ratelimit-requests"
    return {f"{stem}-limit": "50", f"{stem}-remaining": "0", f"{stem}-reset": reset}


def _openai_hint() -> Mapping[str, str]:
    return {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1m30s"}


def _retry_delay(protocol: Protocol, _streamed: bool) -> Reply:
    info = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "23s"}
    error = {"code": 429, "message": ERROR, "status": "RESOURCE_EXHAUSTED", "details": [info]}
    del protocol
    return Reply(status=429, raw_body=orjson.dumps({"error": error}))


def _error_with_200(protocol: Protocol, _streamed: bool) -> Reply:
    return Reply(raw_body=orjson.dumps(WIRES[protocol].error_body(500, ERROR)))


def _cut_after_words(protocol: Protocol, _streamed: bool) -> Reply:
    return Reply(text=TEXT, cut_after=_FRAMES_TO_WORDS[protocol])


def _hang_after_words(protocol: Protocol, _streamed: bool) -> Reply:
    return Reply(text=TEXT, hang_after=_FRAMES_TO_WORDS[protocol])


def _endless(protocol: Protocol, _streamed: bool) -> Reply:
    words = _FRAMES_TO_WORDS[protocol] - 1
    return Reply(text=[ENDLESS, "and here it would end"], repeat=words, pace=0.01)


def _no_line_end(_protocol: Protocol, _streamed: bool) -> Reply:
    pieces = [b'data: {"x": "', b"x" * _HALF_A_MEGABYTE]
    return Reply(raw_chunks=pieces, repeat=1, pace=0.001)


def _encoded(encoding: Encoding) -> Fault:
    return Fault(f"{encoding} body", _always(encoding=encoding), Outcome.SUCCESS)


def _wrong_type(_protocol: Protocol, streamed: bool) -> Reply:
    return Reply(text=TEXT, content_type="application/json" if streamed else "text/html")


_DOWN: Final[dict[str, Any]] = {"status": 500, "error": "api_error"}
_QUICK: Final = {"connect_timeout": _PATIENCE, "first_byte_timeout": _PATIENCE}
_LATE: Final[dict[str, Any]] = {"status": 504, "error": "timeout_error"}

FAULTS: Final[Sequence[Fault]] = (
    Fault("connection refused", None, Outcome.TRANSPORT, **_DOWN),
    Fault(
        "closed before headers",
        _always(close_before_headers=True),
        Outcome.TRANSPORT,
        asked_again=True,
        **_DOWN,
    ),
    Fault(
        "reset before headers",
        _always(close_before_headers=True, reset=True),
        Outcome.TRANSPORT,
        asked_again=True,
        **_DOWN,
    ),
    Fault(
        "hang before headers",
        _always(hang_before_headers=True),
        Outcome.TIMEOUT,
        timeouts=_QUICK,
        **_LATE,
    ),
    Fault(
        "hang after headers",
        _always(hang_after=0),
        Outcome.TIMEOUT,
        timeouts=_QUICK,
        **_LATE,
    ),
    Fault(
        "hang after the first words",
        _hang_after_words,
        Outcome.TIMEOUT,
        broken=_EVERYWHERE,
        timeouts={"chunk_timeout": _PATIENCE},
        streams_only=True,
        **_LATE,
    ),
    _status(401, state=State.OUT, whole_key=True, retry=False),
    _status(402, state=State.COOLING, cooldown=60),
    _status(403, state=State.OUT, retry=False),
    _status(404),
    _status(408),
    _status(413, final=True),
    _limited("retry-after in seconds", 17, lambda: {"retry-after": "17"}),
    _limited(
        "retry-after as a date",
        40,
        lambda: {"retry-after": formatdate(time.time() + 40, usegmt=True)},
    ),
    _limited("anthropic-ratelimit-*", 50, _anthropic_hint),
    _limited("x-ratelimit-reset-*", 90, _openai_hint),
    Fault(
        "429, Gemini's retryDelay",
        _retry_delay,
        Outcome.THROTTLE,
        429,
        "rate_limit_error",
        429,
        state=State.COOLING,
        cooldown=23,
    ),
    _limited("no hint", 2, dict),
    _status(500),
    Fault(
        "502 with a web page",
        _always(status=502, raw_body=b"<html><title>Bad Gateway</title>", content_type="text/html"),
        Outcome.OVERLOAD,
        500,
        "api_error",
        502,
    ),
    _status(503),
    _status(
        503,
        "503, retry-after",
        headers=lambda: {"retry-after": "17"},
        state=State.COOLING,
        cooldown=17,
    ),
    _status(529),
    Fault("200 with an error body", _error_with_200, Outcome.OVERLOAD, **_DOWN),
    Fault(
        "200 with an error as first event",
        _always(error_after=0, error=ERROR, streamed=True),
        Outcome.OVERLOAD,
        **_DOWN,
    ),
    Fault("200 with an empty body", _always(raw_body=b""), Outcome.OVERLOAD, **_DOWN),
    Fault(
        "200 with a web page",
        _always(raw_body=b"<!DOCTYPE html><title>Sign in</title>", content_type="text/html"),
        Outcome.OVERLOAD,
        **_DOWN,
    ),
    Fault("cut after headers", _always(cut_after=0), Outcome.TRANSPORT, **_DOWN),
    Fault(
        "cut after the first event",
        _always(cut_after=1),
        Outcome.TRANSPORT,
        broken=_WORDS_AT_ONCE,
        streams_only=True,
        **_DOWN,
    ),
    Fault(
        "cut after the first words",
        _cut_after_words,
        Outcome.TRANSPORT,
        broken=_EVERYWHERE,
        streams_only=True,
        **_DOWN,
    ),
    Fault(
        "cut inside a character",
        _always(cut_in_character=True),
        Outcome.TRANSPORT,
        broken=_EVERYWHERE,
        **_DOWN,
    ),
    Fault("one byte at a time", _always(byte_by_byte=True), Outcome.SUCCESS),
    Fault(
        "endless reply",
        _endless,
        Outcome.TIMEOUT,
        broken=_EVERYWHERE,
        timeouts={"total_timeout": 4 * _PATIENCE},
        **_LATE,
    ),
    Fault("huge line", _always(text=_HUGE), Outcome.SUCCESS, text=_HUGE[0]),
    Fault(
        "line without an end",
        _no_line_end,
        Outcome.OVERLOAD,
        timeouts={"total_timeout": _PLENTY},
        streams_only=True,
        **_DOWN,
    ),
    _encoded("gzip"),
    _encoded("deflate"),
    _encoded("br"),
    _encoded("zstd"),
    Fault(
        "not gzip as it says",
        _always(headers={"Content-Encoding": "gzip"}),
        Outcome.TRANSPORT,
        **_DOWN,
    ),
    Fault("wrong content-type", _wrong_type, Outcome.SUCCESS),
)
