"""Embeddings; this module is an `EmbeddingModule`.

An upstream is always asked with `batchEmbedContents`, which takes one text as well.
"""

from typing import Any

from ccproxy_tui.protocols.base import Asked, BadRequestError
from ccproxy_tui.protocols.checking import need
from ccproxy_tui.protocols.gemini.client import form_of
from ccproxy_tui.protocols.gemini.contents import read_texts
from ccproxy_tui.protocols.gemini.fields import find, listed
from ccproxy_tui.protocols.gemini.upstream import resource
from ccproxy_tui.protocols.hub import Embedding, JsonObject, Vectors
from ccproxy_tui.protocols.usage import read_count


def read_embedding(body: JsonObject) -> Embedding:
    """Read a checked request for one embedding or several; raises `BadRequestError`.

    All parts of a content make one embedding. Task and size are those of the first request.
    """
    requests = body.get("requests")
    entries: list[JsonObject] = [body] if requests is None else requests
    first = entries[0]
    dimensions = find(first, "outputDimensionality")
    whole = dimensions is None or (isinstance(dimensions, int) and not isinstance(dimensions, bool))
    need(whole and (dimensions is None or dimensions > 0), "outputDimensionality", "above 0")
    embedding = Embedding(
        model="",
        inputs=[_text(entry, index) for index, entry in enumerate(entries)],
        dimensions=dimensions,
        task=str(find(first, "taskType") or ""),
        title=str(first.get("title") or ""),
    )
    fields = ("outputDimensionality", "taskType", "title")
    if any(find(entry, name) != find(first, name) for entry in entries for name in fields):
        embedding.notes.append("task and size of the first request used for all")
    return embedding


def write_vectors(vectors: Vectors, asked: Asked) -> JsonObject:
    """Write the reply to a client, one embedding or a list of them as it asked for."""
    rows = [{"values": row} for row in vectors.rows]
    reply: JsonObject = {"embeddings": rows}
    if not form_of(asked).batch:
        reply = {"embedding": rows[0] if rows else {"values": []}}
    if vectors.input_tokens is not None:
        reply["usageMetadata"] = {"promptTokenCount": vectors.input_tokens}
    return reply


def write_embedding(embedding: Embedding) -> JsonObject:
    """Write a request to an upstream; raises `BadRequestError` for token ids instead of text."""
    model = resource(embedding.model)
    return {"requests": [_write_one(text, embedding, model) for text in embedding.inputs]}


def read_vectors(body: JsonObject) -> Vectors:
    """Read an upstream's reply; raises `ValueError` when it is none."""
    entries = body.get("embeddings") if "embeddings" in body else body.get("embedding")
    rows = [_values(entry) for entry in listed(entries)]
    if not rows:
        raise ValueError("the upstream's reply has no embeddings")
    usage = find(body, "usageMetadata")
    count = find(usage, "promptTokenCount") if isinstance(usage, dict) else None
    return Vectors(rows, read_count(count))


def _text(entry: JsonObject, index: int) -> str:
    field = f"requests[{index}].content"
    text = "\n".join(read_texts(entry["content"], field))
    if not text:
        raise BadRequestError(field, "must hold text")
    return text


def _write_one(text: str | list[int], embedding: Embedding, model: str) -> JsonObject:
    if not isinstance(text, str):
        raise BadRequestError("input", "must be text: this model's API takes no token ids")
    request: JsonObject = {"model": model, "content": {"parts": [{"text": text}]}}
    if embedding.task:
        request["taskType"] = embedding.task
    if embedding.title:
        request["title"] = embedding.title
    if embedding.dimensions is not None:
        request["outputDimensionality"] = embedding.dimensions
    return request


def _values(entry: Any) -> list[float]:
    values = entry.get("values") if isinstance(entry, dict) else None
    if not isinstance(values, list) or not all(isinstance(one, int | float) for one in values):
        raise ValueError("the upstream's reply has an embedding that is no list of numbers")
    return [float(one) for one in values]
