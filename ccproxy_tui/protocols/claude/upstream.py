"""Requests to a Messages upstream, and what it lists and counts."""

from collections.abc import Iterable
from typing import Final

from ccproxy_tui.protocols.addresses import versioned
from ccproxy_tui.protocols.base import Operation
from ccproxy_tui.protocols.claude.blocks import write_block
from ccproxy_tui.protocols.hub import (
    Conversation,
    JsonObject,
    Reasoning,
    Tool,
    ToolChoice,
    ToolResult,
    Turn,
)
from ccproxy_tui.protocols.profiles import Profile
from ccproxy_tui.protocols.tool_names import ToolNames

_DEFAULT_MAX_TOKENS: Final = 8192
_LEAST_BUDGET: Final = 1024
_PATHS: Final = {
    Operation.GENERATE: "/messages",
    Operation.COUNT_TOKENS: "/messages/count_tokens",
    Operation.LIST_MODELS: "/models",
}


def url(base_url: str, model: str, operation: Operation, *, stream: bool) -> str | None:
    """Give the address of an operation, None where the protocol has none."""
    path = _PATHS.get(operation)
    return None if path is None else versioned(base_url) + path


def credentials(api_key: str) -> dict[str, str]:
    """Give the header that shows an API key."""
    return {"x-api-key": api_key} if api_key else {}


def retarget(body: JsonObject, model: str) -> None:
    """Put the target's model into a request."""
    body["model"] = model


def write_request(conversation: Conversation, profile: Profile) -> tuple[JsonObject, ToolNames]:
    """Write a request; what cannot be said is noted on the conversation."""
    names = ToolNames()
    limit = conversation.max_tokens or profile.max_output_tokens or _DEFAULT_MAX_TOKENS
    if profile.max_output_tokens and limit > profile.max_output_tokens:
        conversation.notes.append(f"max_tokens {limit} → {profile.max_output_tokens}")
        limit = profile.max_output_tokens
    body: JsonObject = {
        "model": conversation.model,
        "max_tokens": limit,
        "messages": _write_turns(conversation.turns, names),
    }
    if conversation.system:
        body["system"] = [write_block(text) for text in conversation.system]
    if conversation.tools:
        body["tools"] = [_write_tool(tool, names) for tool in conversation.tools]
        if conversation.tool_choice:
            body["tool_choice"] = _write_tool_choice(conversation.tool_choice, names)
    _write_reasoning(body, conversation.reasoning)
    _write_sampling(body, conversation)
    if conversation.output_schema is not None:
        form = {"type": "json_schema", "schema": conversation.output_schema}
        body.setdefault("output_config", {})["format"] = form
    if conversation.stream:
        body["stream"] = True
    return body, names


def read_models(body: JsonObject) -> list[str]:
    """Read the ids of a model list."""
    return [
        str(entry["id"])
        for entry in body.get("data") or []
        if isinstance(entry, dict) and entry.get("id")
    ]


def read_token_count(body: JsonObject) -> int | None:
    """Read the reply to a count."""
    count = body.get("input_tokens")
    return count if isinstance(count, int) else None


def write_models(models: Iterable[str], *, discovery: bool) -> JsonObject:
    """List the models that a client may ask for.

    With `discovery` each gets an id that Claude Code shows, which is one that looks like Claude's.
    """
    data = [
        {
            "type": "model",
            "id": discoverable(model) if discovery else model,
            "display_name": model,
            "created_at": "2025-01-01T00:00:00Z",
        }
        for model in models
    ]
    ids = [entry["id"] for entry in data]
    return {
        "data": data,
        "has_more": False,
        "first_id": ids[0] if ids else None,
        "last_id": ids[-1] if ids else None,
    }


def discoverable(model: str) -> str:
    """Give the id under which Claude Code shows a model."""
    return model if model.startswith(("claude", "anthropic")) else f"claude-{model}"


def _write_turns(turns: list[Turn], names: ToolNames) -> list[JsonObject]:
    messages: list[JsonObject] = []
    for turn in turns:
        results = [block for block in turn.content if isinstance(block, ToolResult)]
        others = [block for block in turn.content if not isinstance(block, ToolResult)]
        content = [w for block in [*results, *others] if (w := write_block(block)) is not None]
        for written in content:
            if written.get("type") == "tool_use":
                written["name"] = names.wire(written["name"])
        role = "user" if turn.role == "system" else turn.role
        if not content:
            continue
        if messages and messages[-1]["role"] == role:
            messages[-1]["content"] += content
        else:
            messages.append({"role": role, "content": content})
    return messages


def _write_tool(tool: Tool, names: ToolNames) -> JsonObject:
    if tool.raw is not None:
        return tool.raw
    written: JsonObject = {"name": names.wire(tool.name)}
    if tool.description:
        written["description"] = tool.description
    schema = tool.schema or {"type": "object", "properties": {}}
    written["input_schema"] = schema if schema.get("type") else {**schema, "type": "object"}
    return written


def _write_tool_choice(choice: ToolChoice, names: ToolNames) -> JsonObject:
    written: JsonObject = {"type": choice.mode}
    if choice.mode == "tool":
        written["name"] = names.wire(choice.name)
    if not choice.parallel and choice.mode != "none":
        written["disable_parallel_tool_use"] = True
    return written


def _write_reasoning(body: JsonObject, reasoning: Reasoning | None) -> None:
    if reasoning is None:
        return
    if reasoning.effort:
        body["output_config"] = {"effort": reasoning.effort}
    if reasoning.mode == "adaptive":
        body["thinking"] = {"type": "adaptive"}
    elif reasoning.mode == "on":
        budget = min(reasoning.budget or _LEAST_BUDGET, body["max_tokens"] - 1)
        if budget >= _LEAST_BUDGET:
            body["thinking"] = {"type": "enabled", "budget_tokens": budget}


def _write_sampling(body: JsonObject, conversation: Conversation) -> None:
    if conversation.temperature is not None and "thinking" not in body:
        body["temperature"] = min(max(conversation.temperature, 0.0), 1.0)
    if conversation.top_p is not None:
        body["top_p"] = conversation.top_p
    if conversation.top_k is not None:
        body["top_k"] = conversation.top_k
    if conversation.stop:
        body["stop_sequences"] = conversation.stop
    if conversation.user:
        body["metadata"] = {"user_id": conversation.user}
