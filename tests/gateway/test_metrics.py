"""What Prometheus is told, read by its own parser."""

from collections.abc import Iterable

import pytest
from prometheus_client.parser import text_string_to_metric_families

from ccproxy_tui.demo.reply import Reply, Usage
from ccproxy_tui.gateway.limits import KeyLimits
from ccproxy_tui.gateway.metrics import Metrics
from ccproxy_tui.traffic.call import Call, Phase
from tests.gateway.proxy import TOKEN, RunningProxy


class Told:
    def __init__(self, text: str) -> None:
        self._samples = [
            sample for family in text_string_to_metric_families(text) for sample in family.samples
        ]

    def values(self, name: str, **labels: str) -> list[float]:
        return [
            sample.value
            for sample in self._samples
            if sample.name == name and labels.items() <= sample.labels.items()
        ]

    def labels(self, name: str) -> Iterable[dict[str, str]]:
        return (sample.labels for sample in self._samples if sample.name == name)


async def told(proxy: RunningProxy) -> Told:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with proxy.session.get(f"{proxy.url}/metrics", headers=headers) as response:
        assert response.status == 200
        assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        return Told(await response.text())


async def test_calls_tokens_and_times_are_told_by_their_conventional_names(
    proxy: RunningProxy,
) -> None:
    usage = Usage(input=1000, output=50, cached=3000)
    good, broken = Reply(text="hello", usage=usage), Reply(status=500, error="worn out")
    proxy.upstream.script = [good, good, broken]
    await proxy.ask("claude")
    await proxy.ask("openai", stream=False)
    await proxy.ask("openai")
    found = await told(proxy)
    model = {"gen_ai_request_model": "claude-*", "gen_ai_response_model": "m"}
    for provider in ("anthropic", "openai"):
        kind = {"gen_ai_operation_name": "chat", "gen_ai_provider_name": provider, **model}
        count, total = "gen_ai_client_token_usage_count", "gen_ai_client_token_usage_sum"
        assert found.values(count, gen_ai_token_type="input", **kind) == [1]
        assert found.values(total, gen_ai_token_type="input", **kind) == [4000]
        assert found.values(total, gen_ai_token_type="output", **kind) == [50]
        done = found.values("gen_ai_client_operation_duration_seconds_count", error_type="", **kind)
        assert done == [1]
        assert found.values("gen_ai_server_time_to_first_token_seconds_count", **kind) == [1]
    failed = found.values("gen_ai_client_operation_duration_seconds_count", error_type="overload")
    assert failed == [1]
    assert found.values("ccproxy_calls_total", key="dev", status="200", phase="done") == [1, 1]
    assert found.values("ccproxy_tokens_total", group="claude", type="cache_read") == [3000]
    assert found.values("ccproxy_attempts_total", provider="openai", outcome="overload") == [1]
    assert found.values("ccproxy_calls_running") == [0]


async def test_it_needs_a_key_and_tells_none(proxy: RunningProxy) -> None:
    for headers in ({}, {"Authorization": "Bearer cs-wrong-one"}):
        async with proxy.session.get(f"{proxy.url}/metrics", headers=headers) as response:
            assert response.status == 401
            assert "access key" in await response.text()
    await proxy.ask("claude")
    headers = {"x-api-key": TOKEN}
    async with proxy.session.get(f"{proxy.url}/metrics", headers=headers) as response:
        text = await response.text()
    assert TOKEN not in text
    assert "sk-one" not in text


async def test_a_model_that_nobody_has_makes_no_series_of_its_own(proxy: RunningProxy) -> None:
    for number in range(3):
        await proxy.ask("claude", model=f"misspelt-{number}")
    found = await told(proxy)
    assert found.values("ccproxy_calls_total", status="404") == [3]
    assert not list(found.labels("gen_ai_client_operation_duration_seconds_count"))


async def test_a_group_that_does_not_exist_makes_no_series_of_its_own(proxy: RunningProxy) -> None:
    for number in range(3):
        await proxy.post(f"/invented-{number}/v1/messages", b"{}", token=None)
        await proxy.ask(f"invented-{number}")
    assert proxy.last_call().group == ""
    found = await told(proxy)
    assert {labels["group"] for labels in found.labels("ccproxy_calls_total")} == {""}


@pytest.mark.parametrize("count", [-1, -(10**30), 10**400], ids=["-1", "-1e30", "1e400"])
async def test_numbers_of_tokens_that_cannot_be_spoil_no_reply(
    proxy: RunningProxy, count: int
) -> None:
    said = (
        '{"id":"m","type":"message","role":"assistant","model":"m","stop_reason":"end_turn",'
        f'"content":[{{"type":"text","text":"hi\\ud800"}}],'
        f'"usage":{{"input_tokens":{count},"output_tokens":{count}}}}}'
    )
    proxy.upstream.script = Reply(raw_body=said.encode(), content_type="application/json")
    answer = await proxy.ask("claude", stream=False)
    call = proxy.last_call()
    assert (answer.status, call.phase) == (200, Phase.DONE)
    assert call.tokens.estimated
    assert 0 <= call.tokens.output < 1000
    assert (await told(proxy)).values("ccproxy_calls_total", phase="done") == [1]


async def test_what_cannot_be_counted_spoils_no_reply(
    proxy: RunningProxy, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def break_down(self: object, call: Call) -> None:
        raise ValueError

    monkeypatch.setattr(KeyLimits, "note", break_down)
    monkeypatch.setattr(Metrics, "note", break_down)
    assert (await proxy.ask("claude", stream=False)).status == 200
    assert caplog.text.count("call 1 cannot be counted") == 2
