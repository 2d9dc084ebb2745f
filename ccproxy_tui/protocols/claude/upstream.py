"""Requests to a Messages upstream, and what it lists and counts."""

from typing import Final

from ccproxy_tui.protocols.addresses import versioned
from ccproxy_tui.protocols.base import Operation
from ccproxy_tui.protocols.claude.blocks import write_block
from ccproxy_tui.protocols.claude.output_schema import write_output_schema
from ccproxy_tui.protocols.effort import budget_of, effort_of, nearest
from ccproxy_tui.protocols.fitting import (
    fit,
    fit_fields,
    fit_max_tokens,
    fit_tool_choice,
    note_left_out,
    own_tools,
    say_output_schema,
)
from ccproxy_tui.protocols.hub import (
    Conversation,
    JsonObject,
    RedactedThinking,
    Thinking,
    Tool,
    ToolChoice,
    ToolResult,
    Turn,
)
from ccproxy_tui.protocols.profiles import Profile
from ccproxy_tui.protocols.schema import CLAUDE, tool_schema
from ccproxy_tui.protocols.signatures import is_foreign
from ccproxy_tui.protocols.tool_names import ToolNames
from ccproxy_tui.protocols.usage import read_count

_DEFAULT_MAX_TOKENS: Final = 8192
_NOTHING_LEFT: Final = {"type": "text", "text": "(thinking of another model)"}
_USUAL_BUDGET: Final = 16_384
"""Tokens of thinking for a client that leaves it to the model; half of the answer at most."""
_NOT_SAID: Final = ("seed", "presence_penalty", "frequency_penalty", "shared")
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
    """Put the target's model into a request, and take out reasoning that another vendor made.

    The vendor refuses a signature that it did not write itself; those it did stay untouched.
    """
    body["model"] = model
    messages = body["messages"]
    for at, message in enumerate(messages):
        content = message["content"]
        if message["role"] != "assistant" or not isinstance(content, list):
            continue
        if any(_is_foreign(block) for block in content):
            if messages is body["messages"]:
                messages = list(messages)
            own = [block for block in content if not _is_foreign(block)]
            messages[at] = {**message, "content": own or [_NOTHING_LEFT]}
    body["messages"] = messages


def write_request(conversation: Conversation, profile: Profile) -> tuple[JsonObject, ToolNames]:
    """Write a request; what cannot be said is noted on the conversation."""
    names = ToolNames()
    fit(conversation, profile)
    fit_max_tokens(conversation, profile)
    schema = conversation.output_schema if profile.output_schema == "schema" else None
    if schema is not None and (schema := write_output_schema(schema)) is None:
        say_output_schema(conversation)
    limit = conversation.max_tokens or profile.max_output_tokens or _DEFAULT_MAX_TOKENS
    body: JsonObject = {
        "model": conversation.model,
        "max_tokens": limit,
        "messages": _write_turns(conversation.turns, names),
    }
    if conversation.system:
        body["system"] = [write_block(text) for text in conversation.system]
    _mark_for_cache(body)
    _write_tools(body, conversation, profile, names)
    _write_reasoning(body, conversation, profile)
    _write_sampling(body, conversation, profile)
    if schema is not None:
        form = {"type": "json_schema", "schema": schema}
        body.setdefault("output_config", {})["format"] = form
    if conversation.stream:
        body["stream"] = True
    note_left_out(conversation, _NOT_SAID)
    fit_fields(conversation, body, profile)
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
    return read_count(body.get("input_tokens"))


def _write_turns(turns: list[Turn], names: ToolNames) -> list[JsonObject]:
    messages: list[JsonObject] = []
    for turn in turns:
        content = [written for block in turn.content if (written := write_block(block)) is not None]
        for written in content:
            if written.get("type") == "tool_use":
                written["name"] = names.wire(written["name"])
        if content:
            messages.append({"role": turn.role, "content": content})
    return messages


def _mark_for_cache(body: JsonObject) -> None:
    """Let the vendor cache the prompt, which it does only where it is told to.

    Clients of other protocols cannot say so, as their vendors cache by themselves.
    """
    said = [message["content"] for message in body["messages"][-1:] if message["role"] == "user"]
    ends = [content for content in (body.get("system"), *said) if content]
    if not any("cache_control" in block for content in ends for block in content):
        for content in ends:
            content[-1]["cache_control"] = {"type": "ephemeral"}


def _is_foreign(block: JsonObject) -> bool:
    if block["type"] != "thinking":
        return False
    signature = block.get("signature")
    return not signature or is_foreign(str(signature))


def _write_tools(
    body: JsonObject, conversation: Conversation, profile: Profile, names: ToolNames
) -> None:
    tools = own_tools(conversation)
    if not tools:
        return
    body["tools"] = [_write_tool(tool, names) for tool in tools]
    if strict := [tool.name for tool in tools if tool.strict]:
        conversation.notes.append("strict left out of tools: " + ", ".join(strict))
    if choice := fit_tool_choice(conversation, profile):
        body["tool_choice"] = _write_tool_choice(choice, names)


def _write_tool(tool: Tool, names: ToolNames) -> JsonObject:
    written: JsonObject = {"name": names.wire(tool.name)}
    if tool.description:
        written["description"] = tool.description
    written["input_schema"] = tool_schema(tool.schema, CLAUDE)
    return written


def _write_tool_choice(choice: ToolChoice, names: ToolNames) -> JsonObject:
    written: JsonObject = {"type": choice.mode}
    if choice.mode == "tool":
        written["name"] = names.wire(choice.name)
    if not choice.parallel and choice.mode != "none":
        written["disable_parallel_tool_use"] = True
    return written


def _write_reasoning(body: JsonObject, conversation: Conversation, profile: Profile) -> None:
    """Ask for thinking: newer models by a level, older ones by a number of tokens."""
    reasoning = conversation.reasoning
    if reasoning is None or (effort := effort_of(reasoning)) == "none":
        return
    if not profile.thinking:
        conversation.notes.append("thinking left off: the model does not think")
    elif body.get("tool_choice", {}).get("type") in ("any", "tool"):
        conversation.notes.append("thinking left off: a tool is forced")
    elif profile.budgets is None:
        body["thinking"] = {"type": "adaptive"}
        if effort and profile.efforts:
            body["output_config"] = {"effort": nearest(effort, profile.efforts)}
    elif _lacks_thinking(conversation.turns):
        conversation.notes.append("thinking left off: a past tool call has lost its own")
    else:
        least, most = profile.budgets
        wanted = max(budget_of(reasoning) or _USUAL_BUDGET, least)
        limit = body["max_tokens"]
        budget = min(wanted, most, max(limit // 2, least))
        if budget < limit:
            body["thinking"] = {"type": "enabled", "budget_tokens": budget}
        else:
            conversation.notes.append("thinking left off: max_tokens leaves no room for it")


def _lacks_thinking(turns: list[Turn]) -> bool:
    """Whether a tool loop is going on whose calls came without signed thinking.

    With a budget the vendor refuses those; with adaptive thinking it does not.
    """
    loops = bool(turns) and any(isinstance(block, ToolResult) for block in turns[-1].content)
    if not loops:
        return False
    first = turns[-2].content[0]
    return not (
        isinstance(first, RedactedThinking) or (isinstance(first, Thinking) and first.signature)
    )


def _write_sampling(body: JsonObject, conversation: Conversation, profile: Profile) -> None:
    notes = conversation.notes
    if profile.sampling and "thinking" not in body:
        if conversation.temperature is not None:
            body["temperature"] = min(max(conversation.temperature, 0.0), 1.0)
            if body["temperature"] != conversation.temperature:
                notes.append(f"temperature {conversation.temperature} → {body['temperature']}")
            if conversation.top_p is not None:
                notes.append("top_p left out: not beside a temperature")
        elif conversation.top_p is not None:
            body["top_p"] = conversation.top_p
        if conversation.top_k is not None:
            body["top_k"] = conversation.top_k
    elif (conversation.temperature, conversation.top_p, conversation.top_k) != (None, None, None):
        notes.append("temperature, top_p, top_k left out: not beside thinking")
    if stops := [stop for stop in conversation.stop if stop.strip()]:
        body["stop_sequences"] = stops
    if conversation.user:
        body["metadata"] = {"user_id": conversation.user}
