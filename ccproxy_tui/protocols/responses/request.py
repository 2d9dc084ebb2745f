"""A conversation written as a Responses request."""

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
from ccproxy_tui.protocols.hub import Conversation, JsonObject, Tool
from ccproxy_tui.protocols.profiles import Profile
from ccproxy_tui.protocols.responses.messages import write_items
from ccproxy_tui.protocols.schema import clean_schema, is_strict, tool_schema
from ccproxy_tui.protocols.tool_names import ToolNames

_LEAST_OUTPUT: Final = 16
"""Tokens; the vendor refuses to write fewer."""
_LONGEST_USER: Final = 64
_UNSAID: Final = ("top_k", "seed", "presence_penalty", "frequency_penalty", "stop")
_CHOICES: Final = {"auto": "auto", "any": "required", "none": "none"}


def write_request(conversation: Conversation, profile: Profile) -> tuple[JsonObject, ToolNames]:
    """Write a request; what cannot be said is noted on the conversation."""
    fit(conversation, profile)
    fit_max_tokens(conversation, profile)
    names = ToolNames()
    body: JsonObject = {"model": conversation.model}
    if conversation.system:
        body["instructions"] = "\n\n".join(text.text for text in conversation.system)
    body["input"] = write_items(conversation, profile, names)
    _write_tools(body, conversation, profile, names)
    _write_limits(body, conversation, profile)
    _write_reasoning(body, conversation, profile)
    _write_text(body, conversation, profile)
    shared = fit_shared(conversation, profile)
    body.update({name: value for name, value in shared.items() if name != "verbosity"})
    body.setdefault("store", False)
    if 0 < len(conversation.user) <= _LONGEST_USER:
        body["user"] = conversation.user
    body["stream"] = conversation.stream
    fit_fields(conversation, body, profile)
    return body, names


def _write_tools(
    body: JsonObject, conversation: Conversation, profile: Profile, names: ToolNames
) -> None:
    tools = [_write_tool(tool, names) for tool in own_tools(conversation)]
    if not tools:
        return
    body["tools"] = tools
    choice = fit_tool_choice(conversation, profile)
    if choice is None:
        return
    if choice.mode == "tool":
        body["tool_choice"] = {"type": "function", "name": names.wire(choice.name)}
    else:
        body["tool_choice"] = _CHOICES[choice.mode]
    if not choice.parallel:
        body["parallel_tool_calls"] = False


def _write_tool(tool: Tool, names: ToolNames) -> JsonObject:
    """Write a tool; unless it says so itself, its schema is none of the strict kind."""
    written: JsonObject = {"type": "function", "name": names.wire(tool.name)}
    if tool.description:
        written["description"] = tool.description
    strict = bool(tool.strict) and is_strict(tool.schema)
    return {**written, "parameters": tool_schema(tool.schema), "strict": strict}


def _write_limits(body: JsonObject, conversation: Conversation, profile: Profile) -> None:
    limit, notes = conversation.max_tokens, conversation.notes
    if limit is not None and limit < _LEAST_OUTPUT:
        notes.append(f"max_tokens {limit} → {_LEAST_OUTPUT}")
        limit = _LEAST_OUTPUT
    if limit is not None:
        body["max_output_tokens"] = limit
    for name in ("temperature", "top_p"):
        value = getattr(conversation, name)
        if value is None:
            continue
        if profile.sampling:
            body[name] = value
        else:
            notes.append(f"{name} left out: the model takes none")
    note_left_out(conversation, _UNSAID)


def _write_reasoning(body: JsonObject, conversation: Conversation, profile: Profile) -> None:
    """Write how much to think, and ask for what proves the reasoning later on."""
    asked = conversation.reasoning
    if asked is not None:
        form: JsonObject = {}
        if profile.efforts and (wanted := effort_of(asked)):
            form["effort"] = nearest(wanted, profile.efforts)
        if asked.mode != "off" and (profile.efforts or profile.thinking):
            form["summary"] = "auto"
        if form:
            body["reasoning"] = form
        elif asked.mode != "off" or asked.effort:
            conversation.notes.append("reasoning left out: the model is not known to take it")
        switch = {"on": profile.thinking_on, "off": profile.thinking_off}.get(asked.mode, {})
        body.update(switch)
    if "reasoning" in body or profile.thinking:
        body["include"] = ["reasoning.encrypted_content"]


def _write_text(body: JsonObject, conversation: Conversation, profile: Profile) -> None:
    """Write the form of the reply's text."""
    text: JsonObject = {}
    schema = conversation.output_schema
    if schema is not None and profile.output_schema != "none":
        if schema == {"type": "object"} or profile.output_schema == "object":
            text["format"] = {"type": "json_object"}
        else:
            text["format"] = {
                "type": "json_schema",
                "name": conversation.output_name or "reply",
                "schema": clean_schema(schema),
                "strict": conversation.output_strict is True,
            }
    if "verbosity" in conversation.shared:
        text["verbosity"] = conversation.shared["verbosity"]
    if text:
        body["text"] = text
