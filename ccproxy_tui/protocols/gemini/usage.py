"""Token counts of the Gemini API.

The prompt's count includes what was cached; the candidates' leaves the thoughts out.
"""

from typing import Any

from ccproxy_tui.protocols.gemini.fields import find
from ccproxy_tui.protocols.hub import JsonObject, Usage
from ccproxy_tui.protocols.usage import read_count


def read_usage(raw: Any) -> Usage | None:
    """Read `usageMetadata`; None when there is none, or zeros as some servers send them."""
    if not isinstance(raw, dict):
        return None
    prompt, said = _count(raw, "promptTokenCount"), _count(raw, "candidatesTokenCount")
    thoughts, cached = _count(raw, "thoughtsTokenCount"), _count(raw, "cachedContentTokenCount")
    if not prompt and not said and not thoughts:
        return None
    output = None if said is None and thoughts is None else (said or 0) + (thoughts or 0)
    own = None
    if prompt:
        tools = _count(raw, "toolUsePromptTokenCount") or 0
        own = max(prompt + tools - (cached or 0), 0)
    return Usage(own, cached, None, output, thoughts)


def write_usage(usage: Usage, input_estimate: int, output_estimate: int) -> JsonObject:
    """Write `usageMetadata`; the estimates stand for what the upstream did not say."""
    cached, thoughts = usage.cache_read or 0, usage.reasoning or 0
    own = input_estimate if usage.input is None else usage.input
    prompt = own + cached + (usage.cache_write or 0)
    output = output_estimate if usage.output is None else usage.output
    written: JsonObject = {
        "promptTokenCount": prompt,
        "candidatesTokenCount": max(output - thoughts, 0),
        "totalTokenCount": prompt + max(output, thoughts),
    }
    if cached:
        written["cachedContentTokenCount"] = cached
    if thoughts:
        written["thoughtsTokenCount"] = thoughts
    return written


def _count(raw: dict[str, Any], name: str) -> int | None:
    return read_count(find(raw, name))
