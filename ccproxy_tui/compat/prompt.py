"""What a model is told of the tools, and how it calls them.

The same tools give the same text, byte for byte, so that an upstream's prompt cache holds. What
changes from call to call, such as a tool that must be called, is said at the end of the request.
"""

from collections.abc import Sequence
from typing import Any, Final

from ccproxy_tui import json_bytes
from ccproxy_tui.compat.coercion import Shape
from ccproxy_tui.protocols.hub import JsonObject, Tool, ToolChoice

_GUIDE: Final = """\
<cs:tool-guide>
You can use tools. You call one by writing:

<cs:tool_use>
<name>TOOL</name>
<args>
<arg name="ARGUMENT" type="TYPE">VALUE</arg>
</args>
</cs:tool_use>

- Use this form alone, with no code fence around it, and only names from the list below.
- One <arg> for each argument; give all required ones. Types: string, integer, number, boolean, \
array, object, null. Write arrays and objects as JSON.
- A string is taken exactly as it stands between the tags: no quotes around it, nothing escaped, \
line breaks and indentation as they shall be. Only a string that itself contains </arg>, or \
entities such as &lt; that have to stay, goes into <![CDATA[ and ]]>.
- You may write a short text before a call, and several calls one after another. Then stop: the \
results come in the next message, as <cs:tool_result>. Never write a result yourself.

For example:

<cs:tool_use>
<name>{name}</name>
<args>
{example}
</args>
</cs:tool_use>

The tools:

"""
_EXAMPLES: Final[dict[str, str]] = {
    "string": "…",
    "integer": "1",
    "number": "0.5",
    "boolean": "true",
    "array": "[]",
    "object": "{}",
    "null": "null",
}
_SAID_AS_ATTRIBUTES: Final = frozenset({"type", "description"})
_SAID_ELSEWHERE: Final = frozenset({"$schema", "type", "properties", "required"})
_MUST_CALL: Final = "You must call at least one tool in this reply."
_MUST_CALL_THIS: Final = "You must call the tool {name} in this reply."
_MUST_NOT_CALL: Final = "Do not call any tool in this reply; answer with text alone."
_ONE_AT_MOST: Final = "Call at most one tool in this reply."


def write_guide(tools: Sequence[Tool]) -> str:
    """Describe the tools, with their whole schemas, and how they are called."""
    return "".join(
        [
            _GUIDE.replace("{name}", tools[0].name).replace("{example}", _example(tools[0])),
            "<cs:tools>\n",
            *(_describe(tool) for tool in tools),
            "</cs:tools>\n</cs:tool-guide>",
        ]
    )


def say_choice(choice: ToolChoice | None) -> str:
    """Say in words how free the model is to call tools in this reply; empty when it just is."""
    if choice is None:
        return ""
    words = []
    match choice.mode:
        case "none":
            return _MUST_NOT_CALL
        case "any":
            words.append(_MUST_CALL)
        case "tool":
            words.append(_MUST_CALL_THIS.format(name=choice.name))
    if not choice.parallel:
        words.append(_ONE_AT_MOST)
    return " ".join(words)


def _example(tool: Tool) -> str:
    """Show the required arguments of a tool, or the first one."""
    shape = Shape(tool.schema)
    names = list(_properties(tool.schema))
    chosen = [name for name in names if name in shape.required] or names[:1]
    return "\n".join(
        f'<arg name="{name}" type="{kind}">{_EXAMPLES[kind]}</arg>'
        for name in chosen
        for kind in (_kind(shape.member(name)),)
    )


def _describe(tool: Tool) -> str:
    lines = [f'<cs:tool name="{tool.name}">']
    if description := tool.description.strip():
        lines.append(description)
    shape = Shape(tool.schema)
    for name, schema in _properties(tool.schema).items():
        lines.append(_argument(name, schema, shape))
    if rest := _rest(tool.schema, _SAID_ELSEWHERE):
        lines.append(f"<schema>{rest}</schema>")
    lines.append("</cs:tool>\n")
    return "\n".join(lines)


def _argument(name: str, schema: Any, shape: Shape) -> str:
    """Describe an argument: all of its schema that an attribute cannot say follows as JSON."""
    member = shape.member(name)
    required = ' required="true"' if name in shape.required else ""
    given = schema if isinstance(schema, dict) else {}
    description = str(given.get("description") or "").strip()
    plain = isinstance(given.get("type"), str) or not given.get("type")
    rest = _rest(given, _SAID_AS_ATTRIBUTES if plain else {"description"})
    detail = f"<schema>{rest}</schema>" if rest else ""
    return f'<arg name="{name}" type="{_kinds(member)}"{required}>{description}{detail}</arg>'


def _rest(schema: JsonObject, said: frozenset[str] | set[str]) -> str:
    rest = {name: value for name, value in schema.items() if name not in said}
    if rest.get("additionalProperties") is False:
        del rest["additionalProperties"]  # only listed arguments: that is what a list means
    return json_bytes.write(rest).decode() if rest else ""


def _properties(schema: JsonObject) -> JsonObject:
    properties = schema.get("properties")
    return properties if isinstance(properties, dict) else {}


def _kinds(shape: Shape) -> str:
    return "|".join(sorted(shape.kinds)) or "any"


def _kind(shape: Shape) -> str:
    return next(iter(sorted(shape.kinds - {"null"})), "string")
