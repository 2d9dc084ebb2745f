"""A conversation written as a request to generate content."""

from collections.abc import Iterable
from typing import Any, Final

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
from ccproxy_tui.protocols.gemini.parts import write_contents
from ccproxy_tui.protocols.hub import Conversation, JsonObject, Reasoning, Tool, ToolChoice
from ccproxy_tui.protocols.profiles import Profile
from ccproxy_tui.protocols.schema import GEMINI, clean_schema, tool_schema
from ccproxy_tui.protocols.tool_names import ToolNames

_MOST_STOPS: Final = 5
_LARGEST_SEED: Final = 2**31 - 1
_JSON: Final = "application/json"


def write_request(conversation: Conversation, profile: Profile) -> tuple[JsonObject, ToolNames]:
    """Write a request; what cannot be said is noted on the conversation.

    Where the profile says so, calls that other models made get the vendor's stand-in for a
    signature; older models need none and may refuse it.
    """
    fit(conversation, profile)
    fit_max_tokens(conversation, profile)
    names = ToolNames()
    body: JsonObject = {
        "contents": write_contents(conversation.turns, names, dummies=profile.call_signatures)
    }
    _write_tools(body, conversation, profile, names)
    config: JsonObject = {}
    _write_sampling(config, conversation, profile)
    _write_thinking(config, conversation, profile)
    _write_output(config, conversation, profile, tools="tools" in body)
    if conversation.system:
        parts = [{"text": text.text} for text in conversation.system]
        body["systemInstruction"] = {"parts": parts}
    if config:
        body["generationConfig"] = config
    note_left_out(conversation, ["shared"])
    fit_fields(conversation, body, profile)
    return body, names


def _write_tools(
    body: JsonObject, conversation: Conversation, profile: Profile, names: ToolNames
) -> None:
    tools = own_tools(conversation)
    if not tools:
        return
    body["tools"] = [{"functionDeclarations": [_write_tool(tool, names) for tool in tools]}]
    choice = fit_tool_choice(conversation, profile)
    if choice is None:
        return
    body["toolConfig"] = {"functionCallingConfig": _write_choice(choice, names)}
    if not choice.parallel:
        conversation.notes.append("parallel tool calls stay allowed: not in this protocol")


def _write_tool(tool: Tool, names: ToolNames) -> JsonObject:
    """Write a declaration.

    `parameters` takes no object without properties, neither at the top nor inside; JSON schema,
    which `parametersJsonSchema` takes, has objects of any content.
    """
    declaration: JsonObject = {"name": names.wire(tool.name)}
    if tool.description:
        declaration["description"] = tool.description
    parameters = tool_schema(tool.schema, GEMINI)
    if _has_open_object(parameters["properties"].values()):
        declaration["parametersJsonSchema"] = tool_schema(tool.schema)
    elif parameters["properties"]:
        declaration["parameters"] = parameters
    return declaration


def _has_open_object(schemas: Iterable[JsonObject]) -> bool:
    for schema in schemas:
        inner = (schema.get("properties") or {}).values()
        if schema.get("type") == "object" and not inner:
            return True
        items = [schema["items"]] if "items" in schema else []
        if _has_open_object([*inner, *items, *(schema.get("anyOf") or ())]):
            return True
    return False


def _write_choice(choice: ToolChoice, names: ToolNames) -> JsonObject:
    if choice.mode == "tool":
        return {"mode": "ANY", "allowedFunctionNames": [names.wire(choice.name)]}
    return {"mode": {"any": "ANY", "none": "NONE"}.get(choice.mode, "AUTO")}


def _write_sampling(config: JsonObject, conversation: Conversation, profile: Profile) -> None:
    if conversation.max_tokens is not None:
        config["maxOutputTokens"] = conversation.max_tokens
    if conversation.stop:
        config["stopSequences"] = conversation.stop[:_MOST_STOPS]
        if len(conversation.stop) > _MOST_STOPS:
            conversation.notes.append(f"stop sequences beyond {_MOST_STOPS} left out")
    sampling: dict[str, Any] = {
        "temperature": conversation.temperature,
        "topP": conversation.top_p,
        "topK": conversation.top_k,
        "presencePenalty": conversation.presence_penalty,
        "frequencyPenalty": conversation.frequency_penalty,
    }
    for name, value in sampling.items():
        if value is not None and profile.sampling:
            config[name] = value
        elif value is not None:
            conversation.notes.append(f"{name} left out: the model takes none")
    if conversation.seed is not None:
        if abs(conversation.seed) <= _LARGEST_SEED:
            config["seed"] = conversation.seed
        else:
            conversation.notes.append("seed left out: it has more than 32 bits")


def _write_thinking(config: JsonObject, conversation: Conversation, profile: Profile) -> None:
    """Say how much to think, and that the thoughts are wanted, where the model is known to think."""
    reasoning = conversation.reasoning
    if reasoning is None:
        return
    if profile.efforts:
        thinking = _write_level(reasoning, profile.efforts)
    elif profile.budgets:
        least, most = profile.budgets
        budget = budget_of(reasoning)
        thinking = {"thinkingBudget": -1 if budget is None else min(max(budget, least), most)}
    else:
        if reasoning.mode != "off":
            conversation.notes.append("thinking left out: the model is not known to think")
        return
    if reasoning.mode != "off":
        thinking["includeThoughts"] = True
    config["thinkingConfig"] = thinking


def _write_level(reasoning: Reasoning, efforts: tuple[str, ...]) -> JsonObject:
    wanted = effort_of(reasoning)
    return {"thinkingLevel": nearest(wanted, efforts).upper()} if wanted else {}


def _write_output(
    config: JsonObject, conversation: Conversation, profile: Profile, *, tools: bool
) -> None:
    """Ask for JSON; in words where there are functions, as most models refuse both together."""
    schema = conversation.output_schema
    if schema is None or profile.output_schema == "none":
        return
    if tools:
        if profile.output_schema == "schema":
            say_output_schema(conversation)
        return
    config["responseMimeType"] = _JSON
    if profile.output_schema == "schema" and schema != {"type": "object"}:
        clean = clean_schema(schema, GEMINI)
        if _has_open_object([clean]):
            config["responseJsonSchema"] = clean_schema(schema)
        else:
            config["responseSchema"] = clean
