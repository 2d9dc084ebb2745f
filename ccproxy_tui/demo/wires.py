"""How each dialect is written, and in what kind of stream."""

from collections.abc import Mapping
from types import ModuleType

from ccproxy_tui.demo import claude_wire, gemini_wire, ollama_wire, openai_wire, responses_wire
from ccproxy_tui.demo.received import Dialect, ReceivedRequest

WIRES: Mapping[Dialect, ModuleType] = {
    "claude": claude_wire,
    "openai": openai_wire,
    "responses": responses_wire,
    "gemini": gemini_wire,
    "ollama": ollama_wire,
}

JSON = "application/json"


def stream_type(request: ReceivedRequest) -> str:
    """The content type of a stream; Gemini's is one JSON array unless events are asked for."""
    if request.dialect == "ollama":
        return "application/x-ndjson"
    in_array = request.dialect == "gemini" and request.parameters.get("alt") != "sse"
    return JSON if in_array else "text/event-stream"
