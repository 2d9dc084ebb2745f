"""Token counts of the Messages API."""

from typing import Any

from ccproxy_tui.protocols.hub import JsonObject, Usage
from ccproxy_tui.protocols.usage import read_count


def read_usage(raw: Any) -> Usage:
    """Read a `usage` object; what is not a number was not said."""
    if not isinstance(raw, dict):
        return Usage()
    return Usage(
        read_count(raw.get("input_tokens")),
        read_count(raw.get("cache_read_input_tokens")),
        read_count(raw.get("cache_creation_input_tokens")),
        read_count(raw.get("output_tokens")),
    )


def merge(known: Usage, later: Usage) -> None:
    """Let the later figures take the place of the known ones, where they say anything.

    A later input of 0 says nothing: some servers only know it at the start.
    """
    if later.input is not None and (later.input or known.input is None):
        known.input = later.input
    if later.cache_read is not None and (later.cache_read or known.cache_read is None):
        known.cache_read = later.cache_read
    if later.cache_write is not None and (later.cache_write or known.cache_write is None):
        known.cache_write = later.cache_write
    if later.output is not None:
        known.output = later.output


def write_usage(usage: Usage, input_estimate: int, output_estimate: int) -> JsonObject:
    """Write a `usage` object in which every figure is there."""
    return {
        "input_tokens": input_estimate if usage.input is None else usage.input,
        "cache_creation_input_tokens": usage.cache_write or 0,
        "cache_read_input_tokens": usage.cache_read or 0,
        "output_tokens": output_estimate if usage.output is None else usage.output,
    }
