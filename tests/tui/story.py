"""An afternoon of two agents and a nightly job, always the same: what the snapshots show."""

from calendar import timegm
from collections.abc import Iterator
from typing import Any, Final

from ccproxy_tui.config.prices import ModelPrice
from ccproxy_tui.traffic.attempt import Attempt, Outcome
from ccproxy_tui.traffic.call import Call, Phase, Tokens
from ccproxy_tui.traffic.totals import SLOT_SECONDS, Slot, Totals
from tests.tui.fake import CONFIGURATION, made_call
from tests.tui.story_messages import running_exchange

NOW: Final = float(timegm((2026, 3, 14, 15, 40, 0)))
"""A Saturday afternoon, UTC."""
HOUR: Final = 3_600
DAY: Final = 24 * HOUR
PARCELS: Final = "5f0c1a2b-77d1-4c39-9d0e-2b8a54c1e6f0"
EXPORT: Final = "b71e03c4-1f5a-4e0b-8c92-0d6f3a7be115"
NIGHTLY: Final = "09d2e6aa-5b0c-4b7e-a1f3-c84de1907f42"

_LOCAL, _VENDOR = CONFIGURATION.providers
STORY: Final = CONFIGURATION.model_copy(
    update={
        "providers": (
            _LOCAL.model_copy(
                update={"prices": (ModelPrice(model="*", input=0.6, output=2.4, cache_read=0.15),)}
            ),
            _VENDOR.model_copy(
                update={"prices": (ModelPrice(model="*", input=3, output=15, cache_read=0.3),)}
            ),
        )
    }
)


def calls() -> list[Call]:
    """Return the calls since the start, the oldest first; the last one runs."""
    return [*_of_export(), *_of_parcels(), running()]


def nightly() -> Iterator[Call]:
    """Return the calls of an earlier start."""
    facts: dict[str, Any] = {"session": NIGHTLY, "key": "ci"}
    yield _done(101, 940, Tokens(3_100, 0, 0, 420), 0.0029, dur=6.1, tools=("Read",), **facts)
    yield _done(102, 925, Tokens(410, 3_480, 0, 1_900), 0.0053, dur=21.4, **facts)


def _of_export() -> Iterator[Call]:
    """A session on a vendor that is priced and has two API keys."""
    facts: dict[str, Any] = {
        "session": EXPORT, "group": "default", "alias": "claude-*", "provider": "vendor",
        "model": "sonnet", "upstream_protocol": "claude", "path": "/v1/messages", "notes": [],
        "window": 200_000,
    }  # fmt: skip
    yield _done(103, 610, Tokens(14, 0, 17_820, 212), 0.0701, dur=4.4, tools=("Grep",), **facts)
    yield _done(104, 598, Tokens(310, 17_820, 460, 1_344), 0.0282, dur=17.2, ttft=0.9,
                tools=("Read", "Edit"), **facts)  # fmt: skip
    yield missed(**facts)
    yield _done(106, 431, Tokens(22, 0, 0, 0), None, dur=0.1, ttft=None, operation="count tokens",
                streaming=False, stop_reason="", **facts)  # fmt: skip
    yield made_call(
        107, started_at=NOW - 402, tokens=Tokens(), phase=Phase.FAILED, status=529, ttft=None,
        duration=9.7, stop_reason="", error="529: Overloaded", cost=None,
        attempts=[
            Attempt("vendor/sonnet key 1", 0.0, 0.4, 529, Outcome.OVERLOAD, "529: Overloaded"),
            Attempt("vendor/sonnet key 2", 0.4, 0.3, 529, Outcome.OVERLOAD, "529: Overloaded"),
            Attempt("vendor/sonnet key 1", 9.4, 0.3, 529, Outcome.OVERLOAD, "529: Overloaded"),
        ],
        **facts,
    )  # fmt: skip


def missed(**facts: Any) -> Call:
    """Return the call that got another key at its second try, and nothing from the cache."""
    return _done(
        105, 560, Tokens(19, 0, 18_904, 655), 0.0808, dur=12.6, ttft=3.9, tools=("Bash",),
        marked=True, remark="why so dear?",
        attempts=[
            Attempt("vendor/sonnet key 1", 0.0, 0.4, 429, Outcome.THROTTLE,
                    "429: 50 requests per minute", 0.05, 0.39),
            Attempt("vendor/sonnet key 2", 1.4, 11.2, 200, Outcome.SUCCESS, "", 0.06, 1.7),
        ],
        **facts,
    )  # fmt: skip


def _of_parcels() -> Iterator[Call]:
    """A session with helpers, one of which has a helper of its own."""
    facts: dict[str, Any] = {"session": PARCELS, "window": 131_072}
    yield _done(108, 180, Tokens(9_460, 0, 0, 96), 0.0059, dur=3.1, tools=("Agent",), **facts)
    finder = {
        **facts,
        "agent": "agent-finder",
        "parent_agent": PARCELS,
        "tokens": Tokens(4_210, 0, 0, 51),
    }
    haiku: dict[str, Any] = {
        "requested": "claude-haiku-4-5",
        "alias": "claude-haiku-*",
        "model": "glm",
    }
    yield made_call(
        109, started_at=NOW - 176, cost=0.0027, duration=1.9, tools=("Grep",), **finder, **haiku
    )
    yield made_call(
        110, started_at=NOW - 173, cost=0.0011, duration=2.4, tools=("Read",), **finder, **haiku
    )
    reader = {**facts, "agent": "agent-reader", "parent_agent": "agent-finder"}
    yield _done(111, 170, Tokens(2_050, 0, 0, 310), 0.0020, dur=4.0, **reader, **haiku)
    yield _done(
        112, 150, Tokens(820, 9_460, 0, 140), 0.0022, dur=3.6, tools=("Read", "Read"), **facts
    )
    yield made_call(113, started_at=NOW - 121, phase=Phase.CANCELLED, tokens=Tokens(640, 10_280, 0, 33),
                    cost=0.0020, duration=1.2, stop_reason="", error="the client went away", **facts)  # fmt: skip
    yield edited()


def edited() -> Call:
    """Return the call that has found the cause, and changes the code."""
    return _done(
        114, 64, Tokens(1_180, 10_280, 0, 268), 0.0029, dur=5.3, ttft=0.74, tools=("Edit",),
        session=PARCELS, window=131_072, stop_reason="tool_use",
        notes=["prompt added (9 characters)", "tools removed: WebSearch", "temperature 1.0 → 0.7"],
        why=("The strategy is sticky: the session went there before.",),
    )  # fmt: skip


def running() -> Call:
    """Return the call that streams while we look."""
    return made_call(
        115, started_at=NOW - 8.4, phase=Phase.STREAMING, tokens=Tokens(), output_so_far=74,
        ttft=0.9, duration=None, stop_reason="", cost=None, session=PARCELS, window=131_072,
        attempts=[Attempt("local/qwen3-coder", 0.0, None, 200, None, "", 0.01, 0.7)],
        exchange=running_exchange(),
    )  # fmt: skip


def replayed() -> Call:
    """Return the call of the fix, sent again to a vendor."""
    return _done(
        116, 4, Tokens(12_010, 0, 0, 301), 0.0405, dur=3.0, ttft=0.5, tools=("Edit",),
        replay_of=114, provider="vendor", model="sonnet", upstream_protocol="claude",
        key="", session="", window=200_000, stop_reason="tool_use", notes=[],
    )  # fmt: skip


def _done(
    number: int, ago: float, tokens: Tokens, cost: float | None, *, dur: float, ttft: float | None = 0.6,
    **facts: Any,
) -> Call:  # fmt: skip
    call = made_call(
        number, started_at=NOW - ago, tokens=tokens, cost=cost, duration=dur, ttft=ttft, **facts
    )
    if "attempts" not in facts:
        key = " key 1" if call.provider == "vendor" else ""
        first = None if ttft is None else ttft / 2
        call.attempts = [
            Attempt(call.target + key, 0.0, dur, 200, Outcome.SUCCESS, "", 0.02, first)
        ]
    return call


def slots_before() -> list[Slot]:
    """Return what nine days of such work have added up to, an hour each."""
    today = NOW // DAY * DAY
    worked = [*nightly(), *calls()[:-1]]
    return [
        slot
        for day in range(9)
        for hour in range(8, 19)
        if (start := today - day * DAY + hour * HOUR) < NOW - HOUR
        for slot in slots_of(
            [call for call in worked for _ in range((day * 5 + hour * 7 + call.id * 3) % 11 - 4)],
            start,
        )
    ]


def slots_of(ended: list[Call], start: float = NOW // SLOT_SECONDS * SLOT_SECONDS) -> list[Slot]:
    """Return what calls add up to; one slot for each."""
    return [
        Slot(start, call.group, call.alias, call.target, call.key, call.session, Totals.of([call]))
        for call in ended
    ]
