"""Token counts of Ollama, whose `prompt_eval_count` knows nothing of caches."""

from ccproxy_tui.protocols.hub import JsonObject, Usage
from ccproxy_tui.protocols.usage import read_count


def read_usage(body: JsonObject) -> Usage:
    """Read the counts of a last line; what is missing stays open."""
    return Usage(
        input=read_count(body.get("prompt_eval_count")), output=read_count(body.get("eval_count"))
    )


def prompt_tokens(usage: Usage, estimate: int) -> int:
    """Give the tokens of the whole prompt, cached ones included."""
    own = estimate if usage.input is None else usage.input
    return own + (usage.cache_read or 0) + (usage.cache_write or 0)
