"""The fields that a filter knows: what they are compared with, and what help says of them.

Parser, completion, help and README all read this one table.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from ccproxy_tui.traffic.call import Call, Phase
from ccproxy_tui.tui.call_log import Matches
from ccproxy_tui.tui.filters import amounts
from ccproxy_tui.tui.filters.amounts import Unit
from ccproxy_tui.tui.progress import elapsed, only_counts, output_tokens, tokens_per_second

_LOSSES = ("left out", "left off", "not in this protocol", "in words", "cannot", "as text")
"""What notes say where something of the request or the reply is lost."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field."""

    name: str
    help: str
    """One sentence."""
    examples: tuple[str, ...]
    """Values that show what can be typed, the plainest first."""


@dataclass(frozen=True, slots=True)
class TextField(Field):
    """Compared with words: contained, or, with a wildcard or `=`, as a whole."""

    read: Callable[[Call], tuple[str, ...]]
    """One of them must fit."""


@dataclass(frozen=True, slots=True)
class NumberField(Field):
    """Compared as numbers."""

    unit: Unit
    read: Callable[[Call], float | None]
    """None where a call has no such number; then nothing fits."""
    clock: bool = False
    """Whether the number of a running call grows by itself."""


@dataclass(frozen=True, slots=True)
class StateField(Field):
    """One of `STATES`."""


@dataclass(frozen=True, slots=True)
class TimeField(Field):
    """Compared with when a call began."""

    edge: Literal["since", "until"]


@dataclass(frozen=True, slots=True)
class BodyField(Field):
    """Looked for in the messages, of which most are on disk."""


def _both_models(call: Call) -> tuple[str, ...]:
    return call.requested, call.model


def _protocols(call: Call) -> tuple[str, ...]:
    return call.protocol, call.upstream_protocol


def _notes(call: Call) -> tuple[str, ...]:
    return tuple(call.notes)


def _all_tokens(call: Call) -> float:
    return call.tokens.context + output_tokens(call)


def _cached(call: Call) -> float | None:
    context = call.tokens.context
    return 100 * call.tokens.cache_read / context if context and not only_counts(call) else None


def _degraded(call: Call) -> bool:
    return any(loss in note for note in call.notes for loss in _LOSSES)


STATES: Mapping[str, tuple[Matches, str]] = {
    "live": (lambda call: call.live, "runs"),
    "error": (
        lambda call: call.phase is Phase.FAILED or call.status >= 400,
        "failed, or got a status from 400 on",
    ),
    "done": (lambda call: call.phase is Phase.DONE, "came to its end"),
    "failed": (lambda call: call.phase is Phase.FAILED, "failed"),
    "cancelled": (
        lambda call: call.phase is Phase.CANCELLED,
        "the client went away, or somebody stopped it",
    ),
    "held": (lambda call: call.phase is Phase.HELD, "waits until a candidate is back"),
    "count": (only_counts, "only counts tokens"),
    "agent": (lambda call: bool(call.agent), "of a sub-agent"),
    "retried": (lambda call: len(call.attempts) > 1, "took more than one attempt"),
    "marked": (lambda call: call.marked, "has your mark"),
    "noted": (lambda call: bool(call.remark), "has your note"),
    "replay": (lambda call: call.replay_of is not None, "was sent again by you"),
    "priced": (lambda call: call.cost is not None, "its cost is known"),
    "estimated": (lambda call: call.tokens.estimated, "its tokens are estimated"),
    "changed": (lambda call: bool(call.notes), "something was changed on the way"),
    "degraded": (_degraded, "something was lost on the way"),
    "stream": (lambda call: call.streaming, "asked for a stream"),
}
"""What `is:` takes, and what each means."""

_SIZES = (">10k", "1k..50k")
_TIMES = (">5s", "1s..5s", ">1m30")

_ALL: tuple[Field, ...] = (
    NumberField("status", "HTTP status sent to the client.", (">=400", "200", "4xx", "5xx"),
                amounts.PLAIN, lambda call: call.status or None),
    StateField("is", "What a call is; help lists all states.", ("error", "live")),
    TextField("model", "Model that was asked for, or that answers.", ("sonnet", "*sonnet*"),
              _both_models),
    TextField("group", "Group.", ("qwen",), lambda call: (call.group,)),
    TextField("key", "Name of the access key.", ("dev", "dev,ci"), lambda call: (call.key,)),
    TextField("alias", "Alias that caught it.", ("claude-*",), lambda call: (call.alias,)),
    TextField("provider", "Provider that it went to.", ("local",), lambda call: (call.provider,)),
    TextField("target", "Target, as provider/model.", ("local/*",), lambda call: (call.target,)),
    TextField("session", "Session's id, or a part of it.", ("5f0c",), lambda call: (call.session,)),
    TextField("agent", "Sub-agent's id, or a part of it.", ("a1",), lambda call: (call.agent,)),
    TextField("tool", "Tool that the model called.", ("Bash", "Bash,Edit"), lambda call: call.tools),
    NumberField("tokens", "Tokens in and out.", (">50k", *_SIZES[1:]), amounts.COUNT, _all_tokens),
    NumberField("in", "Tokens that the model read, cached or not.", _SIZES, amounts.COUNT,
                lambda call: call.tokens.context),
    NumberField("out", "Tokens that the model wrote.", (">1k", "100..1k"), amounts.COUNT,
                output_tokens),
    NumberField("cached", "Share of the tokens read that came from the cache.", ("<50%", ">=80%"),
                amounts.PERCENT, _cached),
    NumberField("cost", "Dollars.", (">0.1", "0.01..0.1"), amounts.DOLLARS, lambda call: call.cost),
    NumberField("dur", "How long it took, or takes so far.", _TIMES, amounts.DURATION, elapsed,
                clock=True),
    NumberField("ttft", "Time until the reply's first content.", (">2s", "<500ms"),
                amounts.DURATION, lambda call: call.ttft),
    NumberField("speed", "Tokens a second, since the first.", ("<20", ">50"), amounts.RATE,
                lambda call: tokens_per_second(call) or None, clock=True),
    NumberField("try", "Number of attempts.", (">1", "3"), amounts.PLAIN,
                lambda call: len(call.attempts)),
    TimeField("since", "Began since then.", ("10m", "2h", "today", "14:30"), "since"),
    TimeField("until", "Began before then.", ("10m", "yesterday", "14:30"), "until"),
    TextField("error", "Why it failed.", ("overloaded", '""'), lambda call: (call.error,)),
    TextField("note", "What was changed on the way.", ('"left out"',), _notes),
    TextField("remark", "Your own note on it.", ("slow",), lambda call: (call.remark,)),
    TextField("path", "Path of the request.", ("*/messages",), lambda call: (call.path,)),
    TextField("protocol", "Protocol of the client, or of the provider.", ("claude", "openai"),
              _protocols),
    NumberField("id", "Number of the call.", ("4807", "4800..4900"), amounts.PLAIN,
                lambda call: call.id),
    BodyField("body", "Text in one of its messages; searched in the background.",
              ('"some words"',)),
)  # fmt: skip

FIELDS: Mapping[str, Field] = {field.name: field for field in _ALL}
"""All fields by their names, the most useful first."""

FORMS: tuple[tuple[str, str], ...] = (
    ("two words", "Both must be in what the log shows of a call; case does not count."),
    ('"two words"', "The words as they stand, one behind the other."),
    (
        "model:sonnet",
        "The field has the text; * and ? stand in for any run of characters and for one, in a pattern for all of it, = asks for it alone.",
    ),
    ("key:dev,ci", "One of several values."),
    (
        "dur:1s..5s",
        "From one number to another; also >, >=, <, <=. A bare number is meant as it is shown.",
    ),
    ("!is:count", "All but these; -is:count does the same."),
    ("@slow", "A filter that was saved as slow."),
)
"""How terms are written; a call passes when all of them hold."""
