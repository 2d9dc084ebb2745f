"""Replies of a Messages upstream, whole or streamed, read into hub events."""

from typing import Any, Final

import orjson

from ccproxy_tui.protocols.claude.usage import merge, read_usage
from ccproxy_tui.protocols.decoding import StreamDecoder
from ccproxy_tui.protocols.failures import read_error
from ccproxy_tui.protocols.hub import Event, JsonObject, StopReason, Usage
from ccproxy_tui.protocols.tool_names import ToolNames

_REASONS: Final[dict[str, StopReason]] = {
    "end_turn": "end_turn",
    "tool_use": "tool_use",
    "max_tokens": "max_tokens",
    "stop_sequence": "stop_sequence",
    "refusal": "refusal",
    "pause_turn": "pause_turn",
    "model_context_window_exceeded": "overflow",
}
_STATUSES: Final = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "timeout_error": 504,
    "overloaded_error": 529,
}


class ClaudeDecoder(StreamDecoder):
    """Reads a Messages stream, also where its blocks overlap."""

    maker = "claude"

    def __init__(self, names: ToolNames | None = None) -> None:
        super().__init__()
        self._names = names or ToolNames()
        self._kinds: dict[Any, str] = {}
        self._usage = Usage()

    def read(self, event: str, content: JsonObject) -> None:
        """Tell the machine what one event says."""
        match content.get("type") or event:
            case "content_block_delta":
                self._delta(content.get("index"), content.get("delta") or {})
            case "content_block_start":
                self._block(content.get("index"), content.get("content_block") or {})
            case "content_block_stop":
                self._stop(content.get("index"))
            case "message_start":
                message = content.get("message") or {}
                self._merge(message.get("usage"))
                self.machine.start(
                    str(message.get("id") or ""),
                    str(message.get("model") or ""),
                    read_usage(message.get("usage")),
                )
            case "message_delta":
                delta = content.get("delta") or {}
                self._merge(content.get("usage"))
                self._finish(delta)
            case "message_stop":
                self.machine.done()
            case _ if event == "error" or "error" in content:
                self._error(content)

    def read_whole(self, body: JsonObject) -> None:
        """Tell the machine what a whole reply says."""
        if body.get("type") == "error" or "error" in body:
            self._error(body)
            return
        if not isinstance(body.get("content"), list):
            self.machine.fail(502, "the upstream's reply has no content")
            return
        self._merge(body.get("usage"))
        self.machine.start(str(body.get("id") or ""), str(body.get("model") or ""), self._usage)
        for index, block in enumerate(body["content"]):
            self._block(index, block)
            self._stop(index)
        self._finish(body)
        self.machine.done()

    def _block(self, index: Any, block: JsonObject) -> None:
        machine, kind = self.machine, str(block.get("type") or "")
        self._kinds[index] = kind
        match kind:
            case "text":
                machine.text(str(block.get("text") or ""))
            case "thinking":
                machine.thinking(str(block.get("thinking") or ""))
                machine.signature(str(block.get("signature") or ""))
            case "tool_use":
                name = self._names.original(str(block.get("name") or ""))
                machine.tool(index, str(block.get("id") or ""), name)
                if block.get("input"):
                    machine.arguments(index, _dumps(block["input"]))
            case "server_tool_use" | "mcp_tool_use":
                machine.server_tool(index, block)
            case "redacted_thinking":
                machine.whole("redacted_thinking", block)
            case _:
                machine.whole("opaque", block)

    def _delta(self, index: Any, delta: JsonObject) -> None:
        match delta.get("type"):
            case "text_delta":
                self.machine.text(str(delta.get("text") or ""))
            case "thinking_delta":
                self.machine.thinking(str(delta.get("thinking") or ""))
            case "input_json_delta":
                self.machine.arguments(index, str(delta.get("partial_json") or ""))
            case "signature_delta":
                self.machine.signature(str(delta.get("signature") or ""))

    def _stop(self, index: Any) -> None:
        if self._kinds.pop(index, None) in ("text", "thinking"):
            self.machine.close()
        else:
            self.machine.close(index)

    def _finish(self, said: JsonObject) -> None:
        if reason := said.get("stop_reason"):
            sequence = said.get("stop_sequence")
            known = _REASONS.get(str(reason), "end_turn")
            self.machine.finish(known, sequence if isinstance(sequence, str) else None)

    def _merge(self, usage: Any) -> None:
        merge(self._usage, read_usage(usage))
        self.machine.usage(self._usage)

    def _error(self, content: JsonObject) -> None:
        failure = read_error(content, 500)
        status = _STATUSES.get(failure.kind, failure.status)
        self.machine.fail(status, failure.message, failure.kind)


def decoder(names: ToolNames | None = None) -> ClaudeDecoder:
    """Make a reader of a stream; `names` came with the request."""
    return ClaudeDecoder(names)


def read_reply(body: JsonObject, names: ToolNames | None = None) -> list[Event]:
    """Read a whole reply; ends with a `ReplyStop`, or is a single `ReplyError`."""
    return ClaudeDecoder(names).take_whole(body)


def _dumps(value: Any) -> str:
    if isinstance(value, str):
        return value
    return orjson.dumps(value).decode()
