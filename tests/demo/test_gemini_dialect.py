"""The official Google client believes that the scripted upstream is the Gemini API."""

import base64
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import httpx
import orjson
import pytest
from google import genai
from google.genai import errors, types
from google.genai.client import AsyncClient

from ccproxy_tui.demo.reply import Reply, ToolCall, Usage
from ccproxy_tui.demo.upstream import ScriptedUpstream

WEATHER = types.Tool(
    function_declarations=[
        types.FunctionDeclaration(
            name="weather",
            parameters=types.Schema(
                type=types.Type.OBJECT, properties={"city": types.Schema(type=types.Type.STRING)}
            ),
        )
    ]
)
CONFIG = types.GenerateContentConfig(
    tools=[WEATHER],
    automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
)
TWO_CITIES: dict[str, Any] = {
    "thinking": "Two cities are meant, so two calls.",
    "text": "I will look.",
    "tools": (ToolCall("weather", {"city": "Wien"}), ToolCall("weather", {"city": "Łódź"})),
    "usage": Usage(input=100, output=40, cached=900, thinking=9),
}
CITIES = [{"city": "Wien"}, {"city": "Łódź"}]


@pytest.fixture(params=["v1", "v1beta"])
async def client(
    request: pytest.FixtureRequest, upstream: ScriptedUpstream
) -> AsyncIterator[AsyncClient]:
    async with httpx.AsyncClient() as transport:  # else it subclasses aiohttp's, which warns
        options = types.HttpOptions(
            base_url=upstream.origin, api_version=request.param, httpx_async_client=transport
        )
        sdk = genai.Client(api_key="k-test", http_options=options)
        yield sdk.aio
        sdk.close()


def _assert_usage(usage: types.GenerateContentResponseUsageMetadata | None) -> None:
    assert usage is not None
    assert (usage.prompt_token_count, usage.cached_content_token_count) == (1000, 900)
    assert (usage.candidates_token_count, usage.thoughts_token_count) == (31, 9)
    assert usage.total_token_count == 1040


def _parts(chunk: types.GenerateContentResponse) -> list[types.Part]:
    assert chunk.candidates is not None
    content = chunk.candidates[0].content
    assert content is not None
    assert content.role == "model"
    return content.parts or []


async def test_whole_reply(upstream: ScriptedUpstream, client: AsyncClient) -> None:
    upstream.script = Reply(**TWO_CITIES)
    reply = await client.models.generate_content(model="m-1", contents="?", config=CONFIG)
    thought, text, first, second = _parts(reply)
    assert (thought.thought, thought.text) == (True, "Two cities are meant, so two calls.")
    assert text.text == "I will look."
    assert first.function_call is not None
    assert first.function_call.id is None
    assert first.thought_signature == b"demo-signature"
    assert (thought.thought_signature, second.thought_signature) == (None, None)
    assert [call.args for call in reply.function_calls or ()] == CITIES
    assert reply.candidates is not None
    assert reply.candidates[0].finish_reason == types.FinishReason.STOP
    assert reply.model_version == "m-1"
    _assert_usage(reply.usage_metadata)
    assert upstream.calls[0].model == "m-1"
    assert upstream.calls[0].api_key == "k-test"
    assert upstream.calls[0].tools["weather"]["type"] == "OBJECT"


@pytest.mark.parametrize("interleave_tools", [False, True])
@pytest.mark.parametrize("byte_by_byte", [False, True])
async def test_streamed_reply(
    upstream: ScriptedUpstream, client: AsyncClient, interleave_tools: bool, byte_by_byte: bool
) -> None:
    upstream.script = Reply(
        **TWO_CITIES, ping=True, interleave_tools=interleave_tools, byte_by_byte=byte_by_byte
    )
    stream = await client.models.generate_content_stream(model="m", contents="?", config=CONFIG)
    chunks = [chunk async for chunk in stream]
    parts = [part for chunk in chunks for part in _parts(chunk)]
    thoughts = "".join(part.text or "" for part in parts if part.thought)
    assert thoughts == "Two cities are meant, so two calls."
    assert "".join(part.text or "" for part in parts if not part.thought) == "I will look."
    assert [part.function_call.args for part in parts if part.function_call] == CITIES
    with_calls = [chunk for chunk in chunks if chunk.function_calls]
    assert len(with_calls) == (1 if interleave_tools else 2)
    reasons = [chunk.candidates[0].finish_reason for chunk in chunks if chunk.candidates]
    assert reasons == [None] * (len(chunks) - 1) + [types.FinishReason.STOP]
    assert all(chunk.usage_metadata for chunk in chunks)
    _assert_usage(chunks[-1].usage_metadata)


async def test_without_tools_the_last_thought_is_signed(
    upstream: ScriptedUpstream, client: AsyncClient
) -> None:
    upstream.script = Reply(thinking=["a", "b"], text="c", signature="no-base64!")
    stream = await client.models.generate_content_stream(model="m", contents="?")
    parts = [part for chunk in [one async for one in stream] for part in _parts(chunk)]
    assert [part.thought_signature for part in parts] == [None, b"no-base64!", None]


async def test_hidden_thinking_is_a_signature_alone(
    upstream: ScriptedUpstream, client: AsyncClient
) -> None:
    upstream.script = Reply(hidden_thinking=True, text="c")
    reply = await client.models.generate_content(model="m", contents="?")
    assert [(part.text, part.thought_signature) for part in _parts(reply)] == [
        ("c", b"demo-signature")
    ]


async def test_broken_arguments_end_the_turn(
    upstream: ScriptedUpstream, client: AsyncClient
) -> None:
    upstream.script = Reply(text="c", tools=[ToolCall("weather", '{"city":')])
    reply = await client.models.generate_content(model="m", contents="?", config=CONFIG)
    assert not reply.function_calls
    assert reply.candidates is not None
    reason = reply.candidates[0].finish_reason
    assert reason == types.FinishReason.MALFORMED_FUNCTION_CALL


async def test_tool_loop_reads_back_what_was_said(
    upstream: ScriptedUpstream, client: AsyncClient
) -> None:
    upstream.script = [Reply(**TWO_CITIES), Reply(text="Rain in both.")]
    question = types.Content(role="user", parts=[types.Part(text="Weather?")])
    first = await client.models.generate_content(model="m", contents=[question], config=CONFIG)
    assert first.candidates is not None
    said = first.candidates[0].content
    assert said is not None
    answers = types.Content(
        role="user",
        parts=[
            types.Part.from_function_response(name="weather", response={"output": "rain"}),
            types.Part.from_function_response(name="weather", response={"error": "no sun"}),
        ],
    )
    config = CONFIG.model_copy(update={"system_instruction": "Be brief."})
    second = await client.models.generate_content(
        model="m", contents=[question, said, answers], config=config
    )
    assert second.text == "Rain in both."
    request = upstream.calls[1]
    assert request.system_text == "Be brief."
    assert [(one.text, one.is_error) for one in request.last_tool_results] == [
        ("rain", False),
        ("no sun", True),
    ]
    assert request.last_tool_calls == [("weather", city) for city in CITIES]
    assert request.thinking_texts == ["Two cities are meant, so two calls."]
    assert [base64.b64decode(one) for one in request.signatures] == [b"demo-signature"]


async def test_counts_tokens(upstream: ScriptedUpstream, client: AsyncClient) -> None:
    upstream.token_count = 4711
    told = await client.models.count_tokens(model="m", contents="?")
    assert told.total_tokens == 4711
    assert upstream.calls == []


async def test_lists_models(upstream: ScriptedUpstream, client: AsyncClient) -> None:
    upstream.models = ["one", "two"]
    pager = await client.models.list()
    assert [model.name async for model in pager] == ["models/one", "models/two"]
    assert (await client.models.get(model="two")).output_token_limit == 65_536
    with pytest.raises(errors.ClientError, match="three"):
        await client.models.get(model="three")


async def test_embeddings(upstream: ScriptedUpstream, client: AsyncClient) -> None:
    config = types.EmbedContentConfig(output_dimensionality=3)
    several = await client.models.embed_content(model="m", contents=["a", "b", "a"], config=config)
    vectors = [one.values for one in several.embeddings or ()]
    assert [len(one or ()) for one in vectors] == [3, 3, 3]
    assert vectors[0] == vectors[2] != vectors[1]


async def test_a_single_embedding(upstream: ScriptedUpstream, http: aiohttp.ClientSession) -> None:
    url = f"{upstream.gemini_url}/models/m:embedContent"
    body = {"content": {"parts": [{"text": "a"}]}}
    async with http.post(url, json=body, params={"key": "k"}) as response:
        assert len((await response.json())["embedding"]["values"]) == 8
    assert upstream.requests[0].api_key == "k"


@pytest.mark.parametrize(
    ("status", "expected", "kind"),
    [
        (400, errors.ClientError, "INVALID_ARGUMENT"),
        (429, errors.ClientError, "RESOURCE_EXHAUSTED"),
        (503, errors.ServerError, "UNAVAILABLE"),
    ],
)
async def test_errors_have_the_vendors_shape(
    upstream: ScriptedUpstream,
    client: AsyncClient,
    status: int,
    expected: type[errors.APIError],
    kind: str,
) -> None:
    upstream.script = Reply(status=status, error="not today")
    with pytest.raises(expected, match="not today") as caught:
        await client.models.generate_content(model="m", contents="?")
    assert (caught.value.code, caught.value.status) == (status, kind)


async def test_a_wrong_key_is_a_bad_request(
    upstream: ScriptedUpstream, client: AsyncClient
) -> None:
    upstream.accepted_keys = frozenset({"k-other"})
    with pytest.raises(errors.ClientError, match="API key not valid") as caught:
        await client.models.generate_content(model="m", contents="?")
    assert caught.value.code == 400


async def test_error_in_mid_stream(upstream: ScriptedUpstream, client: AsyncClient) -> None:
    upstream.script = Reply(
        text="half an answer", error_after=1, error="fell over", error_kind="UNAVAILABLE"
    )
    stream = await client.models.generate_content_stream(model="m", contents="?")
    with pytest.raises(errors.APIError, match="fell over") as caught:
        async for _ in stream:
            pass
    assert caught.value.code == 503


async def test_no_finish_has_no_reason(upstream: ScriptedUpstream, client: AsyncClient) -> None:
    upstream.script = Reply(text="half", no_finish=True, no_usage=True)
    stream = await client.models.generate_content_stream(model="m", contents="?")
    [chunk] = [one async for one in stream]
    assert chunk.text == "half"
    assert chunk.candidates is not None
    assert chunk.candidates[0].finish_reason is None
    assert chunk.usage_metadata is None


@pytest.mark.parametrize("crlf", [False, True])
async def test_events_and_arrays(
    upstream: ScriptedUpstream, http: aiohttp.ClientSession, crlf: bool
) -> None:
    upstream.script = Reply(text=["one", "two"], error_after=1, error="fell over", crlf=crlf)
    url = f"{upstream.gemini_url}/models/m:streamGenerateContent"
    body = {"contents": [{"role": "user", "parts": [{"text": "?"}]}]}
    async with http.post(url, json=body, params={"alt": "sse"}) as response:
        assert response.content_type == "text/event-stream"
        first, second, rest = (await response.read()).split(b"\r\n\r\n")
        assert b"one" in first
        assert orjson.loads(second.removeprefix(b"data: "))["error"]["code"] == 500
        assert rest == b""
    async with http.post(url, json=body) as response:
        assert response.content_type == "application/json"
        one, error = await response.json()
        assert one["candidates"][0]["content"]["parts"] == [{"text": "one"}]
        assert error["error"]["message"] == "fell over"
