"""A recorded call is sent again, as it was or changed, through everything that its client's did."""

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest
from yarl import URL

from ccproxy_tui.config.models import AccessKey, Group, Provider, Proxy, Target
from ccproxy_tui.demo.received import ReceivedRequest
from ccproxy_tui.demo.reply import Reply
from ccproxy_tui.gateway.headers import TICKET
from ccproxy_tui.gateway.replay import Again, CannotReplayError, Ticket, sealed
from ccproxy_tui.traffic.call import Call, Message, Phase
from tests.gateway.five import PROTOCOLS, ask, lead_to_all
from tests.gateway.proxy import TOKEN, RunningProxy, request, running_proxy
from tests.gateway.test_cancel import reach


async def again(proxy: RunningProxy, call: Call, **changes: Any) -> Call:
    """Send a call again, and give the new one when it is over."""
    assert call.exchange is not None
    sent = await proxy.gateway.replays.send(Again(call, call.exchange.client_request, **changes))
    new = await reach(proxy, Phase.DONE, Phase.FAILED)
    assert new.id == sent
    assert new.replay_of == call.id
    return new


def at_upstream(proxy: RunningProxy) -> list[tuple[str, str, Any]]:
    """The last two requests: what each was about."""
    return [(one.path, one.query, one.json) for one in proxy.upstream.calls[-2:]]


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("client", PROTOCOLS)
async def test_as_it_was(proxy: RunningProxy, client: str, stream: bool) -> None:
    await lead_to_all(proxy)
    proxy.upstream.script = Reply(text="hello")
    answer = await ask(proxy, client, client, stream=stream)
    first = proxy.last_call()
    second = await again(proxy, first)
    before, after = at_upstream(proxy)
    assert before == after
    assert (second.status, second.streaming, second.path) == (200, stream, first.path)
    assert (second.key, second.group, second.requested) == ("dev", client, first.requested)
    exchanges = first.exchange, second.exchange
    assert exchanges[0] is not None
    assert exchanges[1] is not None
    assert exchanges[0].client_request.head == exchanges[1].client_request.head
    assert exchanges[0].client_request.body == exchanges[1].client_request.body
    types = [dict(one.client_reply.headers)["Content-Type"] for one in exchanges if one]
    assert types == [answer.headers["Content-Type"].partition(";")[0]] * 2


async def test_its_headers_are_the_clients_but_for_credentials(proxy: RunningProxy) -> None:
    await proxy.post(
        "/claude/v1/messages?beta=true&key=" + TOKEN,
        request(),
        token=None,
        x_api_key=TOKEN,
        anthropic_beta="one,two",
        x_claude_code_session_id="s-1",
        user_agent="agent/1",
    )
    first = proxy.last_call()
    assert first.exchange is not None
    assert first.exchange.client_request.head == "POST /claude/v1/messages?beta=true"
    second = await again(proxy, first)
    assert second.exchange is not None
    names = {name.lower() for name, _ in second.exchange.client_request.headers}
    assert TICKET not in names
    assert "x-api-key" not in names
    assert second.session == "s-1"
    received = proxy.upstream.calls[-1].headers
    assert (received["anthropic-beta"], received["User-Agent"]) == ("one,two", "agent/1")
    assert TICKET not in received
    assert received["x-api-key"] == "sk-one"


async def test_the_id_comes_while_it_runs(proxy: RunningProxy) -> None:
    await proxy.ask("claude")
    first = proxy.last_call()
    proxy.upstream.script = Reply(hang_before_headers=True)
    assert first.exchange is not None
    sent = await proxy.gateway.replays.send(Again(first, first.exchange.client_request))
    assert sent in proxy.gateway.calls.running
    await proxy.upstream.wait_for_calls(2)
    assert proxy.gateway.calls.stop(sent)
    assert (await reach(proxy, Phase.CANCELLED)).replay_of == first.id


async def test_edited(proxy: RunningProxy) -> None:
    await proxy.ask("openai")
    body = request(stream=False, max_tokens=5)
    second = await again(proxy, proxy.last_call(), body=orjson.dumps(body))
    assert not second.streaming
    assert proxy.upstream.calls[-1].json["max_tokens"] == 5


@pytest.mark.parametrize("client", PROTOCOLS)
async def test_with_another_model_and_group(proxy: RunningProxy, client: str) -> None:
    await lead_to_all(proxy)
    proxy.upstream.script = Reply(text="hello")
    await ask(proxy, client, "claude", stream=True)
    second = await again(proxy, proxy.last_call(), model="vendor/other:1", group="ollama")
    assert (second.status, second.group, second.provider) == (200, "ollama", "ollama")
    assert second.requested == "vendor/other:1"
    third = await again(proxy, second, model="plain")
    assert (third.status, third.group, third.requested) == (200, "ollama", "plain")


async def test_below_prefixes(proxy: RunningProxy) -> None:
    await proxy.post("/claude/compat_mode/v1/messages", request())
    first = proxy.last_call()
    assert (await again(proxy, first)).path == "/claude/compat_mode/v1/messages"
    moved = await again(proxy, first, group="openai")
    assert (moved.path, moved.provider) == ("/openai/compat/v1/messages", "openai")


async def test_a_groups_rules_are_those_of_now(proxy: RunningProxy) -> None:
    await proxy.ask("claude")
    await proxy.set_group(
        "claude", prompt_injection="enhance", prompt_scope="every", prompt_text="X1"
    )
    await again(proxy, proxy.last_call())
    assert b"X1" in proxy.upstream.calls[-1].body


async def test_to_a_target_that_no_alias_has(proxy: RunningProxy) -> None:
    keys = ("sk-a-secret", "sk-b-secret")

    def script(received: ReceivedRequest) -> Reply:
        if received.api_key == keys[0]:
            return Reply(status=401, error="no")
        return Reply(text=f"by {received.model}")

    proxy.upstream.script = script
    aside = Provider(
        name="aside", protocol="openai", base_url=proxy.upstream.base_url, api_keys=keys
    )
    await proxy.configure(providers=(*proxy.live.value.providers, aside))
    await proxy.ask("claude")
    first = proxy.last_call()
    for expected in ([keys[0], keys[1]], [keys[1]]):
        before = len(proxy.upstream.calls)
        second = await again(proxy, first, target="aside/org/big")
        assert (second.provider, second.model, second.alias) == ("aside", "org/big", "claude-*")
        assert [one.api_key for one in proxy.upstream.calls[before:]] == expected, "health counts"
        assert proxy.upstream.calls[-1].model == "org/big"
        assert "sent to aside/org/big on request, whatever the alias says" in second.notes
    elsewhere = await again(proxy, first, target="aside/m", model="no-alias-has-it")
    assert (elsewhere.status, elsewhere.alias) == (200, "")


async def test_a_pinned_target_leaves_the_session_where_it_is(proxy: RunningProxy) -> None:
    targets = (Target(provider="claude", model="m"), Target(provider="openai", model="m"))
    await proxy.configure(proxies=(Proxy(group="default", alias="*", targets=targets),))
    headers = {"x_claude_code_session_id": "s"}
    await proxy.post("/v1/messages", request(), **headers)
    first = proxy.last_call()
    other = next(name for name in ("claude", "openai") if name != first.provider)
    assert (await again(proxy, first, target=f"{other}/m")).provider == other
    await proxy.post("/v1/messages", request(), **headers)
    assert proxy.last_call().provider == first.provider
    assert (await again(proxy, first)).provider == first.provider


@pytest.mark.parametrize("keeps_name", [True, False])
async def test_no_access_key_is_needed(proxy: RunningProxy, keeps_name: bool) -> None:
    await proxy.ask("claude")
    first = proxy.last_call()
    closed = AccessKey(name="dev", token="cs-another-token-1", groups=("openai",), disabled=True)
    await proxy.configure(keys=(closed,) if keeps_name else ())
    second = await again(proxy, first)
    assert (second.status, second.key) == (200, "dev" if keeps_name else "")


async def test_it_counts_under_its_keys_limits(proxy: RunningProxy) -> None:
    limited = AccessKey(name="dev", token=TOKEN, requests_per_minute=1)
    await proxy.configure(keys=(limited,))
    await proxy.ask("claude")
    second = await again(proxy, proxy.last_call())
    assert second.status == 429
    assert "requests of the last minute" in second.error


async def test_tokens_are_counted_again(proxy: RunningProxy) -> None:
    await proxy.post("/claude/v1/messages/count_tokens", request())
    second = await again(proxy, proxy.last_call(), target="openai/m")
    assert (second.operation, second.status) == ("count tokens", 200)


async def test_a_ticket_that_is_none_of_ours_lets_nobody_in(proxy: RunningProxy) -> None:
    refused = await proxy.post("/claude/v1/messages", request(), token=None, **{TICKET: "guess"})
    assert refused.status == 401
    answer = await proxy.post("/claude/v1/messages", request(), **{TICKET: "guess"})
    assert answer.status == 200
    call = proxy.last_call()
    assert call.replay_of is None
    assert call.exchange is not None
    assert "guess" not in str(call.exchange)
    assert TICKET not in proxy.upstream.calls[-1].headers


async def test_a_ticket_lets_one_request_in(proxy: RunningProxy) -> None:
    began: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    seal = sealed("POST", "/claude/v1/messages", orjson.dumps(request()))
    proxy.gateway.replays._tickets["right"] = Ticket(7, "dev", "", seal, began)

    async def show(ticket: str) -> int:
        sent = {TICKET: ticket}
        return (await proxy.post("/claude/v1/messages", request(), token=None, **sent)).status

    assert [await show(one) for one in ("wrong", "right", "right")] == [401, 200, 401]
    assert began.done()


@pytest.mark.parametrize("other", [{"max_tokens": 1}, {}])
async def test_a_ticket_lets_in_what_it_was_made_for_alone(
    proxy: RunningProxy, other: dict[str, Any]
) -> None:
    began: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    seal = sealed("POST", "/claude/v1/messages", orjson.dumps(request()))
    proxy.gateway.replays._tickets["right"] = Ticket(7, "dev", "", seal, began)
    path = "/claude/v1/messages" if other else "/openai/v1/messages"
    answer = await proxy.post(path, request(**other), token=None, **{TICKET: "right"})
    assert answer.status == 401
    assert not proxy.upstream.calls


@pytest.mark.parametrize("slashes", ["//", "///"])
async def test_a_path_that_looks_like_another_hosts_address_leads_nowhere_else(
    proxy: RunningProxy, slashes: str
) -> None:
    elsewhere = URL(proxy.upstream.base_url).authority
    await proxy.post(f"{slashes}{elsewhere}/v1/messages", request())
    second = await again(proxy, proxy.last_call())
    assert (second.status, second.path) == (404, f"/{elsewhere}/v1/messages")
    assert not proxy.upstream.requests


async def test_a_path_arrives_as_it_was(proxy: RunningProxy) -> None:
    await lead_to_all(proxy)
    await ask(proxy, "gemini", "gemini", stream=False)
    first = proxy.last_call()
    assert first.exchange is not None
    before = first.path
    first.path = "/gemini//v1beta/models/../a/./ü 100%?#&+b:generateContent"
    first.exchange.client_request.head = f"POST {first.path}?alt=json&a=%2F+%26"
    second = await again(proxy, first)
    assert before != second.path == first.path.replace("//", "/")
    assert second.status == 200
    assert second.exchange is not None
    assert second.exchange.client_request.head.endswith("?alt=json&a=%2F+%26")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"target": "nobody/m"}, '"nobody/m" names no provider and model; providers are: '),
        ({"target": "claude"}, '"claude" names no provider and model'),
        ({"target": "off/m"}, 'the provider "off" is disabled; enable it in the Providers pane'),
        ({"group": "nope"}, 'there is no group "nope"; groups are: '),
        ({"group": "shut"}, 'the group "shut" is disabled'),
        ({"model": "gpt-9"}, 'the group "claude" has no alias for the model "gpt-9"'),
        ({"body": b"{oops"}, "the edited body is not valid JSON"),
        ({"body": b"[]", "model": "claude-x"}, "the body is not a JSON object"),
        ({"request": Message("POST /claude/v1/messages")}, "was not kept"),
    ],
)
async def test_what_cannot_be_is_said_at_once(
    proxy: RunningProxy, changes: dict[str, Any], words: str
) -> None:
    off = Provider(name="off", base_url=proxy.upstream.base_url, disabled=True)
    shut = Group(name="shut", disabled=True)
    value = proxy.live.value
    await proxy.configure(providers=(*value.providers, off), groups=(*value.groups, shut))
    await proxy.ask("claude")
    call = proxy.last_call()
    assert call.exchange is not None
    with pytest.raises(CannotReplayError) as raised:
        await proxy.gateway.replays.send(
            Again(call, **{"request": call.exchange.client_request, **changes})
        )
    assert words in str(raised.value)
    assert len(proxy.upstream.calls) == 1


@pytest.mark.parametrize("host", ["0.0.0.0", "localhost"])
async def test_wherever_it_listens(tmp_path: Path, host: str) -> None:
    async with running_proxy(tmp_path, host=host) as proxy:
        await proxy.ask("claude")
        assert (await again(proxy, proxy.last_call())).status == 200


async def test_a_proxy_that_has_stopped_listening_says_so(proxy: RunningProxy) -> None:
    await proxy.ask("claude")
    call = proxy.last_call()
    assert call.exchange is not None
    await proxy.session.close()
    await proxy.gateway.stop(1)
    with pytest.raises(CannotReplayError, match="is stopping"):
        await proxy.gateway.replays.send(Again(call, call.exchange.client_request))


async def test_a_replay_that_runs_ends_with_the_proxy(tmp_path: Path) -> None:
    async with running_proxy(tmp_path) as proxy:
        await proxy.ask("claude")
        first = proxy.last_call()
        proxy.upstream.script = Reply(hang_before_headers=True)
        assert first.exchange is not None
        await proxy.gateway.replays.send(Again(first, first.exchange.client_request))
        await proxy.upstream.wait_for_calls(2)
        await asyncio.wait_for(proxy.gateway.stop(0.05), 5)
        assert (await reach(proxy, Phase.CANCELLED)).replay_of == first.id
