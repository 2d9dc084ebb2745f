"""How far a call has come: figures that move while it runs."""

import time

from ccproxy_tui.traffic.call import Call

_COUNTING = "count tokens"


def only_counts(call: Call) -> bool:
    """Tell whether the client only asked how many tokens its request has."""
    return call.operation == _COUNTING


def elapsed(call: Call) -> float:
    """Return how many seconds a call took, or takes so far."""
    return max(0.0, time.time() - call.started_at) if call.duration is None else call.duration


def output_tokens(call: Call) -> int:
    """Return the tokens of output; of a running call roughly those so far."""
    if only_counts(call):
        return 0
    return call.tokens.output or (call.output_so_far if call.live else 0)


def tokens_per_second(call: Call) -> float:
    """Return the rate of output since its first token."""
    running = elapsed(call) - (call.ttft or 0.0)
    return output_tokens(call) / running if running > 0.2 else 0.0
