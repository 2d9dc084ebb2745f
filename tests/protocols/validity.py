"""What makes a stream valid, written down apart from the code that makes streams."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson

from ccproxy_tui.protocols.hub import (
    ArgumentsDelta,
    BlockStart,
    BlockStop,
    Event,
    JsonObject,
    ReplyError,
    ReplyStart,
    ReplyStop,
    SignatureDelta,
    TextDelta,
    ThinkingDelta,
)

_DELTAS = {
    "text": {"text_delta"},
    "thinking": {"thinking_delta", "signature_delta"},
    "tool_use": {"input_json_delta"},
    "server_tool_use": {"input_json_delta"},
}


@dataclass
class Seen:
    """What a valid Messages stream said."""

    message: JsonObject = field(default_factory=dict)
    content: list[JsonObject] = field(default_factory=list)
    """Blocks with the whole of their `text`, `thinking`, `signature` or `arguments` (a string)."""
    stop_reason: str = ""
    stop_sequence: str | None = None
    usage: JsonObject = field(default_factory=dict)
    error: JsonObject | None = None

    @property
    def text(self) -> str:
        return "".join(block["text"] for block in self.content if block["type"] == "text")

    @property
    def thinking(self) -> str:
        return "".join(b["thinking"] for b in self.content if b["type"] == "thinking")

    @property
    def tools(self) -> list[tuple[str, Any]]:
        """Names and parsed arguments of the calls."""
        calls = [block for block in self.content if block["type"] == "tool_use"]
        return [(call["name"], orjson.loads(call["arguments"])) for call in calls]


def read_sse(data: bytes) -> list[tuple[str, JsonObject]]:
    """Cut a whole stream in the plainest possible way."""
    assert data == b"" or data.endswith(b"\n\n"), "the stream ends inside a frame"
    events = []
    for frame in data.decode("utf-8").split("\n\n")[:-1]:
        name, payload = frame.split("\n")
        assert name.startswith("event: ")
        assert payload.startswith("data: ")
        events.append((name[7:], orjson.loads(payload[6:])))
    return events


def assert_valid_claude_stream(data: bytes) -> Seen:
    """Check a whole Messages stream against the order that clients insist on; say what it said.

    A stream may be broken off by one `error` event, after which nothing comes.
    """
    seen = Seen()
    started = stopped = False
    open_block: JsonObject | None = None
    delta_seen = False
    for name, event in read_sse(data):
        assert name == event["type"]
        assert not stopped, f"{name} after message_stop"
        assert seen.error is None, f"{name} after error"
        if name == "ping":
            continue
        if name == "error":
            assert set(event["error"]) == {"type", "message"}
            seen.error = event["error"]
            continue
        if name == "message_start":
            assert not started
            started = True
            seen.message = event["message"]
            _check_message(seen.message)
            continue
        assert started, f"{name} before message_start"
        if name == "content_block_start":
            assert open_block is None, "two blocks are open"
            assert not delta_seen
            assert event["index"] == len(seen.content), "indexes are not dense"
            open_block = dict(event["content_block"])
            _check_block_start(open_block)
            seen.content.append(open_block)
        elif name == "content_block_delta":
            assert open_block is not None, "delta outside a block"
            assert event["index"] == len(seen.content) - 1
            _take_delta(open_block, event["delta"])
        elif name == "content_block_stop":
            assert open_block is not None, "stop outside a block"
            assert event["index"] == len(seen.content) - 1
            open_block = None
        elif name == "message_delta":
            assert open_block is None, "the message ends inside a block"
            assert not delta_seen
            delta_seen = True
            seen.stop_reason = event["delta"]["stop_reason"]
            seen.stop_sequence = event["delta"]["stop_sequence"]
            seen.usage = event["usage"]
            _check_usage(seen.usage)
        elif name == "message_stop":
            assert delta_seen, "message_stop without message_delta"
            stopped = True
        else:
            raise AssertionError(f"unknown event {name}")
    assert stopped or seen.error is not None, "the stream has no end"
    if stopped:
        _check_reason(seen)
    return seen


def assert_valid_events(events: Iterable[Event]) -> list[Event]:  # noqa: C901 one rule a kind
    """Check hub events against the same rules."""
    events = list(events)
    open_kind, blocks, tools = "", 0, 0
    for place, event in enumerate(events):
        last = place == len(events) - 1
        match event:
            case ReplyStart():
                assert place == 0
            case ReplyError():
                assert last
            case ReplyStop(reason, usage):
                assert last
                assert not open_kind
                assert usage is not None
                if reason == "tool_use":
                    assert tools
                if tools:
                    assert reason in ("tool_use", "max_tokens", "refusal", "overflow", "pause_turn")
            case BlockStart(index, kind, id, name):
                assert not open_kind
                assert index == blocks
                open_kind, blocks = kind, blocks + 1
                if kind == "tool_use":
                    tools += 1
                    assert id
                    assert name
            case BlockStop(index):
                assert open_kind
                assert index == blocks - 1
                open_kind = ""
            case TextDelta(index, text):
                assert (open_kind, index) == ("text", blocks - 1)
                assert text
            case ThinkingDelta(index, text):
                assert (open_kind, index) == ("thinking", blocks - 1)
                assert text
            case SignatureDelta(index, _):
                assert (open_kind, index) == ("thinking", blocks - 1)
            case ArgumentsDelta(index, json):
                assert open_kind in ("tool_use", "opaque")
                assert index == blocks - 1
                assert json
    assert events
    assert isinstance(events[-1], ReplyStop | ReplyError)
    if isinstance(events[-1], ReplyStop):
        assert isinstance(events[0], ReplyStart)
    return events


def _check_message(message: JsonObject) -> None:
    assert message["type"] == "message"
    assert message["role"] == "assistant"
    assert message["content"] == []
    assert message["id"].startswith("msg_")
    assert message["model"]
    _check_usage(message["usage"])


def _check_usage(usage: JsonObject) -> None:
    for name in (
        "input_tokens",
        "output_tokens",
        "cache_read_input_tokens",
        "cache_creation_input_tokens",
    ):
        assert isinstance(usage[name], int)
        assert usage[name] >= 0


def _check_block_start(block: JsonObject) -> None:
    match block["type"]:
        case "text":
            assert block["text"] == ""
        case "thinking":
            assert block["thinking"] == ""
        case "tool_use":
            assert block["id"]
            assert block["name"]
            assert block["input"] == {}
            block["arguments"] = ""
        case "server_tool_use":
            block["arguments"] = ""


def _take_delta(block: JsonObject, delta: JsonObject) -> None:
    assert delta["type"] in _DELTAS.get(block["type"], set()), (
        "delta of another kind than its block"
    )
    match delta["type"]:
        case "text_delta":
            block["text"] += delta["text"]
        case "thinking_delta":
            block["thinking"] += delta["thinking"]
        case "signature_delta":
            block["signature"] += delta["signature"]
        case "input_json_delta":
            block["arguments"] += delta["partial_json"]


def _check_reason(seen: Seen) -> None:
    has_tools = any(block["type"] == "tool_use" for block in seen.content)
    if seen.stop_reason == "tool_use":
        assert has_tools
    elif has_tools:
        assert seen.stop_reason in (
            "max_tokens",
            "refusal",
            "pause_turn",
            "model_context_window_exceeded",
        )
    else:
        assert seen.stop_reason
