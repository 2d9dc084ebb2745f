"""A conversation written as a chat request to an Ollama server."""

from typing import Any, Final

from ccproxy_tui.protocols.effort import effort_of, nearest
from ccproxy_tui.protocols.fitting import fit, fit_fields, fit_max_tokens, note_left_out, own_tools
from ccproxy_tui.protocols.hub import Conversation, JsonObject, Tool
from ccproxy_tui.protocols.ollama.messages import write_messages
from ccproxy_tui.protocols.profiles import Profile
from ccproxy_tui.protocols.schema import OLLAMA, clean_schema, tool_schema
from ccproxy_tui.protocols.tool_names import ToolNames

_ANY_OBJECT: Final = {"type": "object"}


def write_request(conversation: Conversation, profile: Profile) -> tuple[JsonObject, ToolNames]:
    """Write a request; what cannot be said is noted on the conversation."""
    fit(conversation, profile)
    fit_max_tokens(conversation, profile)
    names = ToolNames()
    body: JsonObject = {
        "model": conversation.model,
        "messages": write_messages(conversation, profile, names),
    }
    _write_tools(body, conversation, names)
    _write_format(body, conversation, profile)
    _write_reasoning(body, conversation, profile)
    if options := _options(conversation, profile):
        body["options"] = options
    note_left_out(conversation, ["shared"])
    body["stream"] = conversation.stream
    fit_fields(conversation, body, profile)
    return body, names


def _write_tools(body: JsonObject, conversation: Conversation, names: ToolNames) -> None:
    own, notes = own_tools(conversation), conversation.notes
    choice = conversation.tool_choice
    if not own:
        return
    if choice is not None and choice.mode == "none":
        notes.append("tools left out: tool_choice is none")
        return
    body["tools"] = [_write_tool(tool, names) for tool in own]
    if choice is None:
        return
    if choice.mode != "auto":
        named = f" {choice.name}" if choice.name else ""
        notes.append(f"tool_choice {choice.mode}{named} → auto: not in this protocol")
    if not choice.parallel:
        notes.append("a single tool call cannot be asked for: not in this protocol")


def _write_tool(tool: Tool, names: ToolNames) -> JsonObject:
    function: JsonObject = {"name": names.wire(tool.name)}
    if tool.description:
        function["description"] = tool.description
    function["parameters"] = tool_schema(tool.schema, OLLAMA)
    return {"type": "function", "function": function}


def _write_format(body: JsonObject, conversation: Conversation, profile: Profile) -> None:
    schema = conversation.output_schema
    if schema is None or profile.output_schema == "none":
        return
    if schema == _ANY_OBJECT or profile.output_schema == "object":
        body["format"] = "json"
    else:
        # The reply is bound by a grammar made from the schema, which knows more than tools may say.
        body["format"] = clean_schema(schema)


def _write_reasoning(body: JsonObject, conversation: Conversation, profile: Profile) -> None:
    """Say how much to think, only to a model that is known to: the others refuse the field."""
    reasoning = conversation.reasoning
    if reasoning is None:
        return
    level = effort_of(reasoning)
    if level == "none" and profile.thinking_off:
        body.update(profile.thinking_off)
    elif level and profile.efforts:
        body["think"] = nearest(level, profile.efforts)
    elif reasoning.mode == "on" and level != "none" and profile.thinking_on:
        body.update(profile.thinking_on)
    elif (reasoning.mode == "on" or level) and level != "none" and not profile.thinking:
        conversation.notes.append("thinking left out: the model is not known to think")


def _options(conversation: Conversation, profile: Profile) -> JsonObject:
    options: dict[str, Any] = {
        "num_predict": conversation.max_tokens,
        "stop": conversation.stop or None,
        "seed": conversation.seed,
        "presence_penalty": conversation.presence_penalty,
        "frequency_penalty": conversation.frequency_penalty,
    }
    for name in ("temperature", "top_p", "top_k"):
        value = getattr(conversation, name)
        if value is not None and not profile.sampling:
            conversation.notes.append(f"{name} left out: the model takes none")
        else:
            options[name] = value
    return {name: value for name, value in options.items() if value is not None}
