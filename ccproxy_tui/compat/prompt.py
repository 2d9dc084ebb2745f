"""What a model is told of the tools, and how it calls them.

The same tools give the same text, byte for byte, so that an upstream's prompt cache holds. What
changes from call to call, such as a tool that must be called, is said at the end of the request.
"""

from collections.abc import Sequence
from typing import Any, Final

from ccproxy_tui import json_bytes
from ccproxy_tui.compat.coercion import Shape
from ccproxy_tui.protocols.hub import JsonObject, Tool, ToolChoice

_LIST: Final = """\
<cs:tool-guide>
You can use these tools:

<cs:tools>
{tools}</cs:tools>

To call a tool, write exactly this, as plain text without a code fence:

"""
FORM: Final = """\
<cs:tool_use>
<name>TOOL</name>
<args>
<arg name="ARGUMENT" type="string">first line
    if a < b and c != "d":</arg>
<arg name="OTHER" type="integer">5</arg>
</args>
</cs:tool_use>
"""
"""How a call is written."""
_RULES: Final = """\

- TOOL is a name from the list above. One <arg> for each argument; give all required ones.
- Types: string, integer, number, boolean, array, object, null. Write arrays and objects as JSON.
- A string starts right after > and ends right before </arg>: add no quotes and no line breaks \
around it, escape nothing. Only a string that contains </arg>, or an entity such as &lt;, goes as a \
whole into <![CDATA[…]]>.
- You may write a short text first, and several calls one after another. Then stop. The results come \
in the next message, as <cs:tool_result id="1">, <cs:tool_result id="2"> and so on, in the order of \
your calls. Never write a result yourself.
- When no more calls are needed, answer with text alone.
</cs:tool-guide>"""
_SAID_AS_ATTRIBUTES: Final = frozenset({"type", "description"})
_SAID_ELSEWHERE: Final = frozenset({"$schema", "type", "properties", "required"})
_MUST_CALL: Final = "You must call at least one tool in this reply."
_MUST_CALL_THIS: Final = "You must call the tool {name} in this reply."
_MUST_NOT_CALL: Final = "Do not call any tool in this reply; answer with text alone."
_ONE_AT_MOST: Final = "Call at most one tool in this reply."


def write_guide(tools: Sequence[Tool]) -> str:
    """Describe the tools, with their whole schemas, and how they are called."""
    described = "".join(_describe(tool) for tool in tools)
    return f"{_LIST.replace('{tools}', described)}{FORM}{_RULES}"


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
