"""Tool compatibility mode is one stage for every client and every upstream."""

import pytest

from ccproxy_tui.demo.reply import Reply
from tests.pairs.conftest import PROTOCOLS, Stage
from tests.pairs.said import PNG, Prompt, Result, Results
from tests.pairs.test_pairs import pictures

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.parametrize("client", PROTOCOLS),
    pytest.mark.parametrize("upstream", PROTOCOLS),
    pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"]),
]

CITY = "Zü\"rich\\ <a> & it's 🙂"
CALL = f"""<cs:tool_use>
<name>get_weather</name>
<args>
<arg name="city" type="string">{CITY}</arg>
</args>
</cs:tool_use>"""
BROKEN = CALL.replace("get_weather", "get_wether_of")


async def test_calls_in_words_are_calls(
    stage: Stage, client: str, upstream: str, stream: bool
) -> None:
    stage.upstream.script = [Reply(text=f"Let me look.\n\n{CALL}\n"), Reply(text="Sunny.")]
    sdk = stage.client(client, f"{upstream}/compat")
    first = await sdk.ask([Prompt("weather?")], stream=stream, tools=True)
    assert (first.text, first.stop) == ("Let me look.", "tools")
    assert [(call.name, call.arguments) for call in first.calls] == [
        ("get_weather", {"city": CITY})
    ]
    asked = stage.upstream.calls[-1]
    assert not asked.tools
    assert "cs:tool_use" in asked.system_text
    assert '<cs:tool name="read_file">' in asked.system_text

    results = Results([Result(first.calls[0], "25° & <sunny>")])
    second = await sdk.ask([Prompt("weather?"), first, results], stream=stream, tools=True)
    assert (second.text, second.stop) == ("Sunny.", "end")
    received = stage.upstream.calls[-1]
    assert received.system_text == asked.system_text
    assert not received.tools
    assert received.last_tool_results == []
    assert '<cs:tool_result id="1">\n25° & <sunny>\n</cs:tool_result>' in received.last_user_text
    assert f'<arg name="city" type="string">{CITY}</arg>'.encode() in received.body.replace(
        b'\\"', b'"'
    ).replace(b"\\\\", b"\\")
    assert any("tools described in the prompt" in note for note in stage.last_call().notes)


async def test_several_calls_and_text_behind_them(
    stage: Stage, client: str, upstream: str, stream: bool
) -> None:
    said = f"{CALL}\n{CALL.replace(CITY, 'Bern')}\nThat is all."
    stage.upstream.script = Reply(text=said)
    answer = await stage.client(client, f"{upstream}/compat_mode").ask(
        [Prompt("both")], stream=stream, tools=True
    )
    assert [call.arguments for call in answer.calls] == [{"city": CITY}, {"city": "Bern"}]
    assert (answer.text, answer.stop) == ("That is all.", "tools")


async def test_images_of_results_are_kept(
    stage: Stage, client: str, upstream: str, stream: bool
) -> None:
    stage.upstream.script = [Reply(text=CALL), Reply(text="A red pixel.")]
    sdk = stage.client(client, f"{upstream}/compat")
    first = await sdk.ask([Prompt("look")], stream=stream, tools=True)
    results = Results([Result(first.calls[0], "the picture:", [PNG])])
    second = await sdk.ask([Prompt("look"), first, results], stream=stream, tools=True)
    assert second.text == "A red pixel."
    received = stage.upstream.calls[-1]
    assert pictures(received) == [("image/png", PNG)]
    assert "the picture:" in received.last_user_text


async def test_a_call_that_cannot_be_read_is_asked_for_again(
    stage: Stage, client: str, upstream: str, stream: bool
) -> None:
    stage.upstream.script = [Reply(text=f"Looking.\n{BROKEN}"), Reply(text=CALL)]
    answer = await stage.client(client, f"{upstream}/compat").ask(
        [Prompt("weather?")], stream=stream, tools=True
    )
    assert (answer.text, answer.stop) == ("Looking.", "tools")
    assert [call.name for call in answer.calls] == ["get_weather"]
    again = stage.upstream.calls[-1]
    assert 'there is no tool "get_wether_of"' in again.last_user_text
    assert b"Looking." in again.body
    assert any("asked again" in note for note in stage.last_call().notes)


async def test_what_cannot_be_mended_ends_as_text(
    stage: Stage, client: str, upstream: str, stream: bool
) -> None:
    stage.upstream.script = [Reply(text=BROKEN), Reply(text=BROKEN)]
    answer = await stage.client(client, f"{upstream}/compat").ask(
        [Prompt("weather?")], stream=stream, tools=True
    )
    assert (answer.text, answer.stop) == (BROKEN, "end")
    assert not answer.calls


async def test_without_tools_nothing_is_read(
    stage: Stage, client: str, upstream: str, stream: bool
) -> None:
    stage.upstream.script = Reply(text=CALL)
    answer = await stage.client(client, f"{upstream}/compat").ask([Prompt("say it")], stream=stream)
    assert (answer.text, answer.stop) == (CALL, "end")
    assert stage.upstream.calls[-1].system_text == ""
