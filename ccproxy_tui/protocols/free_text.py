"""Tools that take free text, made ones that every protocol has: with one string, `input`.

What a vendor knows beside that, a grammar which the text has to follow, is said in words.
"""

from typing import Any

import orjson

from ccproxy_tui.protocols.hub import JsonObject, Tool


def free_text_tool(name: str, description: str, grammar: Any = None) -> Tool:
    """Make the tool; a grammar has a `definition`, and may have a `syntax`."""
    return Tool(name, description + _in_words(grammar), _schema())


def packed(text: str) -> JsonObject:
    """Give the input of a call that says `text`."""
    return {"input": text}


def unpacked(arguments: str) -> str:
    """Give the text that a call's JSON says; a model may have said it bare."""
    try:
        said = orjson.loads(arguments)
    except orjson.JSONDecodeError:
        return arguments
    match said:
        case {"input": str(text)} | str(text):
            return text
        case {}:
            return arguments if said else ""
    return arguments


def _in_words(grammar: Any) -> str:
    match grammar:
        case {"definition": str(definition)}:
            syntax = grammar.get("syntax")
            named = f"{syntax} " if isinstance(syntax, str) else ""
            return f"\n\nThe input must follow this {named}grammar:\n{definition}"
    return ""


def _schema() -> JsonObject:
    return {
        "type": "object",
        "properties": {
            "input": {"type": "string", "description": "The whole input, as plain text."}
        },
        "required": ["input"],
        "additionalProperties": False,
    }
