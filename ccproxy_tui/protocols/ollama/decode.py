"""Replies of an Ollama server, whole or streamed, read into hub events."""

from typing import Any, Final

import orjson

from ccproxy_tui.protocols.base import Framing
from ccproxy_tui.protocols.decoding import StreamDecoder
from ccproxy_tui.protocols.failures import read_error
from ccproxy_tui.protocols.hub import Event, JsonObject, StopReason
from ccproxy_tui.protocols.ollama.usage import read_usage
from ccproxy_tui.protocols.tool_names import ToolNames

_REASONS: Final[dict[str, StopReason]] = {"length": "max_tokens"}
"""The others are `stop`, and `load` and `unload` of a reply that has nothing to say."""
_SHORTEST_ID: Final = 8
"""Some servers number their calls, the same in each reply; such an id tells no two apart."""


class OllamaDecoder(StreamDecoder):
    """Reads a stream of JSON lines; a tool call is whole in one of them."""

    maker = "ollama"
    framing: Framing = "ndjson"

    def __init__(self, names: ToolNames | None = None) -> None:
        super().__init__()
        self._names = names or ToolNames()
        self._calls = 0
        self._head = b""
        """The first bytes, until they tell a stream from a body in many lines."""

    def read(self, event: str, content: JsonObject) -> None:
        """Tell the machine what one line says."""
        machine = self.machine
        if content.get("error"):
            self.fail(read_error(content, 502))
            return
        done = content.get("done") is True
        message = content.get("message")
        if message is None and not done:
            return
        machine.start(model=str(content.get("model") or ""))
        if message:
            self._message(message)
        if done:
            machine.usage(read_usage(content))
            machine.finish(_REASONS.get(str(content.get("done_reason")), "end_turn"))
            machine.done()

    def read_whole(self, body: JsonObject) -> None:
        """Tell the machine what a whole reply says."""
        if not body.get("error") and not isinstance(body.get("message"), dict):
            self.machine.fail(502, "the upstream's reply has no message")
            return
        self.read("", body)
        self.machine.end()

    def _look(self, data: bytes) -> None:
        """See whether a body in many lines comes instead of a stream: its first line is a brace."""
        head = self._head + data if self._head else data.lstrip()
        if head in (b"{", b"{\r"):
            self._head = head
            return
        super()._look(head)
        if head.startswith((b"{\n", b"{\r\n")):
            self._body = [self._head]

    def _message(self, message: JsonObject) -> None:
        if thought := message.get("thinking"):
            self.machine.thinking(_string(thought))
        if content := message.get("content"):
            self.machine.text(_string(content))
        for call in message.get("tool_calls") or []:
            self._call(call)

    def _call(self, call: JsonObject) -> None:
        function, id_ = call["function"], call.get("id")
        key, self._calls = self._calls, self._calls + 1
        kept = id_ if isinstance(id_, str) and len(id_) >= _SHORTEST_ID else ""
        self.machine.tool(key, kept, self._names.original(_string(function["name"])))
        arguments = function.get("arguments")
        if isinstance(arguments, str):
            self.machine.arguments(key, arguments)
        elif arguments:
            self.machine.arguments(key, orjson.dumps(arguments).decode())
        self.machine.close(key)


def decoder(names: ToolNames | None = None) -> OllamaDecoder:
    """Make a reader of a stream; `names` came with the request."""
    return OllamaDecoder(names)


def read_reply(body: JsonObject, names: ToolNames | None = None) -> list[Event]:
    """Read a whole reply; ends with a `ReplyStop`, or is a single `ReplyError`."""
    return OllamaDecoder(names).take_whole(body)


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a {type(value).__name__} stands where text should")
    return value
