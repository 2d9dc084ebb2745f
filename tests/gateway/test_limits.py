import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ccproxy_tui.config.models import AccessKey, Proxy, Target
from ccproxy_tui.gateway.errors import RefusedError
from ccproxy_tui.gateway.limits import KeyLimits, beginning, today
from ccproxy_tui.protocols.base import Failure
from ccproxy_tui.traffic import prices
from ccproxy_tui.traffic.call import Call, Phase, Tokens
from ccproxy_tui.traffic.feed import Feed
from ccproxy_tui.traffic.journal import Journal, Limits
from ccproxy_tui.traffic.spent import Spent
from tests.gateway import five
from tests.gateway.proxy import TOKEN, RunningProxy, request, running_proxy

DAY = date(2030, 3, 31)


@dataclass
class Clock:
    """A time that goes on when it is told to."""

    seconds: float = 1000.0
    day: date = DAY

    def limits(self) -> KeyLimits:
        return KeyLimits(clock=lambda: self.seconds, today=lambda: self.day)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def set_zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Move this machine into another time zone."""

    def move(name: str) -> None:
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield move
    monkeypatch.undo()
    time.tzset()


def key(**limits: Any) -> AccessKey:
    return AccessKey(name="dev", token=TOKEN, **limits)


def ended(*, at: float | None = None, **facts: Any) -> Call:
    started = beginning(DAY) + 3600 if at is None else at
    facts = {"phase": Phase.DONE, "tokens": Tokens(10, 20, 30, 40), "cost": 0.5, **facts}
    return Call(id=1, started_at=started, **{"key": "dev", **facts})


def refusal(limits: KeyLimits, of: AccessKey) -> Failure | None:
    try:
        limits.admit(of)
    except RefusedError as error:
        return error.failure
    return None


def test_a_key_without_limits_is_let_in_whatever_it_has_used(clock: Clock) -> None:
    limits = clock.limits()
    for _ in range(100):
        assert refusal(limits, key()) is None
        limits.note(ended(tokens=Tokens(input=10**9), cost=1e6))


def test_a_minute_is_the_last_sixty_seconds_at_any_time(clock: Clock) -> None:
    limits, mine = clock.limits(), key(requests_per_minute=2)
    for seconds in (0, 40):
        clock.seconds = seconds
        assert refusal(limits, mine) is None
    clock.seconds = 59.5
    refused = refusal(limits, mine)
    assert refused is not None
    assert refused.status == 429
    assert refused.kind == "rate_limit_exceeded"
    assert refused.retry is False
    assert refused.retry_after == 1
    assert refused.message == (
        'the access key "dev" has made its 2 requests of the last minute; the next one is free '
        "in 1 s, or raise requests/min in the Keys pane"
    )
    clock.seconds = 60
    assert refusal(limits, mine) is None, "refused calls do not count"
    refused = refusal(limits, mine)
    assert refused is not None
    assert refused.retry_after == 40


def test_a_lowered_limit_is_waited_for_as_long_as_it_takes(clock: Clock) -> None:
    limits = clock.limits()
    for seconds in (0, 10, 20):
        clock.seconds = seconds
        limits.admit(key(requests_per_minute=3))
    clock.seconds = 30
    refused = refusal(limits, key(requests_per_minute=1))
    assert refused is not None
    assert refused.retry_after == 50
    clock.seconds = 79
    assert refusal(limits, key(requests_per_minute=1)) is not None
    clock.seconds = 80
    assert refusal(limits, key(requests_per_minute=1)) is None


def test_all_tokens_count_and_a_call_is_measured_when_it_begins(clock: Clock) -> None:
    limits, mine = clock.limits(), key(tokens_per_day=150)
    limits.note(ended())
    assert refusal(limits, mine) is None, "100 of 150 are used"
    limits.note(ended(phase=Phase.CANCELLED))
    refused = refusal(limits, mine)
    assert refused is not None
    assert (refused.status, refused.kind, refused.retry) == (429, "insufficient_quota", False)
    assert refused.retry_after is None
    assert refused.message == (
        'the access key "dev" has used 200 tokens today, and may use 150 tokens a day; its day '
        "ends at midnight, or raise tokens/day in the Keys pane"
    )
    assert refusal(limits, key(tokens_per_day=201)) is None, "a raised limit holds at once"
    assert refusal(limits, key(tokens_per_day=200)) is not None


def test_money_counts_as_far_as_prices_are_known(clock: Clock) -> None:
    limits, mine = clock.limits(), key(money_per_day=1)
    for cost in (0.5, None, 0.25):
        limits.note(ended(cost=cost))
    assert refusal(limits, mine) is None
    limits.note(ended(phase=Phase.FAILED, cost=0.25, tokens=Tokens(1_000_000)))
    refused = refusal(limits, mine)
    assert refused is not None
    assert "has used $1.00 today, and may use $1.00 a day" in refused.message
    assert "money/day" in refused.message
    small = refusal(limits, key(money_per_day=0.0025))
    assert small is not None
    assert "may use $0.0025 a day" in small.message


@pytest.mark.parametrize(
    ("cost", "said"),
    [
        (0.5, "$0.50"),
        (0.0025, "$0.0025"),
        (0.6 + 0.3 + 0.1, "$1.00"),
        (1234.567, "$1,234.57"),
        (3e-9, "$0.00"),
    ],
)
def test_money_is_written_as_exactly_as_it_matters(clock: Clock, cost: float, said: str) -> None:
    limits = clock.limits()
    limits.note(ended(cost=cost))
    refused = refusal(limits, key(money_per_day=1e-9))
    assert refused is not None
    assert f"has used {said} today" in refused.message


def test_keys_do_not_share_and_a_refusal_takes_no_request(clock: Clock) -> None:
    limits = clock.limits()
    limits.note(ended())
    mine, other = key(tokens_per_day=50, requests_per_minute=1), key(requests_per_minute=1)
    assert refusal(limits, mine) is not None
    assert refusal(limits, other) is None
    stranger = AccessKey(name="other", token="cs-other", tokens_per_day=50, requests_per_minute=1)
    assert refusal(limits, stranger) is None


def test_counting_tokens_uses_none(clock: Clock) -> None:
    limits = clock.limits()
    limits.note(ended(operation="count tokens"))
    assert refusal(limits, key(tokens_per_day=1)) is None


def test_a_new_day_begins_with_nothing_and_owes_nothing_for_yesterdays_calls(clock: Clock) -> None:
    limits, mine = clock.limits(), key(tokens_per_day=100)
    limits.note(ended())
    assert refusal(limits, mine) is not None
    clock.day = DAY + timedelta(days=1)
    midnight = beginning(clock.day)
    assert refusal(limits, mine) is None
    limits.note(ended(at=midnight - 0.001))
    assert refusal(limits, mine) is None, "it began yesterday"
    limits.note(ended(at=midnight))
    assert refusal(limits, mine) is not None


@pytest.mark.parametrize(
    ("zone", "day", "hours", "first"),
    [
        ("Europe/Berlin", date(2030, 3, 31), 23, "2030-03-30T23:00"),
        ("Europe/Berlin", date(2030, 10, 27), 25, "2030-10-26T22:00"),
        ("UTC", date(2030, 3, 31), 24, "2030-03-31T00:00"),
        # there was no 00:00 on this day, and the night before it went on until 01:00
        ("America/Sao_Paulo", date(2018, 11, 4), 23, "2018-11-04T03:00"),
    ],
)
def test_a_day_is_one_of_the_local_calendar(
    set_zone: Callable[[str], None], zone: str, day: date, hours: int, first: str
) -> None:
    set_zone(zone)
    begins, ends = beginning(day), beginning(day + timedelta(days=1))
    assert datetime.fromtimestamp(begins, UTC).isoformat().startswith(first)
    assert ends - begins == hours * 3600
    for moment, its_day in ((begins, day), (begins - 1, day - timedelta(days=1)), (ends - 1, day)):
        assert datetime.fromtimestamp(moment, UTC).astimezone().date() == its_day


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12"])
def test_today_is_the_local_day(set_zone: Callable[[str], None], zone: str) -> None:
    set_zone(zone)
    assert beginning(today()) <= time.time() < beginning(today() + timedelta(days=1))


async def test_a_restart_forgets_nothing(tmp_path: Path, clock: Clock) -> None:
    journal, feed = await Journal.open(tmp_path / "journal.db"), Feed()
    try:
        keeping = asyncio.ensure_future(journal.keep(feed, lambda: Limits(days=1e5, megabytes=100)))
        await asyncio.sleep(0)
        for number, after in ((1, -1), (2, 0), (3, 100)):
            feed.tell(
                Call(
                    id=number,
                    started_at=beginning(DAY) + after,
                    key="dev",
                    phase=Phase.DONE,
                    tokens=Tokens(10, 20, 30, 40),
                    cost=0.5,
                )
            )
        keeping.cancel()
        await asyncio.wait({keeping})
        spent = await journal.spent_since(beginning(DAY))
    finally:
        await journal.close()
    assert spent == {"dev": Spent(200, 1.0)}
    limits = clock.limits()
    limits.seed(spent)
    assert refusal(limits, key(tokens_per_day=201)) is None
    assert refusal(limits, key(tokens_per_day=200)) is not None
    assert refusal(limits, key(money_per_day=1)) is not None


async def limit(proxy: RunningProxy, **limits: Any) -> None:
    await proxy.configure(keys=(key(**limits),))


async def test_the_third_of_two_requests_a_minute_is_refused(proxy: RunningProxy) -> None:
    await limit(proxy, requests_per_minute=2)
    for lane in ("claude", "openai"):
        counted = await proxy.post(f"/{lane}/v1/messages/count_tokens", request())
        assert counted.status == 200
        assert (await proxy.ask(lane)).status == 200
    asked = len(proxy.upstream.calls)
    refused = await proxy.ask("claude")
    assert refused.status == 429
    assert refused.headers["x-should-retry"] == "false"
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert refused.json["error"]["type"] == "rate_limit_error"
    assert '"dev"' in refused.json["error"]["message"]
    assert len(proxy.upstream.calls) == asked
    call = proxy.last_call()
    assert (call.status, call.phase, call.attempts) == (429, Phase.FAILED, [])
    assert "requests/min" in call.error
    assert (await proxy.post("/claude/v1/messages/count_tokens", request())).status == 200


async def test_what_a_call_has_used_refuses_the_next_one(proxy: RunningProxy) -> None:
    await limit(proxy, tokens_per_day=1)
    assert (await proxy.ask("claude")).status == 200, "a call is never cut"
    first = proxy.last_call()
    used = first.tokens.context + first.tokens.output
    refused = await proxy.ask("openai", stream=False)
    assert refused.status == 429
    assert refused.headers["x-should-retry"] == "false"
    assert "retry-after" not in refused.headers
    assert f'"dev" has used {used:,} tokens today' in refused.json["error"]["message"]
    await limit(proxy, tokens_per_day=used + 1)
    assert (await proxy.ask("openai", stream=False)).status == 200


async def test_what_a_call_has_cost_refuses_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_proxy(tmp_path) as proxy:
        target = Target(provider="claude", model="claude-sonnet-4-5")
        await proxy.configure(proxies=(Proxy(group="claude", alias="*", targets=(target,)),))
        await limit(proxy, money_per_day=0.000001)
        for _ in range(2):
            assert (await proxy.ask("claude")).status == 200, "what is local has no price"
            assert proxy.last_call().cost is None
        monkeypatch.setattr(prices, "_is_private", lambda _: False)
        assert (await proxy.ask("claude")).status == 200
        cost = proxy.last_call().cost
        assert cost is not None
        assert cost > 0
        refused = await proxy.ask("claude")
        assert refused.status == 429
        assert "may use $0.000001 a day" in refused.json["error"]["message"]


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("client", five.PROTOCOLS)
async def test_every_client_is_told_in_its_own_shape(
    proxy: RunningProxy, client: str, stream: bool
) -> None:
    await five.lead_to_all(proxy)
    await limit(proxy, tokens_per_day=1)
    assert (await five.ask(proxy, client, client, stream=stream)).status == 200
    refused = await five.ask(proxy, client, client, stream=stream)
    assert refused.status == 429
    assert refused.headers["x-should-retry"] == "false"
    error = refused.json["error"]
    said = error if client == "ollama" else error["message"]
    assert 'the access key "dev" has used ' in said
    expected: dict[str, dict[str, Any]] = {
        "claude": {"type": "rate_limit_error"},
        "openai": {"type": "rate_limit_error", "code": "insufficient_quota"},
        "responses": {"type": "rate_limit_error", "code": "insufficient_quota"},
        "gemini": {"code": 429, "status": "RESOURCE_EXHAUSTED"},
        "ollama": {},
    }
    for name, value in expected[client].items():
        assert error[name] == value
