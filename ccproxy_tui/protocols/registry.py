"""The protocols that there are; a new one is one module and one line here.

Where several have the same route, the first one that claims the request gets it.
"""

from collections.abc import Mapping
from typing import Final

from ccproxy_tui.protocols import claude, gemini, ollama, openai, responses
from ccproxy_tui.protocols.base import EmbeddingModule, ProtocolModule
from ccproxy_tui.protocols.gemini import embeddings as gemini_embeddings
from ccproxy_tui.protocols.ollama import embeddings as ollama_embeddings
from ccproxy_tui.protocols.openai import embeddings as openai_embeddings

PROTOCOLS: Final[Mapping[str, ProtocolModule]] = {
    "claude": claude,
    "gemini": gemini,
    "ollama": ollama,
    "responses": responses,
    "openai": openai,
}
EMBEDDINGS: Final[Mapping[str, EmbeddingModule]] = {
    "gemini": gemini_embeddings,
    "ollama": ollama_embeddings,
    "openai": openai_embeddings,
    "responses": openai_embeddings,
}
"""Those that have embeddings."""
