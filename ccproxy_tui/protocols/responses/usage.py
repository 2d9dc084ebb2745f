"""Token counts of the Responses API, where the input's count includes what was cached."""

from typing import Any

from ccproxy_tui.protocols.hub import JsonObject, Usage
from ccproxy_tui.protocols.usage import read_count


def read_usage(raw: Any) -> Usage | None:
    """Read a `usage` object; None when there is none."""
    if not isinstance(raw, dict):
        return None
    prompt, output = read_count(raw.get("input_tokens")), read_count(raw.get("output_tokens"))
    if prompt is None and output is None:
        return None
    details = _object(raw.get("input_tokens_details"))
    cached, written = (
        read_count(details.get("cached_tokens")),
        read_count(details.get("cache_write_tokens")),
    )
    if prompt is not None:
        prompt = max(prompt - (cached or 0) - (written or 0), 0)
    reasoning = read_count(_object(raw.get("output_tokens_details")).get("reasoning_tokens"))
    return Usage(prompt, cached, written, output, reasoning)


def write_usage(usage: Usage, input_estimate: int, output_estimate: int) -> JsonObject:
    """Write a `usage` object; the estimates stand for what the upstream did not say."""
    read, written = usage.cache_read or 0, usage.cache_write or 0
    prompt = (input_estimate if usage.input is None else usage.input) + read + written
    output = output_estimate if usage.output is None else usage.output
    return {
        "input_tokens": prompt,
        "input_tokens_details": {"cached_tokens": read, "cache_write_tokens": written},
        "output_tokens": output,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning or 0},
        "total_tokens": prompt + output,
    }


def _object(value: Any) -> JsonObject:
    return value if isinstance(value, dict) else {}
