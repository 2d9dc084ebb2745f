"""Reasoning of a whole reply, for clients that have it as one text."""

import pytest

from ccproxy_tui.protocols.base import Asked
from ccproxy_tui.protocols.registry import PROTOCOLS
from ccproxy_tui.protocols.stream import ReplyMachine


@pytest.mark.parametrize("client", ["openai", "ollama"])
def test_a_block_with_a_signature_only_adds_nothing(client: str) -> None:
    parts = [
        {"text": "one", "thought": True},
        {"text": "said"},
        {"functionCall": {"name": "f", "args": {}}, "thoughtSignature": "c2ln"},
    ]
    candidate = {"content": {"parts": parts, "role": "model"}, "finishReason": "STOP"}
    events = PROTOCOLS["gemini"].read_reply({"candidates": [candidate]})
    reply = PROTOCOLS[client].write_reply(events, Asked(model="m"))
    assert thought(reply) == "one"


@pytest.mark.parametrize("client", ["openai", "ollama"])
def test_thoughts_stand_apart(client: str) -> None:
    machine = ReplyMachine()
    machine.start()
    for text in ("one", "two"):
        machine.thinking(text)
        machine.text("said")
    machine.done()
    reply = PROTOCOLS[client].write_reply(machine.take(), Asked(model="m"))
    assert thought(reply) == "one\n\ntwo"


def thought(reply: dict[str, object]) -> object:
    match reply:
        case {"choices": [{"message": {"reasoning_content": said}}]}:
            return said
        case {"message": {"thinking": said}}:
            return said
    return None
