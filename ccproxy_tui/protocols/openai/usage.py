"""Token counts of chat completions, where the prompt's count includes what was cached."""

from typing import Any

from ccproxy_tui.protocols.hub import Usage
from ccproxy_tui.protocols.usage import read_count


def read_usage(raw: Any) -> Usage | None:
    """Read a `usage` object; None when there is none."""
    if not isinstance(raw, dict):
        return None
    prompt, output = read_count(raw.get("prompt_tokens")), read_count(raw.get("completion_tokens"))
    if prompt is None and output is None:
        return None
    details = raw.get("prompt_tokens_details")
    details = details if isinstance(details, dict) else {}
    cached = read_count(details.get("cached_tokens"))
    if cached is None:
        cached = read_count(raw.get("prompt_cache_hit_tokens"))
    if cached is None:
        cached = read_count(raw.get("cached_tokens"))
    written = read_count(details.get("cache_write_tokens"))
    if prompt is not None:
        prompt = max(prompt - (cached or 0) - (written or 0), 0)
    written_details = raw.get("completion_tokens_details")
    written_details = written_details if isinstance(written_details, dict) else {}
    return Usage(
        prompt, cached, written, output, read_count(written_details.get("reasoning_tokens"))
    )
