"""The routes beside generation, of every protocol and under every prefix, over plain HTTP."""

import struct
from base64 import b64decode
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import google.genai
import ollama
import openai
import orjson
import pytest
import pytest_asyncio

from ccproxy_tui.demo.reply import Reply
from tests.pairs.conftest import PROTOCOLS, TOKEN, Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

PREFIXES = ("/openai", "/openai/compat", "/openai/compat_mode", "/switch/compat", "/compat", "")
GENERATE: dict[str, tuple[str, dict[str, Any]]] = {
    "claude": (
        "/v1/messages",
        {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]},
    ),
    "openai": (
        "/v1/chat/completions",
        {"model": "m", "messages": [{"role": "user", "content": "hi"}]},
    ),
    "responses": ("/v1/responses", {"model": "m", "input": "hi"}),
    "gemini": ("/v1beta/models/m:generateContent", {"contents": [{"parts": [{"text": "hi"}]}]}),
    "ollama": (
        "/api/chat",
        {"model": "m", "messages": [{"role": "user", "content": "hi"}], "stream": False},
    ),
}
EMBEDDERS = ("openai", "gemini", "ollama")


class Http:
    """A client without any SDK."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url

    async def get(self, path: str, method: str = "GET", **headers: str) -> tuple[int, Any]:
        sent = {"Authorization": f"Bearer {TOKEN}"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        async with self._session.request(method, self._url + path, headers=sent) as reply:
            data = await reply.read()
            return reply.status, orjson.loads(data) if data else None

    async def post(self, path: str, body: Any, **headers: str) -> tuple[int, str, bytes]:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if not headers and "key=" not in path:
            sent = {"Authorization": f"Bearer {TOKEN}"}
        data = body if isinstance(body, bytes) else orjson.dumps(body)
        async with self._session.post(self._url + path, data=data, headers=sent) as reply:
            return reply.status, reply.headers["Content-Type"], await reply.read()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def http(stage: Stage) -> AsyncIterator[Http]:
    async with aiohttp.ClientSession() as session:
        yield Http(session, stage.url)


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_every_prefix_leads_to_its_group(
    stage: Stage, http: Http, protocol: str, prefix: str
) -> None:
    stage.upstream.script = Reply(text="here")
    path, body = GENERATE[protocol]
    status, _, data = await http.post(prefix + path, body)
    call = stage.last_call()
    if prefix.startswith("/openai"):
        assert (status, call.group) == (200, "openai")
        assert b"here" in data
    else:
        assert (status, call.group) == (404, "default"), "the group default has no alias here"


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("where", ["x-goog-api-key", "x-api-key", "key"])
async def test_keys_are_taken_wherever_clients_put_them(
    stage: Stage, http: Http, protocol: str, where: str, caplog: pytest.LogCaptureFixture
) -> None:
    stage.upstream.script = Reply(text="here")
    path, body = GENERATE[protocol]
    if where == "key":
        status, _, _ = await http.post(f"/gemini{path}?key={TOKEN}", body)
        refused, _, said = await http.post(f"/gemini{path}?key=cs-wrong-and-secret", body)
    else:
        status, _, _ = await http.post(f"/gemini{path}", body, **{where.replace("-", "_"): TOKEN})
        refused, _, said = await http.post(
            f"/gemini{path}", body, **{where.replace("-", "_"): "cs-wrong-and-secret"}
        )
    assert (status, refused) == (200, 401)
    received = stage.upstream.calls[-1]
    sent_on = f"{received.path}?{received.query} {dict(received.headers)}"
    assert TOKEN not in sent_on
    assert received.api_key == "sk-upstream"
    for call in stage.listener.drain():
        assert "cs-" not in f"{call.path} {call.error} {call.notes}"
        assert call.exchange is not None
        heads = (call.exchange.client_request, call.exchange.upstream_request)
        assert all("cs-" not in f"{one.head} {one.headers}" for one in heads)
    assert b"cs-wrong" not in said
    assert "cs-" not in caplog.text


async def test_models_are_listed_as_the_caller_says_them(http: Http) -> None:
    _, claude = await http.get("/openai/v1/models?limit=1000", anthropic_version="2023-06-01")
    assert claude["data"][0] | {"created_at": ""} == {
        "type": "model",
        "id": "kimi-qwen3-vl-thinking",
        "display_name": "kimi-qwen3-vl-thinking",
        "created_at": "",
    }
    _, found = await http.get(
        "/openai/v1/models", anthropic_version="2023-06-01", User_Agent="claude-code/2.1.330"
    )
    assert found["data"][0]["id"] == "claude-kimi-qwen3-vl-thinking"
    _, chat = await http.get("/openai/v1/models")
    assert (chat["object"], chat["data"][0]["object"]) == ("list", "model")
    assert chat["data"][0]["owned_by"] == "openai"
    _, gemini = await http.get("/openai/v1/models", x_goog_api_key=TOKEN)
    assert gemini["models"][0]["name"] == "models/kimi-qwen3-vl-thinking"
    assert (await http.get("/openai/v1beta/models"))[1] == gemini
    _, tags = await http.get("/openai/api/tags")
    assert tags["models"][0]["model"] == "kimi-qwen3-vl-thinking"


async def test_one_model_is_described_as_the_caller_says_it(http: Http) -> None:
    model = "vendor/some-model"
    _, claude = await http.get(f"/openai/v1/models/{model}", anthropic_version="2023-06-01")
    assert (claude["type"], claude["id"]) == ("model", model)
    _, chat = await http.get(f"/openai/v1/models/{model}")
    assert (chat["object"], chat["id"]) == ("model", model)
    _, gemini = await http.get(f"/openai/v1beta/models/{model}")
    assert gemini["name"] == f"models/{model}"
    assert "generateContent" in gemini["supportedGenerationMethods"]
    status, _, data = await http.post("/openai/api/show", {"model": model})
    shown = orjson.loads(data)
    assert status == 200
    assert {"completion", "tools"} <= set(shown["capabilities"])
    status, failure = await http.get("/nowhere/v1/models/x")
    assert (status, failure["error"]["code"]) == (404, "not_found")


async def test_what_ollamas_clients_ask_first(http: Http) -> None:
    _, version = await http.get("/openai/api/version")
    assert tuple(map(int, version["version"].split("."))) >= (0, 13, 4)
    assert (await http.get("/api/version"))[0] == 200
    assert (await http.get("/openai/api/version", "HEAD")) == (200, None)
    assert (await http.get("/openai/api/ps"))[1]["models"]
    assert (await http.get("/openai", "HEAD"))[0] == 200
    assert (await http.get("/", "HEAD"))[0] == 200


async def test_loading_a_model_needs_no_upstream(stage: Stage, http: Http) -> None:
    before = len(stage.upstream.requests)
    for path, body in (
        ("/openai/api/generate", {"model": "m", "prompt": ""}),
        ("/openai/api/chat", {"model": "m", "messages": []}),
    ):
        status, kind, data = await http.post(path, body)
        assert (status, kind) == (200, "application/x-ndjson")
        assert orjson.loads(data.splitlines()[-1])["done"] is True
    assert len(stage.upstream.requests) == before


@pytest.mark.parametrize("upstream", PROTOCOLS)
@pytest.mark.parametrize("stream", [True, False])
async def test_a_bare_prompt(stage: Stage, http: Http, upstream: str, stream: bool) -> None:
    stage.upstream.script = Reply(text="one two three four five six seven")
    sdk = ollama.AsyncClient(
        host=f"{stage.url}/{upstream}", headers={"Authorization": f"Bearer {TOKEN}"}
    )
    if stream:
        parts = [
            part
            async for part in await sdk.generate(model="m", prompt="count", system="s", stream=True)
        ]
    else:
        parts = [await sdk.generate(model="m", prompt="count", system="s")]
    await sdk.close()  # type: ignore[no-untyped-call]
    assert "".join(part.response or "" for part in parts) == "one two three four five six seven"
    assert parts[-1].done
    received = stage.upstream.calls[-1]
    if upstream == "ollama":
        assert received.path == "/api/generate"
        assert received.json["prompt"] == "count"
    else:
        assert (received.last_user_text, received.system_text) == ("count", "s")


async def test_a_websocket_is_refused_so_that_codex_falls_back(http: Http) -> None:
    status, failure = await http.get(
        "/openai/v1/responses", Upgrade="websocket", Connection="Upgrade"
    )
    assert status == 426
    assert "HTTP POST" in failure["error"]["message"]


@pytest.mark.parametrize("field", ["previous_response_id", "conversation"])
async def test_what_would_need_a_store_is_refused(http: Http, field: str) -> None:
    path, body = GENERATE["responses"]
    for group in ("responses", "claude"):
        status, _, data = await http.post(f"/{group}{path}", {**body, field: "resp_1"})
        message = orjson.loads(data)["error"]["message"]
        assert status == 400
        assert message.startswith(field)
        assert "whole conversation" in message


@pytest.mark.parametrize("upstream", PROTOCOLS)
async def test_gemini_streams_an_array_where_no_events_are_asked_for(
    stage: Stage, http: Http, upstream: str
) -> None:
    path = f"/{upstream}/v1beta/models/m:streamGenerateContent"
    body = GENERATE["gemini"][1]
    stage.upstream.script = Reply(text="one two three four five six seven")
    status, kind, data = await http.post(path, body)
    assert (status, kind.partition(";")[0]) == (200, "application/json")
    chunks = orjson.loads(data)
    parts = [p for c in chunks for p in c["candidates"][0].get("content", {}).get("parts", [])]
    assert "".join(part.get("text", "") for part in parts) == "one two three four five six seven"
    stage.upstream.script = Reply(text="one two three four five six seven " * 9, cut_after=3)
    _, _, data = await http.post(path, body)
    assert b'"error"' in data
    assert b'"finishReason"' not in data


@pytest.mark.parametrize("prefix", ["/v1beta", "/v1", ""])
async def test_tokens_are_counted(stage: Stage, http: Http, prefix: str) -> None:
    stage.upstream.token_count = 77
    body = GENERATE["gemini"][1]
    path = f"{prefix}/models/m:countTokens"
    _, _, asked = await http.post("/gemini" + path, body)
    assert orjson.loads(asked)["totalTokens"] == 77
    _, _, counted = await http.post("/openai" + path, body)
    assert 1 <= orjson.loads(counted)["totalTokens"] < 20


@pytest.mark.parametrize("client", EMBEDDERS)
@pytest.mark.parametrize("upstream", [*EMBEDDERS, "responses"])
async def test_embeddings(stage: Stage, client: str, upstream: str) -> None:
    texts = ["one", "two Grüße"]
    url = f"{stage.url}/{upstream}"
    if client == "openai":
        async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key=TOKEN) as chat:
            reply = await chat.embeddings.create(model="m", input=texts)
        rows = [row.embedding for row in reply.data]
        assert reply.usage.prompt_tokens >= 0
    elif client == "gemini":
        sdk = google.genai.Client(
            api_key=TOKEN,
            vertexai=False,
            http_options=google.genai.types.HttpOptions(base_url=url),
        )
        made = await sdk.aio.models.embed_content(model="m", contents=list(texts))
        rows = [list(row.values or []) for row in made.embeddings or []]
        await sdk.aio.aclose()
        sdk.close()
    else:
        other = ollama.AsyncClient(host=url, headers={"Authorization": f"Bearer {TOKEN}"})
        rows = [list(row) for row in (await other.embed(model="m", input=texts)).embeddings]
        await other.close()  # type: ignore[no-untyped-call]
    assert [len(row) for row in rows] == [8, 8]
    assert rows[0] != rows[1]
    assert stage.last_call().operation == "embed"


async def test_embeddings_as_base64(http: Http) -> None:
    body = {"model": "m", "input": "one"}
    _, _, plain = await http.post("/ollama/v1/embeddings", body)
    _, _, packed = await http.post("/ollama/v1/embeddings", {**body, "encoding_format": "base64"})
    row = orjson.loads(plain)["data"][0]["embedding"]
    data = b64decode(orjson.loads(packed)["data"][0]["embedding"])
    assert struct.unpack(f"<{len(data) // 4}f", data) == pytest.approx(row)


async def test_the_older_forms_of_embeddings(http: Http) -> None:
    _, _, data = await http.post("/openai/api/embeddings", {"model": "m", "prompt": "one"})
    assert len(orjson.loads(data)["embedding"]) == 8
    _, _, data = await http.post(
        "/openai/v1beta/models/m:embedContent", {"content": {"parts": [{"text": "one"}]}}
    )
    assert len(orjson.loads(data)["embedding"]["values"]) == 8


async def test_a_protocol_without_embeddings_says_so(http: Http) -> None:
    status, _, data = await http.post("/claude/v1/embeddings", {"model": "m", "input": "one"})
    assert status == 400
    assert "claude" in orjson.loads(data)["error"]["message"]


SHAPES: dict[str, Callable[[Any], tuple[str, str]]] = {
    "claude": lambda body: (body["error"]["type"], body["error"]["message"]),
    "openai": lambda body: (body["error"]["code"], body["error"]["message"]),
    "responses": lambda body: (body["error"]["code"], body["error"]["message"]),
    "gemini": lambda body: (body["error"]["status"], body["error"]["message"]),
    "ollama": lambda body: ("", body["error"]),
}
OVERFLOW = {
    "claude": ("invalid_request_error", "prompt is too long: 250000 tokens > 200000 maximum"),
    "openai": ("context_length_exceeded", "maximum context length is 200000 tokens"),
    "responses": ("context_length_exceeded", "exceeds the context window"),
    "gemini": ("INVALID_ARGUMENT", "input token count (250000) exceeds"),
    "ollama": ("", "250000"),
}
WITHOUT_NUMBERS = {
    "claude": "prompt is too long",
    "openai": "exceeds the context window",
    "responses": "exceeds the context window",
    "gemini": "input token count exceeds",
    "ollama": "too long",
}
VENDORS = {
    "claude": "prompt is too long: 250000 tokens > 200000 maximum",
    "openai": "This model's maximum context length is 200000 tokens. However, your messages "
    "resulted in 250000 tokens. Please reduce the length of the messages.",
    "responses": "This model's maximum context length is 200000 tokens. However, your messages "
    "resulted in 250000 tokens.",
    "gemini": "The input token count (250000) exceeds the maximum number of tokens allowed (200000).",
    "ollama": "prompt too long; exceeded max context length by 50000 tokens",
}


@pytest.mark.parametrize("upstream", PROTOCOLS)
@pytest.mark.parametrize("client", PROTOCOLS)
async def test_an_overflow_is_worded_by_the_clients_own_vendor(
    stage: Stage, http: Http, client: str, upstream: str
) -> None:
    """Failure 6."""
    if client == upstream:
        return  # the faithful lane passes the vendor's words on
    stage.upstream.script = Reply(status=400, error=VENDORS[upstream])
    path, body = GENERATE[client]
    status, _, data = await http.post(f"/{upstream}{path}", body)
    kind, message = SHAPES[client](orjson.loads(data))
    assert status == 400
    assert kind == OVERFLOW[client][0]
    if upstream == "ollama":  # it tells no totals
        assert WITHOUT_NUMBERS[client] in message
    else:
        assert OVERFLOW[client][1] in message


STATUSES = {
    "claude": {401: 401, 403: 403, 404: 404, 413: 413, 429: 429, 500: 500, 503: 529, 529: 529},
    "openai": {401: 401, 403: 403, 404: 404, 413: 413, 429: 429, 500: 500, 503: 503, 529: 503},
    "responses": {401: 401, 403: 403, 404: 404, 413: 413, 429: 429, 500: 500, 503: 503, 529: 503},
    "gemini": {401: 401, 403: 403, 404: 404, 413: 400, 429: 429, 500: 500, 503: 503, 529: 503},
    "ollama": {401: 401, 403: 403, 404: 404, 413: 413, 429: 429, 500: 500, 503: 503, 529: 529},
}


@pytest.mark.parametrize("status", STATUSES["claude"])
@pytest.mark.parametrize("client", PROTOCOLS)
async def test_statuses_in_each_clients_table(
    stage: Stage, http: Http, client: str, status: int
) -> None:
    upstream = "openai" if client != "openai" else "claude"
    stage.upstream.script = Reply(status=status, error="as scripted", headers={"retry-after": "7"})
    path, body = GENERATE[client]
    got, _, data = await http.post(f"/{upstream}{path}", body)
    assert got == STATUSES[client][status]
    assert "as scripted" in SHAPES[client](orjson.loads(data))[1]


@pytest.mark.parametrize("client", PROTOCOLS)
async def test_what_cannot_be_read_is_a_400_in_the_clients_shape(
    stage: Stage, http: Http, client: str
) -> None:
    stage.upstream.script = Reply(text="fine")
    path, body = GENERATE[client]
    for bad in (b"{", b"[]", b'"text"', b"", orjson.dumps({**body, "messages": 5, "contents": 5})):
        status, _, data = await http.post(f"/claude{path}", bad)
        if status == 200:
            continue  # a field that means nothing to this protocol
        assert status == 400
        assert SHAPES[client](orjson.loads(data))[1]


async def test_a_prompt_that_its_upstream_would_cut_is_refused(stage: Stage, http: Http) -> None:
    """Failure 6: else Claude Code never compacts, and the model forgets how it all began."""
    stage.upstream.script = Reply(text="fine")
    path, body = GENERATE["claude"]
    message = {"role": "user", "content": "many words and more " * 12_000}
    status, _, data = await http.post(f"/ollama{path}", {**body, "messages": [message]})
    said = orjson.loads(data)["error"]["message"]
    assert status == 400
    assert said.startswith("prompt is too long: 48")
    assert said.endswith("tokens > 32768 maximum")
    image = {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgoA" * 20_000}
    shown = {"role": "user", "content": [{"type": "image", "source": image}]}
    status, _, data = await http.post(f"/ollama{path}", {**body, "messages": [shown]})
    assert status == 200, data


@pytest.mark.parametrize("client", PROTOCOLS)
async def test_a_request_with_a_system_message_only(stage: Stage, http: Http, client: str) -> None:
    stage.upstream.script = Reply(text="fine")
    system: dict[str, Any] = {"role": "system", "content": "Say a title."}
    bodies: dict[str, dict[str, Any]] = {
        "claude": {"model": "m", "max_tokens": 9, "messages": [system]},
        "openai": {"model": "m", "messages": [system]},
        "responses": {"model": "m", "input": [system]},
        "gemini": {
            "systemInstruction": {"parts": [{"text": "Say a title."}]},
            "contents": [{"role": "user", "parts": [{"text": " "}]}],
        },
        "ollama": {"model": "m", "messages": [system], "stream": False},
    }
    for upstream in PROTOCOLS:
        if upstream != client:
            status, _, data = await http.post(f"/{upstream}{GENERATE[client][0]}", bodies[client])
            assert status == 200, (upstream, data)


async def test_an_unknown_path_has_the_shape_that_its_client_reads(http: Http) -> None:
    for path in ("/api/pull", "/openai/api/delete"):
        status, _, data = await http.post(path, {"model": "m"})
        assert status == 404
        assert isinstance(orjson.loads(data)["error"], str), "as Ollama's client reads it"
    status, _, data = await http.post("/v1beta/cachedContents", {})
    assert orjson.loads(data)["error"]["status"] == "NOT_FOUND"
    status, failure = await http.get("/v1/complete", anthropic_version="2023-06-01")
    assert (status, failure["type"]) == (404, "error")
