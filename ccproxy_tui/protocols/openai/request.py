"""A conversation written as a chat completions request."""

from typing import Final

from ccproxy_tui.protocols.effort import effort_of, nearest
from ccproxy_tui.protocols.fitting import (
    fit,
    fit_fields,
    fit_max_tokens,
    fit_shared,
    fit_tool_choice,
    note_left_out,
    own_tools,
)
from ccproxy_tui.protocols.hub import Conversation, JsonObject, Tool, ToolChoice
from ccproxy_tui.protocols.openai.messages import write_messages
from ccproxy_tui.protocols.profiles import Profile
from ccproxy_tui.protocols.schema import clean_schema, is_strict, tool_schema
from ccproxy_tui.protocols.tool_names import ToolNames

_MOST_STOPS: Final = 4
_LONGEST_USER: Final = 64
_SAMPLING: Final = ("temperature", "top_p", "presence_penalty", "frequency_penalty")


def write_request(conversation: Conversation, profile: Profile) -> tuple[JsonObject, ToolNames]:
    """Write a request; what cannot be said is noted on the conversation."""
    names = ToolNames()
    fit(conversation, profile)
    fit_max_tokens(conversation, profile)
    body: JsonObject = {
        "model": conversation.model,
        "messages": write_messages(conversation, profile, names),
    }
    _write_tools(body, conversation, profile, names)
    _write_limits(body, conversation, profile)
    _write_reasoning(body, conversation, profile)
    _write_schema(body, conversation, profile)
    if 0 < len(conversation.user) <= _LONGEST_USER:
        body["user"] = conversation.user
    body.update(fit_shared(conversation, profile))
    body["stream"] = conversation.stream
    if conversation.stream:
        body["stream_options"] = {"include_usage": True}
    fit_fields(conversation, body, profile)
    return body, names


def _write_tools(
    body: JsonObject, conversation: Conversation, profile: Profile, names: ToolNames
) -> None:
    tools = own_tools(conversation)
    if not tools:
        return
    body["tools"] = [_write_tool(tool, names) for tool in tools]
    choice = fit_tool_choice(conversation, profile)
    if choice is None:
        return
    body["tool_choice"] = _write_tool_choice(choice, names)
    if not choice.parallel:
        body["parallel_tool_calls"] = False


def _write_tool(tool: Tool, names: ToolNames) -> JsonObject:
    function: JsonObject = {"name": names.wire(tool.name)}
    if tool.description:
        function["description"] = tool.description
    function["parameters"] = tool_schema(tool.schema)
    if tool.strict and is_strict(tool.schema):
        function["strict"] = True
    return {"type": "function", "function": function}


def _write_tool_choice(choice: ToolChoice, names: ToolNames) -> object:
    if choice.mode == "tool":
        return {"type": "function", "function": {"name": names.wire(choice.name)}}
    return {"any": "required", "none": "none"}.get(choice.mode, "auto")


def _write_limits(body: JsonObject, conversation: Conversation, profile: Profile) -> None:
    if conversation.max_tokens is not None:
        body[profile.max_tokens_field] = conversation.max_tokens
    if conversation.stop:
        body["stop"] = conversation.stop[:_MOST_STOPS]
        if len(conversation.stop) > _MOST_STOPS:
            conversation.notes.append(f"stop sequences beyond {_MOST_STOPS} left out")
    for name in _SAMPLING:
        value = getattr(conversation, name)
        if value is None:
            continue
        if profile.sampling:
            body[name] = value
        else:
            conversation.notes.append(f"{name} left out (the model takes none)")
    if conversation.seed is not None:
        body["seed"] = conversation.seed
    note_left_out(conversation, ["top_k"])


def _write_reasoning(body: JsonObject, conversation: Conversation, profile: Profile) -> None:
    reasoning = conversation.reasoning
    if reasoning is None:
        return
    wanted = effort_of(reasoning)
    if profile.efforts and wanted:
        body["reasoning_effort"] = nearest(wanted, profile.efforts)
    if reasoning.mode == "off" and profile.thinking_off:
        body.update(profile.thinking_off)
    elif reasoning.mode == "on" and profile.thinking_on:
        body.update(profile.thinking_on)
    elif not profile.efforts and (wanted or reasoning.mode != "adaptive"):
        conversation.notes.append("thinking is left to the model: no switch for it is known")


def _write_schema(body: JsonObject, conversation: Conversation, profile: Profile) -> None:
    schema = conversation.output_schema
    if schema is None or profile.output_schema == "none":
        return
    if profile.output_schema == "object" or schema == {"type": "object"}:
        body["response_format"] = {"type": "json_object"}
        return
    form: JsonObject = {"name": conversation.output_name or "reply", "schema": clean_schema(schema)}
    if conversation.output_strict is not None:
        form["strict"] = conversation.output_strict
    body["response_format"] = {"type": "json_schema", "json_schema": form}
