"""A request as the scripted upstream received it, and what a script may ask about it."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import ModuleType
from typing import Literal
from urllib.parse import parse_qs

import orjson

from ccproxy_tui.demo.reading import claude, gemini, ollama, openai, responses
from ccproxy_tui.demo.reading.turn import Image, ToolResult, Turn
from ccproxy_tui.demo.reply import JsonObject

Dialect = Literal["claude", "openai", "responses", "gemini", "ollama"]
Operation = Literal["answer", "count", "embed", "list", "describe", "version", "unknown"]

_READERS: Mapping[Dialect, ModuleType] = {
    "claude": claude,
    "openai": openai,
    "responses": responses,
    "gemini": gemini,
    "ollama": ollama,
}
_MODEL_IN_PATH = re.compile(r"/models/(?P<model>.+?)(?::[a-z]\w*(?:Content|Contents|Tokens))?$")
_REMINDER = re.compile(r"<system-reminder>.*?</system-reminder>", re.DOTALL)


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
    operation: Operation = "answer"
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
        if self.dialect == "gemini":
            found = _MODEL_IN_PATH.search(self.path)
            return found["model"] if found else ""
        return str(self.json.get("model", ""))

    @property
    def streams(self) -> bool:
        """Whether a stream was asked for."""
        if self.dialect == "gemini":
            return self.path.endswith(":streamGenerateContent")
        return self.json.get("stream", self.dialect == "ollama") is True

    @property
    def parameters(self) -> dict[str, str]:
        """The query's parameters, the last of each name."""
        return {name: values[-1] for name, values in parse_qs(self.query).items()}

    @property
    def api_key(self) -> str:
        """The credential, from whichever header or parameter holds it."""
        named = self.headers.get("x-api-key") or self.headers.get("x-goog-api-key")
        bearer = self.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        return named or bearer or self.parameters.get("key", "")

    @property
    def messages(self) -> list[JsonObject]:
        """The conversation in the protocol's own shape."""
        found: list[JsonObject] = _READERS[self.dialect].messages(self.json)
        return found

    @cached_property
    def turns(self) -> list[Turn]:
        """The conversation in the same shape for every dialect."""
        found: list[Turn] = _READERS[self.dialect].turns(self.json)
        return found

    @property
    def system_text(self) -> str:
        """All system text, whether it stands apart or in a message."""
        parts = (turn.text for turn in self.turns if turn.role == "system")
        return "\n\n".join(part for part in parts if part)

    @cached_property
    def tools(self) -> dict[str, JsonObject]:
        """Schema of each offered tool by its name."""
        found: dict[str, JsonObject] = _READERS[self.dialect].tools(self.json)
        return found

    @property
    def answer_schema(self) -> JsonObject | None:
        """JSON schema that the answer has to follow."""
        found = _READERS[self.dialect].answer_schema(self.json)
        return found if isinstance(found, dict) else None

    @property
    def last_user_text(self) -> str:
        """What the person wrote last, without reminders that the client put beside it."""
        for turn in reversed(self.turns):
            if turn.role == "user" and (said := _REMINDER.sub("", turn.text).strip()):
                return said
        return ""

    @property
    def last_tool_results(self) -> list[ToolResult]:
        """Results that came after the last answer of the model; none when a person wrote last."""
        found: list[ToolResult] = []
        for turn in reversed(self.turns):
            if turn.role == "assistant":
                break
            found[:0] = turn.results
        return found

    @property
    def last_tool_calls(self) -> list[tuple[str, JsonObject]]:
        """Name and arguments of the calls that the model made last."""
        answers = (turn.calls for turn in reversed(self.turns) if turn.role == "assistant")
        return next((calls for calls in answers if calls), [])

    @property
    def images(self) -> list[Image]:
        """Media type and base64 of every image, in order, those in tool results included."""
        return [image for turn in self.turns for image in turn.images]

    @property
    def thinking_texts(self) -> list[str]:
        """Reasoning that the client sent back."""
        return [thought for turn in self.turns for thought in turn.thoughts]

    @property
    def signatures(self) -> list[str]:
        """What proves that reasoning, as the client sent it back."""
        return [signature for turn in self.turns for signature in turn.signatures]
