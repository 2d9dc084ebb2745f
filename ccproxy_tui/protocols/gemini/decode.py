"""Replies of a Gemini upstream, whole or streamed, read into hub events."""

from typing import Any, Final

import orjson

from ccproxy_tui.protocols.decoding import StreamDecoder
from ccproxy_tui.protocols.failures import read_error
from ccproxy_tui.protocols.gemini.fields import NAME, find, listed
from ccproxy_tui.protocols.gemini.usage import read_usage
from ccproxy_tui.protocols.hub import Event, JsonObject, StopReason
from ccproxy_tui.protocols.tool_names import ToolNames

_REASONS: Final[dict[str, StopReason]] = {
    "STOP": "end_turn",
    "MAX_TOKENS": "max_tokens",
    "CONTINUATION": "max_tokens",
    "SAFETY": "refusal",
    "RECITATION": "refusal",
    "LANGUAGE": "refusal",
    "BLOCKLIST": "refusal",
    "PROHIBITED_CONTENT": "refusal",
    "SPII": "refusal",
    "IMAGE_SAFETY": "refusal",
    "IMAGE_PROHIBITED_CONTENT": "refusal",
    "IMAGE_RECITATION": "refusal",
    "MODEL_ARMOR": "refusal",
    "ESCALATION": "refusal",
    "PUP_LIMITED_DISABLED": "refusal",
}
_FAILED: Final = frozenset(
    {
        "IMAGE_OTHER",
        "MALFORMED_FUNCTION_CALL",
        "MALFORMED_RESPONSE",
        "MISSING_THOUGHT_SIGNATURE",
        "NO_IMAGE",
        "OTHER",
        "TOO_MANY_TOOL_CALLS",
        "UNEXPECTED_TOOL_CALL",
    }
)
_UNSPECIFIED: Final = "FINISH_REASON_UNSPECIFIED"


class GeminiDecoder(StreamDecoder):
    """Reads a stream of responses; nothing marks its end but a finish reason.

    A signature is kept before the call that it came with. One of a text is left out: the API takes
    it with the very same part only, and does not miss it.
    """

    maker = NAME

    def __init__(self, names: ToolNames | None = None) -> None:
        super().__init__()
        self._names = names or ToolNames()
        self._calls = 0
        self._usage: Any = None

    def read(self, event: str, content: JsonObject) -> None:
        """Tell the machine what one response of the stream says."""
        machine = self.machine
        if content.get("error"):
            self.fail(read_error(content, 502))
            return
        candidates = listed(content.get("candidates"))
        self._usage = find(content, "usageMetadata") or self._usage
        if not candidates and self._blocked(content):
            return
        if not machine.started:
            usage = read_usage(self._usage)
            if candidates or usage:
                id_, model = find(content, "responseId"), find(content, "modelVersion")
                machine.start(str(id_ or ""), str(model or ""), usage)
        for candidate in candidates:
            if not candidate.get("index"):
                self._candidate(candidate)
        if machine.finished and (usage := read_usage(self._usage)):
            machine.usage(usage)

    def read_whole(self, body: JsonObject) -> None:
        """Tell the machine what a whole reply says."""
        self.read("", body)
        if not self.machine.ended and not body.get("candidates"):
            self.machine.fail(502, "the upstream's reply has no candidates")
        self.machine.done()

    def read_mark(self, event: str, payload: bytes) -> bool:
        """Pass over the `[DONE]` that some relays add."""
        return payload.strip() == b"[DONE]"

    def _take_body(self, data: bytes) -> list[Event]:
        """Read a stream that came as a JSON array, from a server that does not know `alt=sse`."""
        try:
            responses = orjson.loads(data)
        except orjson.JSONDecodeError:
            responses = None
        if not isinstance(responses, list) or not responses:
            return super()._take_body(data)
        for response in responses:
            self._take("", orjson.dumps(response))
        self.machine.end()
        return self.machine.take()

    def _blocked(self, content: JsonObject) -> bool:
        """Whether the prompt was refused, which leaves no candidates."""
        feedback = find(content, "promptFeedback") or {}
        reason = find(feedback, "blockReason")
        if not reason:
            return False
        words = find(feedback, "blockReasonMessage")
        said = f"the prompt was blocked: {reason}"
        self.machine.fail(400, f"{said} ({words})" if words else said, str(reason))
        return True

    def _candidate(self, candidate: JsonObject) -> None:
        content = candidate.get("content") or {}
        for part in listed(content.get("parts")):
            self._part(part)
        reason = str(find(candidate, "finishReason") or "").upper()
        if reason in _FAILED:
            words = find(candidate, "finishMessage")
            said = f"the upstream broke off: {reason}"
            self.machine.fail(502, f"{said} ({words})" if words else said, reason)
        elif reason and reason != _UNSPECIFIED:
            self.machine.finish(_REASONS.get(reason, "end_turn"))

    def _part(self, part: JsonObject) -> None:
        machine, text = self.machine, part.get("text")
        if text is not None and len(part) == 1:
            machine.text(str(text))
            return
        signature = str(find(part, "thoughtSignature") or "")
        if part.get("thought") is True:
            machine.thinking(str(text or ""))
            machine.signature(signature)
        elif text is not None:
            machine.text(str(text))
        elif call := find(part, "functionCall"):
            machine.signature(signature)
            self._call(call)
        elif any(key not in ("thoughtSignature", "thought_signature") for key in part):
            machine.whole("opaque", part)

    def _call(self, call: JsonObject) -> None:
        self._calls += 1
        name = self._names.original(str(call.get("name") or ""))
        arguments: Any = call.get("args")
        self.machine.tool(self._calls, str(call.get("id") or ""), name)
        self.machine.arguments(self._calls, orjson.dumps(arguments or {}).decode())
        self.machine.close(self._calls)


def decoder(names: ToolNames | None = None) -> GeminiDecoder:
    """Make a reader of a stream; `names` came with the request."""
    return GeminiDecoder(names)


def read_reply(body: JsonObject, names: ToolNames | None = None) -> list[Event]:
    """Read a whole reply; ends with a `ReplyStop`, or is a single `ReplyError`."""
    return GeminiDecoder(names).take_whole(body)
