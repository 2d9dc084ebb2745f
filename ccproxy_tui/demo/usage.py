"""Token counts that look like a vendor's: about four bytes a token, earlier turns cached."""

import orjson

from ccproxy_tui.demo.received import ReceivedRequest
from ccproxy_tui.demo.reply import Reply, Usage

_BYTES_PER_TOKEN = 4
_TOKENS_PER_CALL = 12
_SMALLEST_CACHED = 1024
_ROLES_OF_MODEL = ("assistant", "model")
_ITEMS_OF_MODEL = ("reasoning", "function_call")


def count_input(request: ReceivedRequest) -> int:
    """Estimate the prompt's tokens."""
    return max(1, len(request.body) // _BYTES_PER_TOKEN)


def usage_of(reply: Reply, request: ReceivedRequest) -> Usage:
    """The reply's own usage, or an estimate; no estimate is ever random."""
    if reply.usage is not None:
        return reply.usage
    total = count_input(request)
    fresh = _tokens_of_last_turn(request)
    written, cached = 0, 0
    if total - fresh >= _SMALLEST_CACHED:
        has_history = any(turn.role == "assistant" for turn in request.turns)
        written, cached = (0, total - fresh) if has_history else (total - fresh, 0)
    thinking = _tokens("".join(reply.thinking_pieces))
    output = thinking + _tokens("".join(reply.text_pieces))
    for tool in reply.tools:
        output += _TOKENS_PER_CALL + _tokens("".join(tool.argument_pieces))
    return Usage(total - written - cached, max(1, output), cached, written, thinking)


def _tokens_of_last_turn(request: ReceivedRequest) -> int:
    last: list[object] = []
    for message in reversed(request.messages):
        if message.get("role") in _ROLES_OF_MODEL or message.get("type") in _ITEMS_OF_MODEL:
            break
        last.append(message)
    return max(1, len(orjson.dumps(last)) // _BYTES_PER_TOKEN)


def _tokens(text: str) -> int:
    return -(-len(text) // _BYTES_PER_TOKEN)
