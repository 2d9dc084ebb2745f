"""A client's tools, made ones that every protocol has.

- `function`: as it is.
- `custom`, which takes free text: a tool with one string, `input`; the grammar of that text, if
  any, goes into the description. The reply says `custom_tool_call` with the plain text.
- `namespace`: its tools, each under the name `NAMESPACE__TOOL`. The reply says name and namespace
  apart, as clients insist on.
- the vendor's own, such as `web_search`: kept raw; targets of other protocols leave them out.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from ccproxy_tui.protocols.base import BadRequestError
from ccproxy_tui.protocols.free_text import free_text_tool
from ccproxy_tui.protocols.hub import JsonObject, Tool, ToolChoice

_MODES: Final = {"auto": "auto", "none": "none", "required": "any"}


@dataclass(frozen=True, slots=True)
class ToolForm:
    """How the client itself names a tool, and whether it takes free text."""

    name: str
    namespace: str = ""
    free_text: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """What has to be remembered of a request so as to write its reply."""

    echo: JsonObject = field(default_factory=dict)
    """Fields that the reply repeats."""
    tools: dict[str, ToolForm] = field(default_factory=dict)
    """By the name that a tool has elsewhere; those that are named in another way here."""

    def tool(self, name: str) -> ToolForm:
        """Give the client's form of a tool."""
        return self.tools.get(name) or ToolForm(name)


def flat_name(name: str, namespace: Any) -> str:
    """Give the one name of a tool that stands in a namespace, or in none."""
    if not isinstance(namespace, str) or not namespace:
        return name
    return f"{namespace}{name}" if namespace.endswith("__") else f"{namespace}__{name}"


def read_forms(body: JsonObject) -> dict[str, ToolForm]:
    """Read how the client names its tools; what is malformed is passed over."""
    forms = {}
    for tool, namespace, _ in _each(body):
        name, free = tool.get("name"), tool.get("type") == "custom"
        if isinstance(name, str) and (namespace or free):
            forms[flat_name(name, namespace)] = ToolForm(name, namespace, free)
    return forms


def read_tools(body: JsonObject) -> list[Tool]:
    """Read the tools that the client offers, as far as its `tool_choice` allows them."""
    tools = [_read_tool(tool, namespace, field) for tool, namespace, field in _each(body)]
    choice = body.get("tool_choice")
    if not isinstance(choice, dict) or choice.get("type") != "allowed_tools":
        return tools
    allowed = choice.get("tools")
    if not isinstance(allowed, list) or not all(isinstance(one, dict) for one in allowed):
        raise BadRequestError("tool_choice.tools", "must be a list of objects")
    named = {choice_name(one) for one in allowed}
    forms = read_forms(body)
    return [
        tool
        for tool in tools
        if tool.name in named or (tool.name in forms and forms[tool.name].namespace in named)
    ]


def read_tool_choice(body: JsonObject) -> ToolChoice | None:
    """Read how freely the model may use the tools."""
    choice, parallel = body.get("tool_choice"), body.get("parallel_tool_calls") is not False
    match choice:
        case None:
            return None if parallel else ToolChoice("auto", parallel=False)
        case "auto" | "none" | "required":
            return ToolChoice(_mode(choice), parallel=parallel)
        case {"type": "function" | "custom", "name": str()}:
            return ToolChoice("tool", choice_name(choice), parallel)
        case {"type": "allowed_tools"}:
            return ToolChoice(_mode(choice.get("mode")), parallel=parallel)
        case {"type": str(kind)} if kind not in ("function", "custom"):
            return ToolChoice("auto", parallel=parallel)
    raise BadRequestError("tool_choice", "must be auto, none, required or an object naming a tool")


def choice_name(choice: JsonObject) -> str:
    """Name of the tool that an object of `tool_choice` means; the vendor's own go by their type."""
    name = choice.get("name")
    if isinstance(name, str) and name:
        return flat_name(name, choice.get("namespace"))
    return str(choice.get("type") or "")


def _mode(said: Any) -> Any:
    return _MODES.get(said, "auto") if isinstance(said, str) else "auto"


def _each(body: JsonObject) -> Iterator[tuple[JsonObject, str, str]]:
    """Give each tool with its namespace and its place; a checked request."""
    for at, tool in enumerate(body.get("tools") or []):
        if tool.get("type") == "namespace":
            namespace = str(tool.get("name") or "")
            for inner, one in enumerate(tool.get("tools") or []):
                yield one, namespace, f"tools[{at}].tools[{inner}]"
        else:
            yield tool, "", f"tools[{at}]"


def _read_tool(tool: JsonObject, namespace: str, field: str) -> Tool:
    kind, name = tool.get("type"), tool.get("name")
    if kind not in ("function", "custom"):
        if not isinstance(kind, str) or not kind:
            raise BadRequestError(f"{field}.type", "must be a string")
        return Tool(kind, raw=tool)
    if not isinstance(name, str) or not name:
        raise BadRequestError(f"{field}.name", "must be a non-empty string")
    description = str(tool.get("description") or "")
    name = flat_name(name, namespace)
    if kind == "custom":
        return free_text_tool(name, description, tool.get("format"))
    schema, strict = tool.get("parameters"), tool.get("strict")
    return Tool(
        name,
        description,
        schema if isinstance(schema, dict) else {},
        strict if isinstance(strict, bool) else None,
    )
