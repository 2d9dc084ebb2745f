"""OpenAI's embeddings (`/v1/embeddings`), whose vectors come as numbers or as base64.

The vendor's Python SDK asks for base64 unless it is told otherwise: the bytes of 32-bit floats,
the lowest first.
"""

import sys
from array import array
from base64 import b64decode, b64encode
from typing import Any, Final

from ccproxy_tui.protocols.base import Asked, BadRequestError
from ccproxy_tui.protocols.hub import Embedding, JsonObject, Vectors
from ccproxy_tui.protocols.openai.client import Form
from ccproxy_tui.protocols.usage import read_count

_FIELDS: Final = frozenset({"model", "input", "dimensions", "user", "encoding_format"})
_INPUT: Final = "must be a string, a list of strings, or one or many lists of token ids"


def read_embedding(body: JsonObject) -> Embedding:
    """Read a checked request; raises `BadRequestError`."""
    if body.get("encoding_format") not in (None, "float", "base64"):
        raise BadRequestError("encoding_format", "must be float or base64")
    dimensions = body.get("dimensions")
    if dimensions is not None and not (_is_whole(dimensions) and dimensions > 0):
        raise BadRequestError("dimensions", "must be a positive whole number")
    user = body.get("user") or ""
    if not isinstance(user, str):
        raise BadRequestError("user", "must be a string")
    left_out = sorted(name for name, value in body.items() if name not in _FIELDS and value)
    notes = [f"fields left out: {', '.join(left_out)}"] if left_out else []
    inputs = _read_input(body.get("input"))
    return Embedding(body["model"], inputs, dimensions, user=user, notes=notes)


def write_vectors(vectors: Vectors, asked: Asked) -> JsonObject:
    """Write the reply to a client, as numbers unless it asked for base64."""
    packed = isinstance(asked.form, Form) and asked.form.encoding == "base64"
    data = [
        {"object": "embedding", "index": index, "embedding": _packed(row) if packed else row}
        for index, row in enumerate(vectors.rows)
    ]
    tokens = vectors.input_tokens or 0
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return {"object": "list", "data": data, "model": asked.model, "usage": usage}


def write_embedding(embedding: Embedding) -> JsonObject:
    """Write a request to an upstream; what cannot be said is noted on the embedding."""
    for name in ("task", "title"):
        if getattr(embedding, name):
            embedding.notes.append(f"{name} left out: not in this protocol")
    body: JsonObject = {
        "model": embedding.model,
        "input": embedding.inputs,
        "encoding_format": "float",
    }
    if embedding.dimensions is not None:
        body["dimensions"] = embedding.dimensions
    if embedding.user:
        body["user"] = embedding.user
    return body


def read_vectors(body: JsonObject) -> Vectors:
    """Read an upstream's reply, whichever form its vectors have; raises `ValueError`."""
    data = body.get("data")
    if not isinstance(data, list) or not all(isinstance(entry, dict) for entry in data):
        raise ValueError("the upstream's reply has no embeddings")
    if all(_is_whole(entry.get("index")) for entry in data):
        data = sorted(data, key=lambda entry: entry["index"])
    usage = body.get("usage")
    tokens = usage.get("prompt_tokens") if isinstance(usage, dict) else None
    rows = [_row(entry.get("embedding")) for entry in data]
    return Vectors(rows, read_count(tokens))


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _read_input(given: Any) -> list[str | list[int]]:
    items = [given] if isinstance(given, str) else given
    if not isinstance(items, list) or not items:
        raise BadRequestError("input", _INPUT)
    if all(_is_whole(item) for item in items):
        items = [items]
    for index, item in enumerate(items):
        tokens = isinstance(item, list) and item and all(_is_whole(token) for token in item)
        if not isinstance(item, str) and not tokens:
            raise BadRequestError(f"input[{index}]", "must be a string or a list of token ids")
    return items


def _packed(row: list[float]) -> str:
    floats = array("f", row)
    if sys.byteorder == "big":
        floats.byteswap()
    return b64encode(floats).decode()


def _row(vector: Any) -> list[float]:
    if isinstance(vector, str):
        floats = array("f", b64decode(vector, validate=True))
        if sys.byteorder == "big":
            floats.byteswap()
        return floats.tolist()
    if not isinstance(vector, list) or not all(isinstance(n, int | float) for n in vector):
        raise ValueError("the upstream's reply has an embedding that is no list of numbers")
    return vector
