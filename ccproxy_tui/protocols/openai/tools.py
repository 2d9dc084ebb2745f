"""A client's tools, made ones that every protocol has.

- `function`: as it is.
- `custom`, which takes free text: a tool with one string, `input`. The reply has the plain text.
- `functions`, the older field for tools: its clients take one call at a time, and get it in the
  older form.
- the vendor's own, such as `web_search`: kept raw; targets of other protocols leave them out.
"""

from typing import Any, Final, Literal

from ccproxy_tui.protocols.base import BadRequestError
from ccproxy_tui.protocols.free_text import free_text_tool
from ccproxy_tui.protocols.hub import JsonObject, Tool, ToolChoice

_MODES: Final[dict[str, Literal["auto", "none", "any"]]] = {
    "auto": "auto",
    "none": "none",
    "required": "any",
}
_WRONG: Final = "must be auto, none, required or an object naming a tool"


def is_older_form(body: JsonObject) -> bool:
    """Whether the client offers its tools in the older field only."""
    return bool(body.get("functions")) and not body.get("tools")


def free_text_names(body: JsonObject) -> frozenset[str]:
    """Give the names of the tools that take free text; what is malformed is passed over."""
    names: set[str] = set()
    tools = body.get("tools")
    for tool in tools if isinstance(tools, list) else []:
        match tool:
            case {"type": "custom", "custom": {"name": str(name)}}:
                names.add(name)
    return frozenset(names)


def read_tools(body: JsonObject) -> list[Tool]:
    """Read the tools that the client offers, as far as its `tool_choice` allows them."""
    given = body.get("tools") or []
    tools = [_read_tool(tool, f"tools[{at}]") for at, tool in enumerate(given)]
    functions = body.get("functions") or []
    if not isinstance(functions, list):
        raise BadRequestError("functions", "must be a list of objects")
    tools += [_read_function(one, f"functions[{at}]") for at, one in enumerate(functions)]
    match body.get("tool_choice"):
        case {"type": "allowed_tools", **rest}:
            names = _allowed(rest.get("allowed_tools"))
            return [tool for tool in tools if tool.name in names]
    return tools


def read_tool_choice(body: JsonObject) -> ToolChoice | None:
    """Read how freely the model may use the tools."""
    if is_older_form(body):
        return _read_choice(body.get("function_call"), "function_call", parallel=False)
    parallel = body.get("parallel_tool_calls") is not False
    return _read_choice(body.get("tool_choice"), "tool_choice", parallel=parallel)


def _read_choice(choice: Any, field: str, *, parallel: bool) -> ToolChoice | None:
    match choice:
        case None:
            return None if parallel else ToolChoice(parallel=False)
        case str() if choice in _MODES:
            return ToolChoice(_MODES[choice], parallel=parallel)
        case {"type": "allowed_tools", "allowed_tools": {"mode": "auto" | "required" as mode}}:
            return ToolChoice(_MODES[mode], parallel=parallel)
        case {"type": "allowed_tools"}:
            raise BadRequestError(f"{field}.allowed_tools.mode", "must be auto or required")
        case {"function": {"name": str(name)}} | {"custom": {"name": str(name)}}:
            return ToolChoice("tool", name, parallel)
        case {"name": str(name)} if field == "function_call":
            return ToolChoice("tool", name, parallel)
    raise BadRequestError(field, _WRONG)


def _allowed(said: Any) -> set[str]:
    """Give the names of the tools that the model may use; the vendor's own go by their type."""
    tools = said.get("tools") if isinstance(said, dict) else None
    if not isinstance(tools, list) or not all(isinstance(tool, dict) for tool in tools):
        raise BadRequestError("tool_choice.allowed_tools.tools", "must be a list of objects")
    return {str(_form(tool).get("name") or tool.get("type")) for tool in tools}


def _read_tool(tool: JsonObject, field: str) -> Tool:
    kind = tool.get("type", "function")
    if not isinstance(kind, str):
        raise BadRequestError(f"{field}.type", "must be a string")
    if kind == "function":
        return _read_function(_form(tool), f"{field}.function")
    if kind != "custom":
        return Tool(kind, raw=tool)
    custom = _form(tool)
    name = _name(custom, f"{field}.custom")
    form = custom.get("format")
    grammar = form.get("grammar") if isinstance(form, dict) else None
    return free_text_tool(name, str(custom.get("description") or ""), grammar)


def _read_function(function: Any, field: str) -> Tool:
    if not isinstance(function, dict):
        raise BadRequestError(field, "must be an object")
    schema, strict = function.get("parameters"), function.get("strict")
    return Tool(
        _name(function, field),
        str(function.get("description") or ""),
        schema if isinstance(schema, dict) else {},
        strict if isinstance(strict, bool) else None,
    )


def _name(form: JsonObject, field: str) -> str:
    name = form.get("name")
    if not isinstance(name, str):
        raise BadRequestError(f"{field}.name", "must be a string")
    return name


def _form(tool: JsonObject) -> JsonObject:
    """Give what is nested in a tool under the name of its type."""
    form = tool.get(str(tool.get("type", "function")))
    return form if isinstance(form, dict) else {}
