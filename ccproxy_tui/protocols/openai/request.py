"""A conversation written as a chat completions request."""

from typing import Final

from ccproxy_tui import json_bytes
from ccproxy_tui.protocols.hub import Conversation, JsonObject, Reasoning, Tool, ToolChoice
from ccproxy_tui.protocols.openai.messages import write_messages
from ccproxy_tui.protocols.profiles import Profile
from ccproxy_tui.protocols.schema import clean_schema, tool_schema
from ccproxy_tui.protocols.tool_names import ToolNames

_MOST_STOPS: Final = 4
_LONGEST_USER: Final = 64
_EFFORTS: Final = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
_LOW_BUDGET: Final = 4096
_MEDIUM_BUDGET: Final = 16384


def write_request(conversation: Conversation, profile: Profile) -> tuple[JsonObject, ToolNames]:
    """Write a request; what cannot be said is noted on the conversation."""
    names = ToolNames()
    body: JsonObject = {
        "model": conversation.model,
        "messages": write_messages(conversation, profile, names),
    }
    _write_tools(body, conversation, names)
    _write_limits(body, conversation, profile)
    _write_reasoning(body, conversation.reasoning, profile)
    _write_schema(body, conversation.output_schema, profile)
    if 0 < len(conversation.user) <= _LONGEST_USER:
        body["user"] = conversation.user
    body["stream"] = conversation.stream
    if conversation.stream:
        body["stream_options"] = {"include_usage": True}
    return body, names


def _write_tools(body: JsonObject, conversation: Conversation, names: ToolNames) -> None:
    own = [tool for tool in conversation.tools if tool.raw is None]
    vendors = [tool.name for tool in conversation.tools if tool.raw is not None]
    if vendors:
        conversation.notes.append("server tools left out: " + ", ".join(vendors))
    if not own:
        return
    body["tools"] = [_write_tool(tool, names) for tool in own]
    choice = conversation.tool_choice
    if choice is None:
        return
    body["tool_choice"] = _write_tool_choice(choice, {tool.name for tool in own}, names)
    if not choice.parallel:
        body["parallel_tool_calls"] = False


def _write_tool(tool: Tool, names: ToolNames) -> JsonObject:
    function: JsonObject = {"name": names.wire(tool.name)}
    if tool.description:
        function["description"] = tool.description
    function["parameters"] = tool_schema(tool.schema)
    return {"type": "function", "function": function}


def _write_tool_choice(choice: ToolChoice, offered: set[str], names: ToolNames) -> object:
    if choice.mode == "tool" and choice.name in offered:
        return {"type": "function", "function": {"name": names.wire(choice.name)}}
    return {"any": "required", "none": "none"}.get(choice.mode, "auto")


def _write_limits(body: JsonObject, conversation: Conversation, profile: Profile) -> None:
    limit, most = conversation.max_tokens, profile.max_output_tokens
    if limit is not None and most is not None and limit > most:
        conversation.notes.append(f"max_tokens {limit} → {most}")
        limit = most
    if limit is not None:
        body[profile.max_tokens_field] = limit
    if conversation.stop:
        body["stop"] = conversation.stop[:_MOST_STOPS]
        if len(conversation.stop) > _MOST_STOPS:
            conversation.notes.append(f"stop sequences beyond {_MOST_STOPS} left out")
    for name in ("temperature", "top_p"):
        value = getattr(conversation, name)
        if value is None:
            continue
        if profile.sampling:
            body[name] = value
        else:
            conversation.notes.append(f"{name} left out (the model takes none)")
    if conversation.top_k is not None:
        conversation.notes.append("top_k left out (not in this protocol)")


def _write_reasoning(body: JsonObject, reasoning: Reasoning | None, profile: Profile) -> None:
    if reasoning is None:
        return
    if reasoning.mode == "on":
        body.update(profile.thinking_on)
    elif reasoning.mode == "off":
        body.update(profile.thinking_off)
    if profile.efforts and (wanted := _effort(reasoning)):
        body["reasoning_effort"] = _nearest(wanted, profile.efforts)


def _effort(reasoning: Reasoning) -> str:
    if reasoning.mode == "off":
        return "none"
    if reasoning.effort in _EFFORTS:
        return reasoning.effort
    if reasoning.budget is None:
        return ""
    if reasoning.budget <= _LOW_BUDGET:
        return "low"
    return "medium" if reasoning.budget <= _MEDIUM_BUDGET else "high"


def _nearest(wanted: str, levels: tuple[str, ...]) -> str:
    """Give the highest level that is not above the wanted one, else the lowest."""
    rank = _EFFORTS.index(wanted)
    fitting = [level for level in levels if _EFFORTS.index(level) <= rank]
    return fitting[-1] if fitting else levels[0]


def _write_schema(body: JsonObject, schema: JsonObject | None, profile: Profile) -> None:
    if schema is None:
        return
    clean = clean_schema(schema)
    if profile.output_schema == "schema":
        form = {"name": "reply", "schema": clean}
        body["response_format"] = {"type": "json_schema", "json_schema": form}
        return
    if profile.output_schema == "object":
        body["response_format"] = {"type": "json_object"}
    words = "Reply with one JSON object that follows this JSON schema, and with nothing else:\n"
    text = words + json_bytes.write(clean).decode()
    messages = body["messages"]
    if messages and messages[0]["role"] == "system":
        messages[0]["content"] += "\n\n" + text
    else:
        messages.insert(0, {"role": "system", "content": text})
