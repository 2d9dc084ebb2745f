"""A client's tools, and how freely the model may use them, read from its request."""

from typing import Any, Final

from ccproxy_tui.protocols.gemini.fields import camel, find, listed
from ccproxy_tui.protocols.hub import JsonObject, Tool, ToolChoice

_COUNTS: Final = frozenset(
    {"minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties"}
)
"""Keywords that are 64 bits wide, which protobuf writes as strings."""
_DEEPEST: Final = 64
_NO_SCHEMA: Final = frozenset({"nullable", "propertyOrdering", "example"})


def read_tools(body: JsonObject) -> list[Tool]:
    """Read all function declarations; the vendor's own tools stay in their raw form."""
    tools: list[Tool] = []
    for entry in listed(find(body, "tools")):
        tools += [_read_function(one) for one in listed(find(entry, "functionDeclarations"))]
        for key, value in entry.items():
            if camel(key) != "functionDeclarations" and value is not None:
                tools.append(Tool(camel(key), raw={key: value}))
    return tools


def read_choice(body: JsonObject, tools: list[Tool]) -> tuple[ToolChoice | None, list[Tool]]:
    """Read the choice, and which of the tools it leaves."""
    config = find(find(body, "toolConfig") or {}, "functionCallingConfig") or {}
    mode = str(config.get("mode") or "").upper()
    if mode == "NONE":
        return ToolChoice("none"), tools
    allowed = set(find(config, "allowedFunctionNames") or [])
    known = [tool.name for tool in tools if tool.raw is None and tool.name in allowed]
    if mode == "ANY" and len(known) == 1:
        return ToolChoice("tool", known[0]), tools
    if known:
        tools = [tool for tool in tools if tool.name in allowed or tool.raw is not None]
    if mode == "ANY":
        return ToolChoice("any"), tools
    return (ToolChoice("auto") if mode else None), tools


def read_schema(schema: Any, depth: int = 0) -> JsonObject:
    """Read the vendor's kind of schema, OpenAPI 3.0 with types in capitals, as JSON schema.

    What is nested deeper than any sane schema is left open.
    """
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return {}
    read: JsonObject = {}
    for key, value in schema.items():
        name = key if key.startswith("$") else camel(key)
        if name not in _NO_SCHEMA and value is not None:
            read[name] = _read_keyword(name, value, depth + 1)
    if schema.get("nullable") is True and isinstance(read.get("type"), str):
        read["type"] = [read["type"], "null"]
    return read


def _read_function(declaration: JsonObject) -> Tool:
    schema = find(declaration, "parametersJsonSchema")
    if not isinstance(schema, dict):
        schema = read_schema(find(declaration, "parameters"))
    return Tool(declaration["name"], str(declaration.get("description") or ""), schema)


def _read_keyword(name: str, value: Any, depth: int) -> Any:
    if name == "type":
        if isinstance(value, list):
            return [str(kind).lower() for kind in value]
        return str(value).lower()
    if name in ("properties", "$defs") and isinstance(value, dict):
        return {key: read_schema(inner, depth) for key, inner in value.items()}
    if name in ("anyOf", "oneOf", "allOf", "prefixItems") and isinstance(value, list):
        return [read_schema(inner, depth) for inner in value]
    if name in ("items", "additionalProperties") and isinstance(value, dict):
        return read_schema(value, depth)
    if name in _COUNTS and isinstance(value, str) and value.isdecimal():
        return int(value)
    return value
