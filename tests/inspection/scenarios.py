"""Calls that really went through the proxy, between clients and upstreams of all protocols."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final, get_args

import orjson

from ccproxy_tui.config.models import Group, Protocol, Provider, Proxy, Replacement, Target
from ccproxy_tui.demo.reply import Reply, ToolCall, Usage
from ccproxy_tui.protocols.hub import (
    Conversation,
    Document,
    Image,
    Reasoning,
    Text,
    Thinking,
    Tool,
    ToolChoice,
    ToolResult,
    ToolUse,
    Turn,
)
from ccproxy_tui.protocols.profiles import Profile
from ccproxy_tui.protocols.registry import PROTOCOLS as MODULES
from ccproxy_tui.protocols.tool_names import ToolNames
from ccproxy_tui.traffic.call import Call, Exchange
from tests.gateway.proxy import Json, RunningProxy, running_proxy

PROTOCOLS: Final[tuple[Protocol, ...]] = get_args(Protocol)
RULED: Final = "ruled"
IN_WORDS: Final = "in-words"
MODEL: Final = "kimi-qwen3-vl-thinking"
"""A name whose profiles see and think, in every protocol."""
LONG_NAME: Final = "mcp__a_server.of_tools__" + "a_very_long_name" * 4
PNG: Final = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
PDF: Final = "JVBERi0xLjQKJSVFT0YK"
ATTRIBUTION: Final = "x-anthropic-billing-header: cc_version=2.1.330.1f4; cc_entrypoint=cli;"
SCHEMA: Final[Json] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "path": {"type": "string", "description": "Where it is.", "format": "uri", "minLength": 1},
        "kind": {"const": "file"},
        "lines": {"type": ["integer", "null"], "exclusiveMinimum": 0},
    },
    "required": ["path"],
    "additionalProperties": False,
}
_PATHS: Final = {
    "claude": "/v1/messages",
    "openai": "/v1/chat/completions",
    "responses": "/v1/responses",
    "ollama": "/api/chat",
}
_WIDE: Final = {
    "images": True,
    "tool_images": True,
    "documents": True,
    "thinking": True,
    "system_in_turns": True,
    "efforts": ("low", "medium", "high"),
}
"""What makes of a profile a client that says all that its protocol can."""


def _tool(name: str) -> Tool:
    return Tool(name, f"Does {name}.", SCHEMA)


_CLOSED: Final[Json] = {
    "type": "object",
    "properties": {"a": {"type": "string"}},
    "required": ["a"],
    "additionalProperties": False,
}
EXACT: Final = Tool("Exact", "Is exact.", _CLOSED, strict=True)
TOOLS: Final = [_tool("Read"), _tool("Bash"), _tool(LONG_NAME)]


def _history(thinking: bool = False, **result: Any) -> list[Turn]:
    thought = [Thinking("They want the file.", "c2lnbmVk", "")] if thinking else []
    use = ToolUse("toolu_01.Ab/cd", "Read", {"path": "/tmp/a", "n": 1})
    return [
        Turn("user", [Text("Read the file."), Text("And be quick.")]),
        Turn("assistant", [*thought, Text("I read it."), use]),
        Turn("user", [ToolResult(use.id, [Text("its lines")], **result), Text("Go on.")]),
    ]


def plain() -> Conversation:
    return Conversation(
        "", [Text("You are terse.")], [Turn("user", [Text("hello")])], max_tokens=99
    )


def working() -> Conversation:
    """An agent in the middle of its work."""
    return Conversation(
        "",
        [Text(ATTRIBUTION), Text("You are an agent.\nUse tools."), Text("Today is Monday.")],
        _history(),
        [*TOOLS],
        ToolChoice("any", parallel=False),
        max_tokens=4000,
        temperature=0.8,
        user="someone",
    )


def thinking() -> Conversation:
    found = Conversation("", [], _history(thinking=True), [*TOOLS], max_tokens=9000)
    found.reasoning = Reasoning("on", 4000, "high")
    return found


def seeing() -> Conversation:
    """Images and documents, in a message and in a tool's result."""
    image, document = Image("image/png", PNG), Document("application/pdf", PDF, title="a.pdf")
    turns = _history()
    turns[0].content += [image, document]
    result = turns[2].content[0]
    assert isinstance(result, ToolResult)
    result.content.append(image)
    result.is_error = True
    return Conversation("", [], turns, [*TOOLS], max_tokens=50)


def tuned() -> Conversation:
    """Every field that is known."""
    return Conversation(
        "",
        [Text("Answer in JSON.")],
        [Turn("user", [Text("hello")]), Turn("system", [Text("Be kind.")])],
        max_tokens=300_000,
        temperature=1.0,
        top_p=0.9,
        top_k=40,
        stop=["one", "two", "three", "four", "five", "six"],
        seed=7,
        presence_penalty=0.5,
        frequency_penalty=0.5,
        output_schema=SCHEMA,
        output_name="answer",
        output_strict=True,
        reasoning=Reasoning("off"),
        user="u" * 70,
        shared={"metadata": {"a": "b"}, "service_tier": "auto", "store": True},
    )


def unanswered() -> Conversation:
    """Calls that were never answered, an empty result, and one that answers nothing."""
    turns = _history()
    first = turns[1].content
    first.append(ToolUse("toolu_02", "Bash", {"path": "ls"}))
    turns[2].content[:1] = [ToolResult("toolu_01.Ab/cd", [])]
    turns += [Turn("assistant", [Text("Fine.")]), Turn("user", [Text("Thanks."), Text("   ")])]
    return Conversation("", [Text("You are.")], turns, [*TOOLS, EXACT], max_tokens=50)


CONVERSATIONS: Final = (plain, working, thinking, seeing, tuned, unanswered)
ENDS: Final = ("ruled", "user", "replace", "in-words")
UNKNOWN: Final[dict[str, Json]] = {
    "claude": {"context_management": {"edits": []}, "service_tier": "auto"},
    "openai": {"logit_bias": {"5": 1}, "stream_options": {"include_usage": True}},
    "responses": {"truncation": "auto", "include": ["reasoning.encrypted_content"]},
    "gemini": {"safetySettings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "OFF"}]},
    "ollama": {"keep_alive": "5m"},
}
"""A field of each protocol that no other has."""
TOOL_CALL: Final = ToolCall("Read", {"path": "/tmp/ü"})
REPLIES: Final = (
    Reply(text="Grüße, that is all.", usage=Usage(input=30, cached=70, output=12, thinking=4)),
    Reply(thinking="Let me see.", text="I read.", tools=[TOOL_CALL, ToolCall("Bash", {})]),
    Reply(status=429, error="slow down, please"),
    Reply(text="one two three four five six seven", error_after=4, error="worn out"),
    Reply(text="nothing counted", no_usage=True),
)


def client_body(protocol: str, conversation: Conversation, *, stream: bool) -> Json:
    """Write what a client of a protocol sends."""
    conversation.model, conversation.stream = "asked", stream
    profile = Profile(protocol=protocol, shared=("metadata", "service_tier", "store"), **_WIDE)  # type: ignore[arg-type]
    attribution = [text for text in conversation.system if text.text == ATTRIBUTION]
    body, _ = MODULES[protocol].write_request(conversation, profile)
    if protocol == "claude" and attribution:
        body["system"].insert(0, {"type": "text", "text": ATTRIBUTION})
    said: Json = orjson.loads(
        orjson.dumps(body).replace(ToolNames().wire(LONG_NAME).encode(), LONG_NAME.encode())
    )
    return said


async def ask(
    proxy: RunningProxy, client: str, group: str, body: Json, *, stream: bool
) -> tuple[Call, Exchange]:
    """Send a request as a client; give the call's record and messages."""
    method = "streamGenerateContent?alt=sse" if stream else "generateContent"
    path = f"/v1beta/models/asked:{method}" if client == "gemini" else _PATHS[client]
    await proxy.post(f"/{group}{path}", body)
    call = proxy.last_call()
    assert call.exchange is not None
    return call, call.exchange


def _groups(name: str) -> list[Group]:
    ruled = Group(
        name=f"{name}-{RULED}",
        prompt_injection="enhance",
        prompt_text="This was added.\nBy the group.",
        prompt_scope="every",
        tool_filter=("Ba*",),
        temperature_ratio=0.5,
        replacements=(Replacement(find="terse", replace="kind"), Replacement(find="an agent")),
    )
    user = ruled.model_copy(update={"name": f"{name}-user", "prompt_position": "user"})
    replaced = ruled.model_copy(update={"name": f"{name}-replace", "prompt_injection": "replace"})
    words = Group(name=f"{name}-{IN_WORDS}", tool_mode="compat")
    return [Group(name=name), ruled, user, replaced, words]


@contextlib.asynccontextmanager
async def all_pairs(folder: Path) -> AsyncIterator[RunningProxy]:
    """Run a proxy with groups for each protocol of an upstream."""
    async with running_proxy(folder) as proxy:
        groups = [group for name in PROTOCOLS for group in _groups(name)]
        await proxy.configure(
            providers=tuple(
                Provider(
                    name=name,
                    protocol=name,
                    base_url=proxy.upstream.base_url_of(name),
                    api_keys=("sk-one",),
                    models=(MODEL,),
                )
                for name in PROTOCOLS
            ),
            groups=(Group(name="default"), *groups),
            proxies=tuple(
                Proxy(
                    group=group.name,
                    alias="*",
                    targets=(Target(provider=group.name.partition("-")[0], model=MODEL),),
                )
                for group in groups
            ),
        )
        yield proxy
