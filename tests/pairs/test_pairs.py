"""Every client protocol on every upstream protocol, driven by the vendors' own SDKs.

`python -m tests.pairs` runs these and writes the table of what passed to docs/pairs.md.
"""

from base64 import b64encode, urlsafe_b64decode

import orjson
import pytest

from ccproxy_tui.demo.received import ReceivedRequest
from ccproxy_tui.demo.reply import Reply, ToolCall, Usage
from tests.pairs.conftest import MODEL, PROTOCOLS, Stage
from tests.pairs.said import PNG, Answer, Prompt, Result, Results, SdkError

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.parametrize("client", PROTOCOLS),
    pytest.mark.parametrize("upstream", PROTOCOLS),
    pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"]),
]

LONG = "Grüße 🙂, one two three four five six seven eight nine ten, 世界 and so on."
WEATHER = ToolCall("get_weather", {"city": "Zü\"rich\\ <a> & it's 🙂"})
FILE = ToolCall("read_file", {"path": "/tmp/ü.txt"})
URL_SAFE = str.maketrans("+/", "-_")
SIGNING = ("claude", "responses", "gemini")
"""Protocols that have signed reasoning."""


def pictures(received: ReceivedRequest) -> list[tuple[str, bytes]]:
    """Decoded, as Gemini's SDK writes the URL-safe kind of base64."""
    return [(kind, urlsafe_b64decode(data.translate(URL_SAFE))) for kind, data in received.images]


async def ask_for_tools(stage: Stage, client: str, upstream: str, *, stream: bool) -> Answer:
    return await stage.client(client, upstream).ask(
        [Prompt("do it")], stream=stream, tools=True, thinking=True
    )


async def test_text(stage: Stage, client: str, upstream: str, stream: bool) -> None:
    stage.upstream.script = Reply(text=LONG, usage=Usage(input=30, cached=70, output=12))
    answer = await stage.client(client, upstream).ask([Prompt("hello 世界")], stream=stream)
    assert (answer.text, answer.stop) == (LONG, "end")
    cached = 0 if "ollama" in (client, upstream) else 70
    assert (answer.input_tokens, answer.output_tokens) == (100, 12)
    assert answer.cached_tokens == cached
    received = stage.upstream.calls[-1]
    assert (received.last_user_text, received.model) == ("hello 世界", MODEL)
    assert received.api_key == "sk-upstream"
    assert received.streams == stream
    record = stage.last_call()
    assert (record.protocol, record.upstream_protocol) == (client, upstream)
    assert (record.tokens.context, record.tokens.output) == (100, 12)
    assert not record.tokens.estimated


async def test_tool_call_and_its_result(
    stage: Stage, client: str, upstream: str, stream: bool
) -> None:
    stage.upstream.script = [Reply(text="Let me look.", tools=[WEATHER]), Reply(text="Sunny.")]
    sdk = stage.client(client, upstream)
    first = await sdk.ask([Prompt("weather?")], stream=stream, tools=True)
    assert first.stop == "tools"
    assert [(call.name, call.arguments) for call in first.calls] == [
        (WEATHER.name, WEATHER.arguments)
    ]
    results = Results([Result(first.calls[0], "25° & <sunny>")])
    second = await sdk.ask([Prompt("weather?"), first, results], stream=stream, tools=True)
    assert (second.text, second.stop) == ("Sunny.", "end")
    received = stage.upstream.calls[-1]
    assert [result.text for result in received.last_tool_results] == ["25° & <sunny>"]
    assert received.last_tool_calls == [(WEATHER.name, WEATHER.arguments)]
    assert set(received.tools) == {"get_weather", "read_file"}


async def test_two_parallel_tool_calls(
    stage: Stage, client: str, upstream: str, stream: bool
) -> None:
    tools = [WEATHER, FILE]
    stage.upstream.script = [Reply(tools=tools, interleave_tools=True), Reply(text="Both.")]
    sdk = stage.client(client, upstream)
    first = await sdk.ask([Prompt("both")], stream=stream, tools=True)
    assert [(call.name, call.arguments) for call in first.calls] == [
        (tool.name, tool.arguments) for tool in tools
    ]
    results = Results([Result(first.calls[0], "one"), Result(first.calls[1], "two")])
    second = await sdk.ask([Prompt("both"), first, results], stream=stream, tools=True)
    assert second.text == "Both."
    received = stage.upstream.calls[-1]
    assert [result.text for result in received.last_tool_results] == ["one", "two"]
    assert [name for name, _ in received.last_tool_calls] == ["get_weather", "read_file"]


async def test_image_in(stage: Stage, client: str, upstream: str, stream: bool) -> None:
    stage.upstream.script = Reply(text="A red pixel.")
    answer = await stage.client(client, upstream).ask(
        [Prompt("what is this?", [PNG])], stream=stream
    )
    assert answer.text == "A red pixel."
    received = stage.upstream.calls[-1]
    assert pictures(received) == [("image/png", PNG)]
    assert "what is this?" in received.last_user_text


async def test_image_in_a_tool_result(
    stage: Stage, client: str, upstream: str, stream: bool
) -> None:
    stage.upstream.script = [Reply(tools=[FILE]), Reply(text="A red pixel.")]
    sdk = stage.client(client, upstream)
    first = await sdk.ask([Prompt("look")], stream=stream, tools=True)
    results = Results([Result(first.calls[0], "the picture:", [PNG])])
    second = await sdk.ask([Prompt("look"), first, results], stream=stream, tools=True)
    assert second.text == "A red pixel."
    received = stage.upstream.calls[-1]
    assert pictures(received) == [("image/png", PNG)]
    assert "the picture:" in received.last_tool_results[0].text


async def test_thinking_kept_over_turns(
    stage: Stage, client: str, upstream: str, stream: bool
) -> None:
    """Failure 20: a signature goes back to its vendor, and to nobody else."""
    thought = "The weather is wanted, so I ask for it."
    signature = b64encode(b"signed by the vendor").decode()
    stage.upstream.script = [
        Reply(thinking=thought, signature=signature, tools=[WEATHER]),
        Reply(text="Sunny."),
    ]
    sdk = stage.client(client, upstream)
    first = await ask_for_tools(stage, client, upstream, stream=stream)
    assert first.thinking == thought
    assert first.calls
    results = Results([Result(first.calls[0], "25°")])
    second = await sdk.ask(
        [Prompt("do it"), first, results], stream=stream, tools=True, thinking=True
    )
    assert second.text == "Sunny."
    received = stage.upstream.calls[-1]
    if upstream in SIGNING:
        kept = client in SIGNING
        assert received.signatures == ([signature] if kept else [])
        assert "".join(received.thinking_texts) in ((thought, "") if kept else ("",))
    else:
        assert received.thinking_texts == [thought]
        assert received.signatures == []


async def test_error_before_the_stream(
    stage: Stage, client: str, upstream: str, stream: bool
) -> None:
    stage.upstream.script = Reply(status=429, error="slow down, please")
    with pytest.raises(SdkError, match="slow down, please") as raised:
        await stage.client(client, upstream).ask([Prompt("hello")], stream=stream)
    assert raised.value.status == 429
    assert "sk-upstream" not in str(raised.value)


async def test_error_inside_the_reply(
    stage: Stage, client: str, upstream: str, stream: bool
) -> None:
    """Failure 16: a 200 that carries an error is one, in a stream and instead of a reply."""
    if stream:
        stage.upstream.script = Reply(text=LONG, error_after=4, error="worn out")
    else:
        body = {"error": {"message": "worn out", "code": 500, "type": "server_error"}}
        stage.upstream.script = Reply(raw_body=orjson.dumps(body))
    with pytest.raises(SdkError, match="worn out"):
        await stage.client(client, upstream).ask([Prompt("hello")], stream=stream)


async def test_cut_reply(stage: Stage, client: str, upstream: str, stream: bool) -> None:
    """Failure 13: what its upstream did not finish is never taken for complete."""
    stage.upstream.script = Reply(text=LONG, cut_after=3 if stream else 0)
    with pytest.raises(SdkError):
        await stage.client(client, upstream).ask([Prompt("hello")], stream=stream)


async def test_reply_without_an_end(stage: Stage, client: str, upstream: str, stream: bool) -> None:
    """Failure 13, for an upstream that closes as if all were well."""
    if stream:
        stage.upstream.script = Reply(text=LONG, end_after=4)
    else:
        stage.upstream.script = Reply(raw_body=b'{"id": "x", "ty')
    with pytest.raises(SdkError):
        await stage.client(client, upstream).ask([Prompt("hello")], stream=stream)
