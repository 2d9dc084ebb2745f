"""Signed reasoning on its way through a client that is not its vendor's, and back (failure 20)."""

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ccproxy_tui.protocols import claude, openai
from ccproxy_tui.protocols.base import Asked
from ccproxy_tui.protocols.hub import (
    BlockStart,
    BlockStop,
    Event,
    ReplyStart,
    ReplyStop,
    SignatureDelta,
    TextDelta,
    Thinking,
    ThinkingDelta,
    ToolUse,
    Usage,
)
from ccproxy_tui.protocols.profiles import find_profile
from ccproxy_tui.protocols.registry import PROTOCOLS
from ccproxy_tui.protocols.signatures import is_foreign, seal, unseal
from tests.protocols.validity import assert_valid_claude_stream

NAMES = st.sampled_from(sorted(PROTOCOLS))
SIGNATURES = st.text(min_size=1) | st.text(":=/+ab", min_size=1)
FOREIGN = ["gemini", "responses"]
"""Makers, other than Claude's, of signatures."""


@given(SIGNATURES, NAMES, NAMES)
def test_a_signature_comes_back_with_its_maker(signature: str, maker: str, client: str) -> None:
    assume(not is_foreign(signature))
    kept = seal(signature, maker, client)
    assert unseal(kept, client) == (signature, maker)
    assert is_foreign(kept) is (maker != client)


@given(SIGNATURES, NAMES)
def test_a_vendors_own_signature_is_never_changed(signature: str, client: str) -> None:
    assert seal(signature, client, client) == signature
    assert seal(signature, "", client) == signature


def test_no_signature_stays_none() -> None:
    assert seal("", "gemini", "claude") == ""
    assert unseal("", "claude") == ("", "")
    assert not is_foreign("")


@pytest.mark.parametrize("kept", ["ccproxy:", "ccproxy::", "ccproxy:gemini", "ccproxy::x"])
def test_a_seal_that_somebody_broke_is_foreign_still(kept: str) -> None:
    signature, maker = unseal(kept, "claude")
    assert is_foreign(kept)
    assert maker != "claude"
    assert not signature.startswith("ccproxy")


def reply(maker: str) -> list[Event]:
    return [
        ReplyStart("r", "m"),
        BlockStart(0, "thinking"),
        ThinkingDelta(0, "hm"),
        SignatureDelta(0, "c2ln", maker),
        BlockStop(0),
        BlockStart(1, "text"),
        TextDelta(1, "said"),
        BlockStop(1),
        ReplyStop("end_turn", Usage()),
    ]


def kept_by_a_claude_client(maker: str, *, stream: bool) -> dict[str, Any]:
    """The thinking block that a Claude client has after such a reply, and will send back."""
    if stream:
        data = claude.encoder(Asked(model="m")).encode(reply(maker))
        block = assert_valid_claude_stream(data).content[0]
    else:
        block = claude.write_reply(reply(maker), Asked(model="m"))["content"][0]
    assert set(block) == {"type", "thinking", "signature"}
    assert (block["type"], block["thinking"]) == ("thinking", "hm")
    return block


CALL = {"type": "tool_use", "id": "t", "name": "A", "input": {}}


def history(block: dict[str, Any]) -> dict[str, Any]:
    return {
        "model": "m",
        "max_tokens": 9,
        "messages": [
            {"role": "user", "content": "a"},
            {"role": "assistant", "content": [block, CALL]},
            {
                "role": "user",
                "content": [{"type": "tool_result", "tool_use_id": "t", "content": "r"}],
            },
        ],
    }


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("maker", ["claude", *FOREIGN])
def test_a_claude_client_gives_back_whose_reasoning_it_was(maker: str, stream: bool) -> None:
    block = kept_by_a_claude_client(maker, stream=stream)
    turns = claude.read_request(history(block)).turns
    assert turns[1].content == [Thinking("hm", "c2ln", maker), ToolUse("t", "A", {})]


@pytest.mark.parametrize("maker", FOREIGN)
def test_foreign_reasoning_is_taken_out_before_its_vendor_would_refuse_it(maker: str) -> None:
    body = history(kept_by_a_claude_client(maker, stream=True))
    claude.retarget(body, "claude-y")
    assert body["messages"][1]["content"] == [CALL]


def test_own_reasoning_is_sent_on_untouched() -> None:
    body = history(kept_by_a_claude_client("claude", stream=True))
    claude.retarget(body, "claude-y")
    assert body["messages"][1]["content"][0] == {
        "type": "thinking",
        "thinking": "hm",
        "signature": "c2ln",
    }


@pytest.mark.parametrize("maker", ["claude", *FOREIGN])
@pytest.mark.parametrize("target", PROTOCOLS)
def test_a_signature_reaches_its_maker_and_nobody_else(maker: str, target: str) -> None:
    """Gemini's belong to the calls that they came with, so there is one."""
    conversation = claude.read_request(history(kept_by_a_claude_client(maker, stream=True)))
    body, _ = PROTOCOLS[target].write_request(conversation, find_profile(target, "", "m"))
    assert ("c2ln" in str(body)) is (maker == target)
    assert "ccproxy:" not in str(body)


def test_reasoning_that_nobody_signed_stays_so() -> None:
    """A chat completions model thinks without a proof."""
    block = kept_by_a_claude_client("", stream=False) | {"signature": ""}
    (_, turn, _) = claude.read_request(history(block)).turns
    assert turn.content[0] == Thinking("hm")
    assert openai.encoder(Asked(model="m")).encode(reply("claude")).count(b"c2ln") == 0
