"""Outgoing HTTP proxies: one for a provider, or one for each of its API keys."""

import logging
import re
import socket
from typing import Any

import pytest

from ccproxy_tui.traffic.attempt import Outcome
from tests.gateway.pool.forward_proxy import forward_proxy
from tests.gateway.pool.scene import Scene
from tests.gateway.proxy import Answer

PASSWORD = "p4ss-w0rd"
LANES: tuple[Any, ...] = ("claude", "openai")


def shows_no_password(scene: Scene, answer: Answer, caplog: pytest.LogCaptureFixture) -> bool:
    call = scene.call
    assert call.exchange is not None
    messages = (call.exchange.upstream_request, call.exchange.upstream_reply)
    records = [f"{record.getMessage()} {record.exc_text}" for record in caplog.records]
    shown = [answer.body, call.error, call.attempts, messages, scene.pool.healths, records]
    forms = (PASSWORD, "dXNlcjpwNHNzLXcwcmQ")
    return not any(form in str(one) for one in shown for form in forms)


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("lane", LANES)
async def test_a_provider_s_proxy_is_shown_the_whole_address(
    scene: Scene, lane: Any, stream: bool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "ccproxy_tui")
    async with forward_proxy() as outgoing:
        proxies = (f"http://user:{PASSWORD}@{outgoing.address}",)
        await scene.set_up(scene.provider("a", lane, http_proxies=proxies))
        answer = await scene.ask(stream=stream)
        assert answer.status == 200
        [(method, target, credentials)] = outgoing.seen
        assert method == "POST"
        assert re.fullmatch(scene.proxy.upstream.base_url + "/(messages|chat/completions)", target)
        assert credentials == f"user:{PASSWORD}"
        [received] = scene.proxy.upstream.calls
        assert "Proxy-Authorization" not in received.headers
        assert shows_no_password(scene, answer, caplog)


async def test_each_key_can_have_its_own(scene: Scene) -> None:
    async with forward_proxy() as one, forward_proxy() as two:
        proxies = tuple(f"http://{name}:x@{on.address}" for name, on in (("u1", one), ("u2", two)))
        await scene.set_up(
            scene.provider("a", keys=2, http_proxies=proxies), strategy="round_robin"
        )
        for _ in range(4):
            await scene.ask()
        assert [credentials for _, _, credentials in one.seen] == ["u1:x"] * 2
        assert [credentials for _, _, credentials in two.seen] == ["u2:x"] * 2
        by_key = sorted(scene.asked)
        assert by_key == ["a 1", "a 1", "a 2", "a 2"]


async def test_one_that_is_not_there_is_named_without_its_password(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    proxies = (f"http://user:{PASSWORD}@127.0.0.1:{port}",)
    await scene.set_up(scene.provider("a", http_proxies=proxies))
    answer = await scene.ask()
    message = answer.json["error"]["message"]
    assert f"its HTTP proxy cannot be reached at 127.0.0.1:{port}" in message
    assert scene.tried == [("a/m", Outcome.TRANSPORT)]
    assert shows_no_password(scene, answer, caplog)


@pytest.mark.parametrize("status", [403, 407, 502])
async def test_one_that_lets_no_tunnel_through_leads_to_the_next_candidate(
    scene: Scene, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    async with forward_proxy(refuse=status) as outgoing:
        proxies = (f"http://user:{PASSWORD}@{outgoing.address}",)
        address = scene.proxy.upstream.base_url.replace("http:", "https:")
        hidden = scene.provider("a", http_proxies=proxies, base_url=address)
        await scene.set_up(hidden, scene.provider("b"))
        answer = await scene.ask()
        assert answer.status == 200
        assert scene.tried == [("a/m", Outcome.TRANSPORT), ("b/m", Outcome.SUCCESS)]
        assert [method for method, _, _ in outgoing.seen] == ["CONNECT"]
        assert f"its HTTP proxy refused with status {status}" in scene.call.attempts[0].reason
        assert shows_no_password(scene, answer, caplog)


@pytest.mark.parametrize("lane", LANES)
async def test_one_that_wants_another_password_leads_to_the_next_candidate(
    scene: Scene, lane: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Without a tunnel, its 407 (RFC 9110, 15.5.8) looks like the upstream's own."""
    async with forward_proxy(refuse=407) as outgoing:
        proxies = (f"http://user:{PASSWORD}@{outgoing.address}",)
        await scene.set_up(scene.provider("a", lane, http_proxies=proxies), scene.provider("b"))
        answer = await scene.ask()
        assert answer.status == 200
        assert scene.tried == [("a/m", Outcome.TRANSPORT), ("b/m", Outcome.SUCCESS)]
        assert shows_no_password(scene, answer, caplog)
