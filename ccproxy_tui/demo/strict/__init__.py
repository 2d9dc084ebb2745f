"""What the real vendors refuse in a request, in words like theirs; a module a dialect."""

from collections.abc import Callable, Iterator, Mapping

from ccproxy_tui.demo.received import Dialect, ReceivedRequest
from ccproxy_tui.demo.strict import claude, gemini, ollama, openai, responses

_FAULTS: Mapping[Dialect, Callable[[ReceivedRequest], Iterator[str]]] = {
    "claude": claude.faults,
    "openai": openai.faults,
    "responses": responses.faults,
    "gemini": gemini.faults,
    "ollama": ollama.faults,
}
_UNREADABLE = (KeyError, TypeError, AttributeError, ValueError)
"""What a checker runs into when the shape is wrong in a way that it does not name."""


def find_fault(request: ReceivedRequest) -> str:
    """Say the first thing that is wrong with the request; empty when nothing is."""
    try:
        return next(_FAULTS[request.dialect](request), "")
    except _UNREADABLE as error:
        return f"invalid request: {error!r}"
