"""Embeddings of Ollama: `/api/embed`, and the older `/api/embeddings` for one text."""

from typing import Any, Final

from ccproxy_tui.protocols.base import Asked, BadRequestError
from ccproxy_tui.protocols.hub import Embedding, JsonObject, Vectors
from ccproxy_tui.protocols.ollama.usage import read_usage

_FIELDS: Final = frozenset({"model", "input", "prompt", "dimensions", "keep_alive"})
"""What is read, or means nothing to another server (`keep_alive`)."""


def read_embedding(body: JsonObject) -> Embedding:
    """Read a checked request; raises `BadRequestError`."""
    given = body.get("input")
    texts = body.get("prompt") if given is None else given
    inputs: list[str | list[int]] = [texts] if isinstance(texts, str) else list(texts or [])
    if not inputs:
        raise BadRequestError("input", "must hold a text")
    dimensions = body.get("dimensions") or None
    whole = isinstance(dimensions, int) and not isinstance(dimensions, bool)
    if dimensions is not None and not (whole and dimensions > 0):
        raise BadRequestError("dimensions", "must be a positive whole number")
    left_out = sorted(name for name, value in body.items() if name not in _FIELDS and value)
    notes = [f"fields left out: {', '.join(left_out)}"] if left_out else []
    return Embedding(body["model"], inputs, dimensions, notes=notes)


def write_vectors(vectors: Vectors, asked: Asked) -> JsonObject:
    """Write the reply, in the shape of the route that the client asked."""
    if isinstance(asked.form, dict) and asked.form.get("legacy"):
        return {"embedding": vectors.rows[0] if vectors.rows else []}
    return {
        "model": asked.model,
        "embeddings": vectors.rows,
        "total_duration": 0,
        "load_duration": 0,
        "prompt_eval_count": vectors.input_tokens or 0,
    }


def write_embedding(embedding: Embedding) -> JsonObject:
    """Write a request to an upstream; what cannot be said is noted on the embedding.

    Raises `BadRequestError` for token ids: without them there would be nothing to embed.
    """
    if not all(isinstance(text, str) for text in embedding.inputs):
        raise BadRequestError("input", "must be text: the target's protocol takes no token ids")
    for name in ("task", "title", "user"):
        if getattr(embedding, name):
            embedding.notes.append(f"{name} left out: not in this protocol")
    body: JsonObject = {"model": embedding.model, "input": embedding.inputs}
    if embedding.dimensions is not None:
        body["dimensions"] = embedding.dimensions
    return body


def read_vectors(body: JsonObject) -> Vectors:
    """Read an upstream's reply; raises `ValueError` when it is none."""
    rows: Any = body.get("embeddings")
    if body.get("error") or not isinstance(rows, list):
        raise ValueError("the upstream's reply has no embeddings")
    return Vectors([_row(row) for row in rows], read_usage(body).input)


def _row(row: Any) -> list[float]:
    if not isinstance(row, list) or not all(isinstance(n, int | float) for n in row):
        raise ValueError("the upstream's reply has an embedding that is no list of numbers")
    return row
