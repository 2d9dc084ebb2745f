"""Whatever a peer sends, what comes out is an error of the right kind, never an exception."""

from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from dataclasses import replace
from typing import Any

import orjson
import pytest

from ccproxy_tui.protocols.base import Address, BadRequestError, Rules
from ccproxy_tui.protocols.collect import ReplyBrokeError
from ccproxy_tui.protocols.failures import read_failure
from ccproxy_tui.protocols.profiles import find_profile
from ccproxy_tui.protocols.registry import PROTOCOLS
from tests.protocols.chunks import decoded
from tests.protocols.examples import EVENTS, REPLIES, REQUESTS
from tests.protocols.validity import assert_valid_events

JUNK: list[Any] = [None, True, 7, -1.5, "text", "", [], [None], ["x"], {}, {"type": 3}, [{}]]

RULES = Rules(inject="x", inject_always=True, tool_filter=("A",), temperature_ratio=0.5)
ASKED = {
    name: protocol.read_asked(
        protocol.check_request(REQUESTS[name]), Address(protocol.routes[0], {"model": "m"})
    )
    for name, protocol in PROTOCOLS.items()
}


def spoiled(good: Any) -> Iterator[Any]:
    """Give copies in which one part is replaced by junk, or is missing, for every part."""
    paths: list[tuple[Any, ...]] = []

    def walk(node: Any, path: tuple[Any, ...]) -> None:
        if path:
            paths.append(path)
        items = (
            node.items()
            if isinstance(node, dict)
            else enumerate(node)
            if isinstance(node, list)
            else ()
        )
        for key, value in items:
            walk(value, (*path, key))

    walk(good, ())
    for path in paths:
        for junk in [*JUNK, ...]:
            bad = deepcopy(good)
            place = bad
            for key in path[:-1]:
                place = place[key]
            if junk is ...:
                del place[path[-1]]
            else:
                place[path[-1]] = deepcopy(junk)
            yield bad


@pytest.mark.parametrize("name", PROTOCOLS)
def test_requests(name: str) -> None:
    protocol = PROTOCOLS[name]
    refused = passed = 0
    for body in spoiled(REQUESTS[name]):
        try:
            protocol.check_request(body)
            asked = protocol.read_asked(body, Address(protocol.routes[0], {"model": "m"}))
            conversation = protocol.read_request(body)
        except BadRequestError as error:
            refused += bool(error.field)
            continue
        passed += 1
        assert isinstance(asked.model, str)
        assert isinstance(asked.session, str)
        assert all(isinstance(note, str) for note in conversation.notes)
        for upstream in PROTOCOLS.values():
            profile = find_profile(upstream.name, "", "m")
            written, _ = upstream.write_request(deepcopy(conversation), profile)
            orjson.dumps(written)
    assert refused
    assert passed


@pytest.mark.parametrize("name", PROTOCOLS)
@pytest.mark.parametrize(
    "rules",
    [
        RULES,
        replace(RULES, replace=True, tool_filter=("*",)),
        replace(RULES, position="user", replacements=(("e", ""), ("a", "b"))),
    ],
)
def test_requests_on_the_faithful_lane(name: str, rules: Rules) -> None:
    """Whatever has passed the check can be changed, and the client's own objects never are."""
    protocol = PROTOCOLS[name]
    for body in spoiled(REQUESTS[name]):
        try:
            protocol.check_request(body)
        except BadRequestError:
            continue
        before, sent = deepcopy(body), dict(body)
        protocol.apply_rules(sent, rules)
        protocol.retarget(sent, "other")
        orjson.dumps(sent)
        assert body == before


@pytest.mark.parametrize("name", PROTOCOLS)
def test_replies(name: str) -> None:
    protocol = PROTOCOLS[name]
    for body in spoiled(REPLIES[name][0]):
        events = assert_valid_events(protocol.read_reply(body))
        for client in PROTOCOLS.values():
            client.encoder(ASKED[client.name], 1).encode(events)
            with suppress(ReplyBrokeError):
                orjson.dumps(client.write_reply(events, ASKED[client.name], 1))
        protocol.tap_reply(body)
        protocol.read_models(body)
        protocol.read_token_count(body)


@pytest.mark.parametrize("name", PROTOCOLS)
def test_streams(name: str) -> None:
    protocol = PROTOCOLS[name]
    for events in spoiled(EVENTS[name]):
        form = b"data: %b\n\n" if protocol.framing == "sse" else b"%b\n"
        frames = [form % orjson.dumps(event) for event in events]
        hub_events = assert_valid_events(decoded(protocol.decoder(), frames))
        tap = protocol.tap(ASKED[name])
        passed = [tap.feed(frame) for frame in frames]
        assert b"".join(passed) == b"".join(frames)
        for client in PROTOCOLS.values():
            client.encoder(ASKED[client.name], 1).encode(hub_events)


def test_failures() -> None:
    good = {"error": {"message": "m", "type": "t", "code": 5, "metadata": {"raw": "x"}}}
    for body in [*spoiled(good), *spoiled({"message": "m"}), *JUNK]:
        failure = read_failure(400, orjson.dumps(body), {})
        assert isinstance(failure.message, str)
        assert isinstance(failure.kind, str)
        for client in PROTOCOLS.values():
            orjson.dumps(client.write_failure(failure)[1])
