"""Embeddings, as OpenAI's and Ollama's APIs have them."""

import struct
from base64 import b64encode
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ollama._types import EmbeddingsResponse, EmbedResponse
from openai.types import CreateEmbeddingResponse

from ccproxy_tui.protocols.base import Asked, BadRequestError, EmbeddingModule, Operation
from ccproxy_tui.protocols.hub import Embedding, Vectors
from ccproxy_tui.protocols.ollama import check_request
from ccproxy_tui.protocols.ollama import embeddings as ollama
from ccproxy_tui.protocols.openai import embeddings as openai
from ccproxy_tui.protocols.openai.client import Form

ROWS = [[0.5, -1.25, 3.0], [1.0, 0.0, 2.0]]


def packed(row: list[float]) -> str:
    return b64encode(struct.pack(f"<{len(row)}f", *row)).decode()


def asked(encoding: str = "") -> Asked:
    return Asked(Operation.EMBED, "alias", form=Form(encoding=encoding))


@pytest.mark.parametrize(
    ("given_input", "inputs"),
    [
        ("a", ["a"]),
        (["a", "b"], ["a", "b"]),
        ([1, 2], [[1, 2]]),
        ([[1, 2], [3]], [[1, 2], [3]]),
    ],
)
def test_openai_inputs(given_input: Any, inputs: Any) -> None:
    body = {"model": "m", "input": given_input, "encoding_format": "base64", "x": 1}
    assert openai.read_embedding({**body, "dimensions": 3, "user": "u"}) == Embedding(
        "m", inputs, 3, user="u", notes=["fields left out: x"]
    )


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "input"),
        ({"input": []}, "input"),
        ({"input": {}}, "input"),
        ({"input": ["a", 1]}, "input[1]"),
        ({"input": [[]]}, "input[0]"),
        ({"input": [True]}, "input[0]"),
        ({"input": [[1, "a"]]}, "input[0]"),
        ({"input": "a", "dimensions": 0}, "dimensions"),
        ({"input": "a", "dimensions": "3"}, "dimensions"),
        ({"input": "a", "encoding_format": "hex"}, "encoding_format"),
        ({"input": "a", "encoding_format": []}, "encoding_format"),
        ({"input": "a", "user": 3}, "user"),
    ],
)
def test_openai_refuses_by_name(fields: Any, field: str) -> None:
    with pytest.raises(BadRequestError) as caught:
        openai.read_embedding({"model": "m", **fields})
    assert caught.value.field == field


def test_openai_vectors_are_written_as_asked() -> None:
    for encoding in ("", "float"):
        body = openai.write_vectors(Vectors(ROWS, 7), asked(encoding))
        reply = CreateEmbeddingResponse.model_validate(body, strict=True)
        assert [entry.embedding for entry in reply.data] == ROWS
        assert [entry.index for entry in reply.data] == [0, 1]
        assert (reply.model, reply.usage.prompt_tokens, reply.usage.total_tokens) == ("alias", 7, 7)
    body = openai.write_vectors(Vectors(ROWS), asked("base64"))
    assert [entry["embedding"] for entry in body["data"]] == [packed(row) for row in ROWS]
    assert body["usage"] == {"prompt_tokens": 0, "total_tokens": 0}


def test_openai_requests_ask_for_numbers() -> None:
    embedding = Embedding("m", ["a", "b"], 3, task="T", title="x", user="u")
    assert openai.write_embedding(embedding) == {
        "model": "m",
        "input": ["a", "b"],
        "encoding_format": "float",
        "dimensions": 3,
        "user": "u",
    }
    assert embedding.notes == [
        "task left out: not in this protocol",
        "title left out: not in this protocol",
    ]


def test_openai_vectors_are_read_in_either_form_and_their_order() -> None:
    first, second = ({"index": at, "embedding": row} for at, row in enumerate(ROWS))
    usage = {"prompt_tokens": 4, "total_tokens": 4}
    assert openai.read_vectors({"data": [second, first], "usage": usage}) == Vectors(ROWS, 4)
    assert openai.read_vectors({"data": [{"embedding": packed(ROWS[0])}]}) == Vectors(ROWS[:1])
    assert openai.read_vectors({"data": [{"embedding": row} for row in ROWS]}) == Vectors(ROWS)


@pytest.mark.parametrize("module", [openai, ollama])
@pytest.mark.parametrize(
    "body",
    [
        {},
        {"error": "no"},
        {"data": {}, "embeddings": {}},
        {"data": [3], "embeddings": [3]},
        {"data": [{"embedding": None}], "embeddings": [None]},
        {"data": [{"embedding": ["a"]}], "embeddings": [["a"]]},
        {"data": [{"embedding": "???"}], "embeddings": ["AAAA"]},
        {"data": [{"embedding": "AAAA"}], "embeddings": [[[1]]]},
    ],
)
def test_what_holds_no_vectors_is_an_error(module: EmbeddingModule, body: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        module.read_vectors(body)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["embedding", "index", "data", "embeddings"]), inner)
    ),
    max_leaves=12,
)


@given(JUNK, JUNK, JUNK)
def test_junk(one: Any, two: Any, three: Any) -> None:
    for module in (openai, ollama):
        with suppress(ValueError):
            module.read_vectors({"data": one, "embeddings": one, "usage": two, "error": three})
        body = {"model": "m", "input": one, "prompt": one, "dimensions": two}
        with suppress(BadRequestError):
            if module is ollama:
                check_request(body, Operation.EMBED)
            module.write_embedding(module.read_embedding({**body, "encoding_format": three}))


def test_ollama_requests_of_both_routes_are_read() -> None:
    body = {"model": "m", "input": ["a", "b"], "dimensions": 3, "truncate": False, "options": {}}
    assert ollama.read_embedding(body) == Embedding("m", ["a", "b"], 3)
    assert ollama.read_embedding({"model": "m", "input": "a", "truncate": True}) == Embedding(
        "m", ["a"], notes=["fields left out: truncate"]
    )
    assert ollama.read_embedding({"model": "m", "prompt": "a"}) == Embedding("m", ["a"])
    bad: dict[str, Any]
    for bad in ({"input": []}, {"input": "a", "dimensions": -1}, {"input": "a", "dimensions": "3"}):
        with pytest.raises(BadRequestError):
            ollama.read_embedding({"model": "m", **bad})


def test_ollama_replies_have_the_shape_of_their_route() -> None:
    body = ollama.write_vectors(Vectors(ROWS, 7), Asked(model="alias", form={"legacy": False}))
    modern = EmbedResponse.model_validate(body)
    assert (modern.model, modern.prompt_eval_count) == ("alias", 7)
    assert body["embeddings"] == ROWS
    body = ollama.write_vectors(Vectors(ROWS[:1], 7), Asked(form={"legacy": True}))
    EmbeddingsResponse.model_validate(body)
    assert body == {"embedding": ROWS[0]}


def test_ollama_requests_are_written() -> None:
    embedding = Embedding("m", ["a"], 3, task="T", user="u")
    assert ollama.write_embedding(embedding) == {"model": "m", "input": ["a"], "dimensions": 3}
    assert embedding.notes == [
        "task left out: not in this protocol",
        "user left out: not in this protocol",
    ]
    with pytest.raises(BadRequestError, match="token ids"):
        ollama.write_embedding(Embedding("m", ["a", [1]]))


def test_ollama_vectors_are_read() -> None:
    body = {"model": "m", "embeddings": ROWS, "prompt_eval_count": 9}
    assert ollama.read_vectors(body) == Vectors(ROWS, 9)
