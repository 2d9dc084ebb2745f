"""How calls begin and end in a model's text, as patterns.

An opening says what has to follow it as well: the marks alone may just be spoken of.
"""

import re
from typing import Final

import regex

from ccproxy_tui.compat.json_call import SHAPE
from ccproxy_tui.compat.source import Pattern
from ccproxy_tui.compat.tagged import FUNCTION, INVOKE, OWN, Tags, unnamed

KINDS: Final = ("own", "function", "invoke", "around", "hermes", "mistral", "json")
TAGS: Final[dict[str, Tags]] = {"own": OWN, "function": FUNCTION, "invoke": INVOKE}


ASIDES: Final = {"<think>": "</think>", "<thinking>": "</thinking>", "<!--": "-->"}
"""What a model says to itself, and where that ends."""

_OWN: Final = rf"(?P<own>(?={unnamed(OWN.open)}\s{{0,200}}+[<{{]))"
_FUNCTION_NEXT: Final = r"\s{0,200}+(?:<parameter=|[^<{]{0,500}+</function|\{)"
_TAGGED: Final = (
    rf"{_OWN}"
    rf"|(?P<function>(?={unnamed(FUNCTION.open)}{_FUNCTION_NEXT}))"
    rf"|(?P<invoke>(?={unnamed(INVOKE.open)}\s{{0,200}}+[<{{]))"
    r"|(?P<hermes><tool_call\s{0,20}+>\s{0,200}+(?=[\[{]))"
    r"|(?P<mistral>(?=\[TOOL_CALLS\]\s{0,200}+(?:[\[{]|[\w.:/-]{1,200}+\s{0,200}+[\[{])))"
    r"|(?P<around><(?:tool_call|function_calls|minimax:tool_call)\s{0,20}+>\s{0,200}+"
    r"(?=<(?:function=|invoke\s)))"
)
"""What opens a call: with what has to follow, as the marks alone may just be spoken of."""
_MARK: Final = r"(?:<tools>|<\|python_tag\|>|\[TOOL_REQUEST\])\s{0,200}+"
"""What models put before the JSON of a call, and sometimes before other JSON."""
_JSON: Final = rf"(?P<json>(?:{_MARK})?(?:\[\s{{0,200}}+)?{SHAPE})"
_MARKED_JSON: Final = rf"(?P<json>{_MARK}(?:\[\s{{0,200}}+)?{SHAPE})"
OPENING: Final = regex.compile(rf"{_TAGGED}|{_MARKED_JSON}", regex.IGNORECASE)
LINE_OPENING: Final = regex.compile(
    rf"{_TAGGED}|(?P<aside>{'|'.join(ASIDES)})|(?P<result><cs:tool_result(?=[\s>]))"
    rf"|(?P<response></?tool_response>)|{_JSON}",
    regex.IGNORECASE,
)
_INFO: Final = r"[^`\r\n]{0,200}+"
FENCED_CALL: Final = regex.compile(
    rf"(?P<fence>`{{3,20}}+)[\w-]{{0,40}}+[ \t]{{0,200}}+\r?\n\s{{0,200}}+(?=(?:{_TAGGED}|{_JSON}))",
    regex.IGNORECASE,
)
FENCE: Final = regex.compile(rf"(?P<fence>`{{3,20}}+|~{{3,20}}+){_INFO}(?=\r?\n)")
FENCE_CLOSE: Final = regex.compile(r"\s{0,200}+```+[ \t]{0,200}+(?=\r?\n)")
LAST_FENCE_CLOSE: Final = regex.compile(r"\s*+(?:```+[ \t]*+(?=\r?\n|\Z)|`{0,2}\Z)")
BACKTICKS: Final = regex.compile(r"`{1,100}+(?=[^`])")
LAST_BACKTICKS: Final = regex.compile(r"`{1,100}")
AROUND_CLOSE: Final = regex.compile(
    r"[\s}\]]{0,200}+(?:\[END_TOOL_REQUEST\]|<\|(?:eom|eot)_id\|>"
    r"|</(?:cs:tool_use|tool_calls?|tools|function_calls|minimax:tool_call|function|invoke)\s*>)",
    regex.IGNORECASE,
)
LAST_AROUND_CLOSE: Final = regex.compile(
    rf"{AROUND_CLOSE.pattern}|[\s}}\]]{{0,200}}+(?:<(?:/[\w:]*+)?)?\Z", regex.IGNORECASE
)
LEADING_MARK: Final = regex.compile(_MARK, regex.IGNORECASE)
NEXT_OBJECT: Final = regex.compile(r"[\s,;]{0,200}+(?=[\[{])")
NEXT_GUESS: Final = regex.compile(rf"[\s,;]{{0,200}}+(?={SHAPE})")
MISTRAL: Final = regex.compile(r"\s{0,200}+\[TOOL_CALLS\]")
MISTRAL_NAME: Final = regex.compile(
    r"\s{0,200}+(?P<name>[\w.:/-]{1,200}+)\s{0,200}+(?:\[CALL_ID\][^\[]{0,100}+)?(?:\[ARGS\])?"
    r"\s{0,200}+(?=\{)"
)
MARKS: Final = re.compile(r"[<`~{\[]")


def block_end(fence: str) -> tuple[Pattern, Pattern]:
    """Give what closes a code block, and what does so at the end of the text."""
    closing = rf"{re.escape(fence)}{re.escape(fence[0])}*+[ \t]{{0,200}}+"
    return regex.compile(rf"{closing}(?=\r?\n)"), regex.compile(rf"{closing}(?=\r?\n|\Z)")
