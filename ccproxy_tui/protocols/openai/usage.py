"""Token counts of chat completions, where the prompt's count includes what was cached."""

from typing import Any

from ccproxy_tui.protocols.hub import Usage


def read_usage(raw: Any) -> Usage | None:
    """Read a `usage` object; None when there is none."""
    if not isinstance(raw, dict):
        return None
    prompt, output = _count(raw.get("prompt_tokens")), _count(raw.get("completion_tokens"))
    if prompt is None and output is None:
        return None
    details = raw.get("prompt_tokens_details")
    details = details if isinstance(details, dict) else {}
    cached = _count(details.get("cached_tokens"))
    if cached is None:
        cached = _count(raw.get("prompt_cache_hit_tokens"))
    if cached is None:
        cached = _count(raw.get("cached_tokens"))
    written = _count(details.get("cache_write_tokens"))
    if prompt is not None:
        prompt = max(prompt - (cached or 0) - (written or 0), 0)
    written_details = raw.get("completion_tokens_details")
    written_details = written_details if isinstance(written_details, dict) else {}
    return Usage(prompt, cached, written, output, _count(written_details.get("reasoning_tokens")))


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
