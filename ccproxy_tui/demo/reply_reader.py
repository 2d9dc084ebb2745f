"""Reads an Anthropic reply, streamed or whole, into the message that a client keeps."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import orjson

from ccproxy_tui.demo.reply import JsonObject


class ReplyError(Exception):
    """The reply is an error, or it broke off; `status` is 0 when it was a broken stream."""

    def __init__(self, status: int, message: str, retry_after: float = 0.0) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after
        """Seconds that the server asks the client to wait; 0 when it names none."""


@dataclass(slots=True)
class Message:
    """An answer of the model as it goes into the history."""

    content: list[JsonObject] = field(default_factory=list)
    stop_reason: str = ""
    usage: JsonObject = field(default_factory=dict)
    complete: bool = False
    """False when reading was stopped on purpose."""

    @property
    def text(self) -> str:
        """All its text."""
        return "".join(block["text"] for block in self.content if block["type"] == "text")

    @property
    def tool_calls(self) -> list[JsonObject]:
        """The tool-use blocks."""
        return [block for block in self.content if block["type"] == "tool_use"]


async def read_reply(response: aiohttp.ClientResponse, most_events: int = 0) -> Message:
    """Read a reply to its end, or only `most_events` events of it (0: all).

    Raises `ReplyError` for an error reply, an error event, and a stream without its last event.
    """
    if response.status != 200:
        raise await _error(response)
    if response.content_type == "application/json":
        body = await response.json(loads=orjson.loads)
        return Message(body["content"], body["stop_reason"], body["usage"], complete=True)
    reading = _Reading()
    events = 0
    try:
        async for event in _events(response):
            reading.take(event)
            events += 1
            if reading.message.complete or events == most_events:
                return reading.message
    except (LookupError, ValueError, TypeError) as error:
        raise ReplyError(0, f"the stream makes no sense: {error!r}") from error
    raise ReplyError(0, "the stream ended before its last event")


async def _error(response: aiohttp.ClientResponse) -> ReplyError:
    text = await response.text()
    try:
        message = orjson.loads(text)["error"]["message"]
    except (ValueError, TypeError, KeyError):
        message = text
    wait = response.headers.get("retry-after", "0")
    return ReplyError(response.status, message, float(wait) if wait.isdigit() else 0.0)


async def _events(response: aiohttp.ClientResponse) -> AsyncIterator[JsonObject]:
    async for line in response.content:
        if line.startswith(b"data:"):
            yield orjson.loads(line[5:])


class _Reading:
    def __init__(self) -> None:
        self.message = Message()
        self._arguments = ""

    def take(self, event: JsonObject) -> None:
        match event["type"]:
            case "message_start":
                self.message.usage |= event["message"].get("usage") or {}
            case "content_block_start":
                self._arguments = ""
                self.message.content.append(dict(event["content_block"]))
            case "content_block_delta":
                self._delta(event["delta"])
            case "content_block_stop" if self.message.content[-1]["type"] == "tool_use":
                self.message.content[-1]["input"] = orjson.loads(self._arguments or "{}")
            case "message_delta":
                self.message.stop_reason = event["delta"].get("stop_reason") or ""
                self.message.usage |= event.get("usage") or {}
            case "message_stop":
                self.message.complete = True
            case "error":
                raise ReplyError(0, event["error"]["message"])

    def _delta(self, delta: dict[str, Any]) -> None:
        block = self.message.content[-1]
        match delta["type"]:
            case "text_delta":
                block["text"] += delta["text"]
            case "thinking_delta":
                block["thinking"] += delta["thinking"]
            case "signature_delta":
                block["signature"] = delta["signature"]
            case "input_json_delta":
                self._arguments += delta["partial_json"]
