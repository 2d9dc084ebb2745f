import asyncio
from datetime import date, timedelta
from pathlib import Path

import aiohttp
import pytest

from ccproxy_tui.config.models import AccessKey
from ccproxy_tui.gateway import access
from tests.gateway.proxy import TOKEN, Answer, RunningProxy, request, running_proxy


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": f"Bearer {TOKEN}"},
        {"x-api-key": TOKEN},
        {"Authorization": "Bearer wrong", "x-api-key": TOKEN},
        {"Authorization": f"bearer {TOKEN}", "x-api-key": "wrong"},
        {"x-goog-api-key": TOKEN},
        {"Authorization": "Bearer wrong", "x-goog-api-key": TOKEN},
    ],
)
async def test_either_header_may_hold_the_key(proxy: RunningProxy, headers: dict[str, str]) -> None:
    answer = await proxy.post("/claude/v1/messages", request(), token=None, **headers)
    assert answer.status == 200
    assert proxy.last_call().key == "dev"


async def test_the_query_may_hold_the_key(proxy: RunningProxy) -> None:
    path = "/claude/v1/messages"
    answer = await proxy.post(f"{path}?key={TOKEN}", request(), token=None)
    assert answer.status == 200
    call = proxy.last_call()
    assert call.key == "dev"
    assert call.path == path
    assert TOKEN not in repr(call)
    assert TOKEN not in repr(call.exchange)
    assert TOKEN not in str(proxy.upstream.calls[-1].headers)
    assert (await proxy.post(f"{path}?key=wrong", request(), token=None)).status == 401


@pytest.mark.parametrize("headers", [{}, {"x-api-key": "cs-wrong"}, {"Authorization": "Basic x"}])
async def test_a_refused_key_tells_the_client_not_to_try_again(
    proxy: RunningProxy, headers: dict[str, str]
) -> None:
    answer = await proxy.post("/claude/v1/messages", request(), token=None, **headers)
    assert answer.status == 401
    assert answer.headers["x-should-retry"] == "false"
    assert answer.json["error"]["type"] == "authentication_error"
    assert "Keys pane" in answer.json["error"]["message"]
    assert proxy.upstream.requests == []
    assert proxy.last_call().status == 401


async def test_a_disabled_key_is_none(proxy: RunningProxy) -> None:
    await proxy.configure(keys=(AccessKey(name="dev", token=TOKEN, disabled=True),))
    assert (await proxy.ask("claude")).status == 401


async def test_a_key_is_valid_until_the_end_of_its_last_day(
    proxy: RunningProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = date(2030, 2, 28)
    await proxy.configure(keys=(AccessKey(name="dev", token=TOKEN, expires=last),))
    monkeypatch.setattr(access, "today", lambda: last)
    assert (await proxy.ask("claude")).status == 200
    monkeypatch.setattr(access, "today", lambda: last + timedelta(days=1))
    for answer in (await proxy.ask("claude"), await models(proxy, "claude", TOKEN)):
        assert answer.status == 401
        assert answer.headers["x-should-retry"] == "false"
        assert answer.json["error"]["type"] == "authentication_error"
        assert answer.json["error"]["message"] == (
            'the access key "dev" has expired: its last day was 2030-02-28; give it a later one in '
            "ccproxy's Keys pane, or use another key"
        )
    assert len(proxy.upstream.calls) == 1


async def test_a_good_key_counts_beside_an_expired_one(proxy: RunningProxy) -> None:
    old = AccessKey(name="old", token="cs-old-token", expires=date(2020, 1, 1))
    await proxy.configure(keys=(old, AccessKey(name="dev", token=TOKEN)))
    headers = {"x-api-key": "cs-old-token"}
    assert (await proxy.post("/claude/v1/messages", request(), **headers)).status == 200
    assert proxy.last_call().key == "dev"
    refused = await proxy.post("/claude/v1/messages", request(), token=None, **headers)
    assert refused.status == 401
    assert '"old"' in refused.json["error"]["message"]
    assert "cs-old" not in refused.json["error"]["message"]


async def models(proxy: RunningProxy, group: str, token: str) -> Answer:
    headers = {"Authorization": f"Bearer {token}", "anthropic-version": "2023-06-01"}
    async with proxy.session.get(f"{proxy.url}/{group}/v1/models", headers=headers) as response:
        return Answer(response.status, response.headers, await response.read())


async def test_a_key_opens_its_groups_only(proxy: RunningProxy) -> None:
    key = AccessKey(name="dev", token=TOKEN, groups=("openai", "default"))
    await proxy.configure(keys=(key,))
    assert (await proxy.ask("openai")).status == 200
    assert (await models(proxy, "openai", TOKEN)).status == 200
    switched = proxy.live.value.settings.model_copy(update={"active_group": "claude"})
    await proxy.configure(settings=switched)
    refusals = (
        await proxy.ask("claude"),
        await proxy.ask("claude", model="an-alias-that-is-not-there"),
        await proxy.ask("switch"),
        await proxy.post("/claude/v1/messages/count_tokens", request()),
        await models(proxy, "claude", TOKEN),
    )
    for answer in refusals:
        assert answer.status == 403
        assert answer.headers["x-should-retry"] == "false"
        assert answer.json["error"]["type"] == "permission_error"
        assert answer.json["error"]["message"].startswith(
            'the access key "dev" does not open the group "claude"; it opens: openai, default.'
        )
    assert len(proxy.upstream.calls) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:11435"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
async def test_what_a_web_page_could_send_is_refused_even_with_the_right_key(
    proxy: RunningProxy, headers: dict[str, str]
) -> None:
    answer = await proxy.post("/claude/v1/messages", request(), **headers)
    assert answer.status == 403
    assert answer.json["type"] == "error"
    assert proxy.upstream.requests == []
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


async def test_a_host_that_we_are_told_to_accept_is_accepted(tmp_path: Path) -> None:
    async with running_proxy(tmp_path, accept_hosts=["box.lan"]) as proxy:
        answer = await proxy.post("/claude/v1/messages", request(), Host="box.lan:11435")
        assert answer.status == 200
        local = await proxy.post("/claude/v1/messages", request(), Host="localhost:11435")
        assert local.status == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [("192.168.1.5:11435", 200), ("[fe80::1]:11435", 200), ("rebound.example:11435", 403)],
)
async def test_listening_everywhere_addresses_are_accepted_but_no_names(
    tmp_path: Path, host: str, status: int
) -> None:
    async with running_proxy(tmp_path, host="0.0.0.0") as proxy:
        answer = await proxy.post("/claude/v1/messages", request(), Host=host)
        assert answer.status == status


async def test_the_address_from_the_command_line_is_accepted(tmp_path: Path) -> None:
    async with running_proxy(tmp_path, host="127.0.0.2") as proxy:
        url = proxy.url.replace("127.0.0.1", "127.0.0.2")
        async with proxy.session.head(url) as response:
            assert response.status == 200


async def test_no_preflight_is_answered(proxy: RunningProxy) -> None:
    async with proxy.session.options(
        proxy.url + "/v1/messages", headers={"Origin": "https://evil.example"}
    ) as response:
        assert response.status == 404
        assert "access-control-allow-origin" not in response.headers


async def test_no_secret_is_recorded_or_sent_on(proxy: RunningProxy) -> None:
    for lane in ("claude", "openai"):
        await proxy.post(f"/{lane}/v1/messages", request(), x_my_secret="hush", Cookie="a=b")
        exchange = proxy.last_call().exchange
        assert exchange is not None
        shown = repr(exchange)
        assert TOKEN not in shown
        assert "sk-one" not in shown
        assert "hush" not in shown
        received = proxy.upstream.calls[-1]
        assert received.api_key == "sk-one"
        assert TOKEN not in str(received.headers)
        assert "Cookie" not in received.headers


async def test_probes_are_answered_at_once_without_a_key(proxy: RunningProxy) -> None:
    for path in ("/", "/api/hello", "/claude/api/hello", "/claude/"):
        async with proxy.session.head(proxy.url + path) as response:
            assert response.status == 200, path


async def test_a_client_without_any_headers_gets_json(proxy: RunningProxy) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.get(proxy.url + "/telemetry/x?y=1") as response,
    ):
        assert response.status == 404
        assert (await response.json())["error"]["type"] == "not_found_error"


@pytest.mark.parametrize(
    "line", ["Authorization: Bearer {}\x01", "x-api-key : {}", "x-api-key {}", "x-api-key: {}\n x"]
)
async def test_a_malformed_request_leaves_no_key_in_the_log(
    proxy: RunningProxy, caplog: pytest.LogCaptureFixture, line: str
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(proxy.url.rpartition(":")[2]))
    head = f"POST /v1/messages HTTP/1.1\r\nHost: localhost\r\n{line.format(TOKEN)}\r\n\r\n"
    writer.write(head.encode())
    assert b" 400 " in await reader.readline()
    writer.close()
    await writer.wait_closed()
    assert TOKEN not in caplog.text
    assert TOKEN[3:] not in str([record.exc_info for record in caplog.records])
