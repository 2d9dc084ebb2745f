"""Replies of a chat completions upstream, whole or streamed, read into hub events."""

from dataclasses import dataclass
from typing import Any, Final

import orjson

from ccproxy_tui.protocols.decoding import StreamDecoder
from ccproxy_tui.protocols.failures import read_error
from ccproxy_tui.protocols.hub import Event, JsonObject, StopReason
from ccproxy_tui.protocols.openai.usage import read_usage
from ccproxy_tui.protocols.tool_names import ToolNames

_REASONS: Final[dict[str, StopReason]] = {
    "stop": "end_turn",
    "length": "max_tokens",
    "max_tokens": "max_tokens",
    "model_length": "max_tokens",
    "tool_calls": "tool_use",
    "function_call": "tool_use",
    "content_filter": "refusal",
    "sensitive": "refusal",
}
_SHORTEST_ID: Final = 8
_ERROR_FIELDS: Final = ("error", "message", "detail")
_FAILED: Final = frozenset({"error", "abort", "network_error", "insufficient_system_resource"})


class OpenAIDecoder(StreamDecoder):
    """Reads a stream of chat completion chunks."""

    maker = "openai"

    def __init__(self, names: ToolNames | None = None) -> None:
        super().__init__()
        self._names = names or ToolNames()
        self._calls: dict[object, _Call] = {}
        self._begun = 0

    def read(self, event: str, content: JsonObject) -> None:
        """Tell the machine what one chunk says."""
        machine = self.machine
        choices = content.get("choices")
        if not isinstance(choices, list) or content.get("error") or event == "error":
            if event == "error" or any(content.get(name) for name in _ERROR_FIELDS):
                self.fail(read_error(content, 502))
            return
        if not machine.started:
            machine.start(str(content.get("id") or ""), str(content.get("model") or ""))
        choice = choices[0] if choices else None
        if choice is not None:
            self._choice(choice, choice.get("delta") or choice.get("message") or {})
        usage = content.get("usage")
        if usage and (said := read_usage(usage)):
            machine.usage(said)
            if choice is None and machine.finished:
                machine.done()

    def read_whole(self, body: JsonObject) -> None:
        """Tell the machine what a whole reply says."""
        choices = body.get("choices")
        if body.get("error") or not isinstance(choices, list) or not choices:
            if any(body.get(name) for name in _ERROR_FIELDS):
                self.fail(read_error(body, 502))
            else:
                self.machine.fail(502, "the upstream's reply has no choices")
            return
        self.machine.start(str(body.get("id") or ""), str(body.get("model") or ""))
        self._choice(choices[0], choices[0].get("message") or {})
        if said := read_usage(body.get("usage")):
            self.machine.usage(said)
        self.machine.done()

    def read_mark(self, event: str, payload: bytes) -> bool:
        """Read `[DONE]`."""
        if payload.strip() != b"[DONE]":
            return False
        self.machine.done()
        return True

    def _choice(self, choice: JsonObject, delta: JsonObject) -> None:
        machine = self.machine
        thought = delta.get("reasoning_content") or delta.get("reasoning")
        if thought and isinstance(thought, str):
            machine.thinking(thought)
        if content := delta.get("content"):
            if isinstance(content, str):
                machine.text(content)
            else:
                self._parts(content)
        if refusal := delta.get("refusal"):
            machine.text(str(refusal))
            machine.finish("refusal")
        if calls := delta.get("tool_calls"):
            for call in calls:
                self._call(call)
        if reason := choice.get("finish_reason"):
            self._finish(str(reason), choice)
        if (usage := choice.get("usage")) and (said := read_usage(usage)):
            machine.usage(said)

    def _parts(self, parts: Any) -> None:
        for part in parts if isinstance(parts, list) else []:
            if not isinstance(part, dict):
                continue
            if part.get("type") == "thinking":
                for thought in part.get("thinking") or []:
                    self.machine.thinking(str(thought.get("text") or ""))
            else:
                self.machine.text(str(part.get("text") or ""))

    def _call(self, call: JsonObject) -> None:
        function = call.get("function") or {}
        name, id_ = str(function.get("name") or ""), str(call.get("id") or "")
        key = self._call_of(call.get("index"), id_, name).key
        if name or id_:
            # servers that count their calls begin anew with each reply, and ids may not recur
            lasting = id_ if len(id_) >= _SHORTEST_ID else ""
            self.machine.tool(key, lasting, self._names.original(name))
        arguments = function.get("arguments")
        if arguments:
            text = arguments if isinstance(arguments, str) else orjson.dumps(arguments).decode()
            self.machine.arguments(key, text)

    def _call_of(self, index: Any, id_: str, name: str) -> "_Call":
        """Tell which call a delta belongs to.

        By index, as the protocol has it. But some servers send no index, or 0 for every call.
        """
        known = self._calls.get(index)
        if index is None and id_:
            known = next((call for call in self._calls.values() if call.id == id_), known)
        if known is None or self._is_another(known, index, id_, name):
            self._begun += 1
            known = self._calls[index] = _Call(self._begun)
        known.id = known.id or id_
        known.name = known.name or name
        return known

    def _is_another(self, known: "_Call", index: Any, id_: str, name: str) -> bool:
        """Whether a delta begins a call of its own though its place is taken.

        A new name does, and so does a new id once the call so far is complete. Until then it is
        one of the servers that make up an id for every chunk.
        """
        if not name or not known.name or (id_ and id_ == known.id):
            return False
        if not id_ and index is not None:
            return False
        return name != known.name or self.machine.has_whole_arguments(known.key)

    def _finish(self, reason: str, choice: JsonObject) -> None:
        if reason in _FAILED:
            self.machine.fail(502, f"the upstream broke off: {reason}", reason)
            return
        matched = choice.get("stop_reason")
        if reason == "stop" and isinstance(matched, str):
            self.machine.finish("stop_sequence", matched)
        else:
            self.machine.finish(_REASONS.get(reason, "end_turn"))


@dataclass(slots=True)
class _Call:
    key: int
    id: str = ""
    name: str = ""


def decoder(names: ToolNames | None = None) -> OpenAIDecoder:
    """Make a reader of a stream; `names` came with the request."""
    return OpenAIDecoder(names)


def read_reply(body: JsonObject, names: ToolNames | None = None) -> list[Event]:
    """Read a whole reply; ends with a `ReplyStop`, or is a single `ReplyError`."""
    return OpenAIDecoder(names).take_whole(body)
