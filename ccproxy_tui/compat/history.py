"""Earlier calls and their results in the words in which the model makes and gets them now.

They are numbered from the first one on: short, and the same each time as a conversation grows.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from ccproxy_tui import json_bytes
from ccproxy_tui.compat.coercion import kind_of
from ccproxy_tui.protocols.hub import Block, Text, ToolResult, ToolUse, Turn

_NEEDS_CDATA: Final = re.compile(
    r"</args?\s*>|</(?:cs:tool|tool_use)|&(?:amp|lt|gt|quot|apos|#39|#34);|\A\s*<!\[CDATA\[",
    re.IGNORECASE,
)
_END: Final = "</cs:tool_result"
_QUOTED_END: Final = "&lt;/cs:tool_result"
"""What a tool has read must not end its result."""
_NOTHING: Final = "(no output)"


class History:
    """Says what is past; the same call has the same number wherever it is named."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def say(self, turns: Iterable[Turn]) -> list[Turn]:
        """Give the turns in words."""
        return [Turn(turn.role, self._blocks(turn.content)) for turn in turns]

    def _blocks(self, content: Iterable[Block]) -> list[Block]:
        said: list[Block] = []
        for block in content:
            for one in self._say(block):
                if isinstance(one, Text) and said and isinstance(block, ToolUse | ToolResult):
                    last = said[-1]
                    if isinstance(last, Text):
                        said[-1] = Text(f"{last.text}\n{one.text}", last.cache_control)
                        continue
                said.append(one)
        return said

    def _say(self, block: Block) -> Iterator[Block]:
        match block:
            case ToolUse(id, name, arguments):
                yield Text(write_call(name, arguments, self._number(id)))
            case ToolResult(id, content, is_error):
                yield from self._result(self._number(id), content, is_error=is_error)
            case _:
                yield block

    def _result(self, number: int, content: list[Block], *, is_error: bool) -> Iterator[Block]:
        """Say a result; images and the like stand inside of it as they are."""
        error = ' error="true"' if is_error else ""
        before = start = f'<cs:tool_result id="{number}"{error}>\n'
        for block in content:
            if isinstance(block, Text):
                before += f"{block.text.replace(_END, _QUOTED_END)}\n" if block.text else ""
            else:
                yield Text(before)
                before = ""
                yield block
        if before == start:
            before += f"{_NOTHING}\n"
        yield Text(f"{before}</cs:tool_result>")

    def _number(self, id_: str) -> int:
        return self._numbers.setdefault(id_, len(self._numbers) + 1)


def write_call(name: str, arguments: Any, number: int) -> str:
    """Write a call as a model has to write it."""
    if not isinstance(arguments, dict):
        arguments = {"malformed_arguments": arguments}
    lines = [_argument(key, value) for key, value in arguments.items()]
    return "\n".join(
        [
            f'<cs:tool_use id="{number}">',
            f"<name>{name}</name>",
            "<args>",
            *lines,
            "</args>",
            "</cs:tool_use>",
        ]
    )


def _argument(name: str, value: Any) -> str:
    kind = kind_of(value)
    text = value if isinstance(value, str) else json_bytes.write(value).decode()
    if _NEEDS_CDATA.search(text):
        sections = text.replace("]]>", "]]]]><![CDATA[>")
        text = f"<![CDATA[{sections}]]>"
    return f'<arg name="{_quoted(name)}" type="{kind}">{text}</arg>'


def _quoted(name: str) -> str:
    return name.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
