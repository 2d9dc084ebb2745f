"""A request as the scripted upstream received it, and what a script may ask about it."""

import asyncio
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import orjson

from ccproxy_tui.demo.reply import JsonObject

Dialect = Literal["claude", "openai"]

_REMINDER = re.compile(r"<system-reminder>.*?</system-reminder>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What the client's tool gave back."""

    text: str
    is_error: bool = False


@dataclass(eq=False)
class ReceivedRequest:
    """One request, kept with what became of it."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    """Names are found in any case."""
    body: bytes
    dialect: Dialect
    disconnected: bool = False
    """Whether the client went away before the reply was complete."""
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the reply is over, however it ended."""
    release: asyncio.Event = field(default_factory=asyncio.Event)
    """Set by a test to let a reply go on that hangs."""

    def __repr__(self) -> str:
        return f"<{self.method} {self.path} {self.dialect} {len(self.body)} bytes>"

    @cached_property
    def json(self) -> JsonObject:
        """The body; an empty object when there is none."""
        found = orjson.loads(self.body) if self.body else {}
        if not isinstance(found, dict):
            raise TypeError("the body is no JSON object")
        return found

    @property
    def model(self) -> str:
        """The model that was asked for."""
        return str(self.json.get("model", ""))

    @property
    def streams(self) -> bool:
        """Whether a stream was asked for."""
        return self.json.get("stream") is True

    @property
    def api_key(self) -> str:
        """The credential, from whichever header holds it."""
        bearer = self.headers.get("Authorization", "")
        return self.headers.get("x-api-key") or bearer.removeprefix("Bearer ").strip()

    @property
    def messages(self) -> list[JsonObject]:
        """The conversation in the protocol's own shape."""
        found = self.json.get("messages")
        return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []

    @property
    def system_text(self) -> str:
        """All system text, whether it stands apart or in a message."""
        parts = [_text(self.json.get("system"))]
        parts += [_text(one.get("content")) for one in self.messages if _is_system(one)]
        return "\n\n".join(part for part in parts if part)

    @cached_property
    def tools(self) -> dict[str, JsonObject]:
        """Schema of each offered tool by its name."""
        offered: dict[str, JsonObject] = {}
        for tool in self.json.get("tools") or ():
            inner = tool.get("function", tool)
            schema = inner.get("input_schema") or inner.get("parameters") or {}
            offered[str(inner.get("name", ""))] = schema
        return offered

    @property
    def answer_schema(self) -> JsonObject | None:
        """JSON schema that the answer has to follow."""
        claude = (self.json.get("output_config") or {}).get("format") or {}
        openai = (self.json.get("response_format") or {}).get("json_schema") or {}
        found = claude.get("schema") or openai.get("schema")
        return found if isinstance(found, dict) else None

    @property
    def last_user_text(self) -> str:
        """What the person wrote last, without reminders that the client put beside it."""
        for message in reversed(self.messages):
            if message.get("role") == "user" and (said := _said(message)):
                return said
        return ""

    @property
    def last_tool_results(self) -> list[ToolResult]:
        """Results that came after the last answer of the model; none when a person wrote last."""
        found: list[ToolResult] = []
        for message in reversed(self.messages):
            if message.get("role") == "assistant":
                break
            found[:0] = list(_results(message))
        return found

    @property
    def last_tool_calls(self) -> list[tuple[str, JsonObject]]:
        """Name and arguments of the calls that the model made last."""
        for message in reversed(self.messages):
            if message.get("role") == "assistant" and (calls := list(_calls(message))):
                return calls
        return []


def _is_system(message: JsonObject) -> bool:
    return message.get("role") in {"system", "developer"}


def _text(content: object) -> str:
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    texts = (one.get("text") for one in content if isinstance(one, dict))
    return "\n\n".join(text for text in texts if isinstance(text, str))


def _said(message: JsonObject) -> str:
    return _REMINDER.sub("", _text(message.get("content"))).strip()


def _results(message: JsonObject) -> Iterator[ToolResult]:
    content = message.get("content")
    if message.get("role") == "tool":
        yield ToolResult(_text(content))
    elif isinstance(content, list):
        for block in content:
            if isinstance(block, dict) and block.get("type") == "tool_result":
                yield ToolResult(_text(block.get("content")), block.get("is_error") is True)


def _calls(message: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    for call in message.get("tool_calls") or ():
        yield call["function"]["name"], orjson.loads(call["function"]["arguments"])
    content = message.get("content")
    for block in content if isinstance(content, list) else ():
        if isinstance(block, dict) and block.get("type") == "tool_use":
            yield block["name"], block["input"]
