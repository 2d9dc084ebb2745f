"""When tools are put into words, and what happens when the model's words cannot be read."""

from dataclasses import replace
from typing import Any

import orjson
import pytest

from ccproxy_tui.demo.reply import Reply, ToolCall, Usage
from ccproxy_tui.traffic import prices
from tests.gateway.proxy import Answer, RunningProxy, request

READ = {
    "name": "Read",
    "description": "Reads a file.",
    "input_schema": {
        "type": "object",
        "properties": {"file_path": {"type": "string"}},
        "required": ["file_path"],
    },
}
CALL = (
    "<cs:tool_use>\n<name>Read</name>\n<args>\n"
    '<arg name="file_path" type="string">/src/app.py</arg>\n</args>\n</cs:tool_use>'
)
BROKEN = CALL.replace("Read", "Fly")


async def ask(proxy: RunningProxy, path: str = "/claude", **fields: Any) -> Answer:
    fields = {"tools": [READ], **fields}
    return await proxy.post(f"{path}/v1/messages", request(**fields))


def calls_of(answer: Answer) -> list[tuple[str, Any]]:
    names: dict[int, str] = {}
    said: dict[int, str] = {}
    for _, data in answer.events:
        if data["type"] == "content_block_start" and data["content_block"]["type"] == "tool_use":
            names[data["index"]] = data["content_block"]["name"]
            said[data["index"]] = ""
        if data["type"] == "content_block_delta" and data["delta"]["type"] == "input_json_delta":
            said[data["index"]] += data["delta"]["partial_json"]
    return [(name, orjson.loads(said[index])) for index, name in names.items()]


def stop_of(answer: Answer) -> str:
    (reason,) = (
        data["delta"]["stop_reason"] for name, data in answer.events if name == "message_delta"
    )
    return str(reason)


MADE = [("Read", {"file_path": "/src/app.py"})]


@pytest.mark.parametrize("lane", ["claude", "openai"])
@pytest.mark.parametrize(
    ("mode", "path", "in_words"),
    [
        ("auto", "", False),
        ("auto", "/compat", True),
        ("auto", "/compat_mode", True),
        ("compat", "", True),
        ("compat", "/compat", True),
        ("native", "", False),
        ("native", "/compat", False),
    ],
)
async def test_one_decision_holds_for_request_and_reply(
    proxy: RunningProxy, lane: str, mode: str, path: str, in_words: bool
) -> None:
    """The original gets this wrong when group and URL differ: words in, calls never out."""
    await proxy.set_group(lane, tool_mode=mode)
    proxy.upstream.script = Reply(text=CALL)
    answer = await ask(proxy, f"/{lane}{path}")
    received = proxy.upstream.calls[-1]
    if in_words:
        assert not received.tools
        assert '<cs:tool name="Read">' in received.system_text
        assert (calls_of(answer), answer.text, stop_of(answer)) == (MADE, "", "tool_use")
    else:
        assert list(received.tools) == ["Read"]
        assert "cs:tool" not in received.system_text
        assert (calls_of(answer), answer.text, stop_of(answer)) == ([], CALL, "end_turn")


async def test_a_model_that_says_it_has_no_tools_gets_them_in_words(proxy: RunningProxy) -> None:
    error = Reply(status=400, error="registry.ollama.ai/library/gemma3:4b does not support tools")
    proxy.upstream.script = [error, Reply(text=CALL), Reply(text=CALL)]
    for _ in range(2):
        assert calls_of(await ask(proxy, "/openai")) == MADE
    assert [bool(call.tools) for call in proxy.upstream.calls] == [True, False, False]


async def test_native_means_never_in_words(proxy: RunningProxy) -> None:
    await proxy.set_group("openai", tool_mode="native")
    error = Reply(status=400, error="this model does not support tools")
    proxy.upstream.script = [error, Reply(text="Then I cannot.")]
    assert (await ask(proxy, "/openai")).text == "Then I cannot."
    assert "cs:tool" not in proxy.upstream.calls[-1].system_text
    assert any("left out" in note for note in proxy.last_call().notes)


async def test_a_native_call_is_passed_on_as_well(proxy: RunningProxy) -> None:
    native = ToolCall("Read", {"file_path": "/src/app.py"})
    proxy.upstream.script = Reply(text="So:", tools=[native])
    answer = await ask(proxy, "/openai/compat")
    assert (answer.text, calls_of(answer), stop_of(answer)) == ("So:", MADE, "tool_use")


async def test_the_prompt_is_the_same_however_the_conversation_goes_on(
    proxy: RunningProxy,
) -> None:
    proxy.upstream.script = Reply(text="ok")
    turn = [{"role": "user", "content": "hello"}]
    later = [
        *turn,
        {
            "role": "assistant",
            "content": [
                {"type": "tool_use", "id": "toolu_1", "name": "Read", "input": MADE[0][1]},
            ],
        },
        {
            "role": "user",
            "content": [
                {
                    "type": "tool_result",
                    "tool_use_id": "toolu_1",
                    "is_error": True,
                    "content": "no such file",
                }
            ],
        },
    ]
    choices: list[dict[str, Any]] = [
        {},
        {"tool_choice": {"type": "any"}},
        {"tool_choice": {"type": "tool", "name": "Read"}},
        {"tool_choice": {"type": "none"}},
        {"messages": later},
    ]
    for fields in choices:
        await ask(proxy, "/openai/compat", **fields)
    received = proxy.upstream.calls
    assert len({call.system_text for call in received}) == 1
    said = [call.last_user_text for call in received]
    assert "must call at least one tool" in said[1]
    assert "must call the tool Read" in said[2]
    assert "Do not call any tool" in said[3]
    assert said[4] == '<cs:tool_result id="1" error="true">\nno such file\n</cs:tool_result>'


async def test_where_no_call_is_allowed_none_is_made(proxy: RunningProxy) -> None:
    proxy.upstream.script = [Reply(text=CALL), Reply(text="It is a Python file.")]
    answer = await ask(proxy, "/openai/compat", tool_choice={"type": "none"})
    assert (answer.text, calls_of(answer)) == ("It is a Python file.", [])
    assert "no tool may be called" in proxy.upstream.calls[-1].last_user_text


async def test_what_was_asked_again_is_on_record(proxy: RunningProxy) -> None:
    usages = Usage(input=100, output=20), Usage(input=150, output=10)
    proxy.upstream.script = [
        Reply(text=f"Reading.\n{BROKEN}", usage=usages[0]),
        Reply(text=CALL, usage=usages[1]),
    ]
    answer = await ask(proxy, "/openai/compat")
    assert (answer.text, calls_of(answer)) == ("Reading.", MADE)
    call = proxy.last_call()
    assert any('asked again: there is no tool "Fly"' in note for note in call.notes)
    assert len(call.attempts) == 1
    assert (call.tokens.input, call.tokens.output) == (150, 30)
    again = proxy.upstream.calls[-1]
    assert f"Reading.\\n{BROKEN}".replace("\n", "\\n").replace('"', '\\"').encode() in again.body


async def test_the_setting_lets_it_be_text_at_once(proxy: RunningProxy) -> None:
    settings = proxy.live.value.settings.model_copy(update={"ask_again": False})
    await proxy.configure(settings=settings)
    proxy.upstream.script = Reply(text=f"Reading.\n{BROKEN}\nDone.")
    answer = await ask(proxy, "/openai/compat")
    assert (answer.text, stop_of(answer)) == (f"Reading.\n{BROKEN}\nDone.", "end_turn")
    assert len(proxy.upstream.calls) == 1
    assert any("passed on as text" in note for note in proxy.last_call().notes)


@pytest.mark.parametrize("error", [{"status": 500, "error": "worn out"}, {"cut_after": 1}])
async def test_an_error_of_the_second_try_leaves_what_there_is(
    proxy: RunningProxy, error: dict[str, Any]
) -> None:
    failing = Reply(text="a b c d e f g", **error)
    proxy.upstream.script = [Reply(text=f"Reading.\n{BROKEN}"), failing]
    answer = await ask(proxy, "/openai/compat")
    assert (answer.text, stop_of(answer)) == (f"Reading.\n{BROKEN}", "end_turn")
    assert len(proxy.upstream.calls) == 2


async def test_a_second_try_that_breaks_off_is_no_reply(proxy: RunningProxy) -> None:
    failing = Reply(text=["a ", "b ", "c "], error_after=3, error="worn out")
    proxy.upstream.script = [Reply(text=f"Reading.\n{BROKEN}"), failing]
    answer = await ask(proxy, "/openai/compat")
    name, data = answer.events[-1]
    assert (name, data["error"]["message"]) == ("error", "worn out")


async def test_a_reply_that_breaks_behind_a_problem_is_broken(proxy: RunningProxy) -> None:
    text = [f"Reading.\n{BROKEN}", " and", " more"]
    proxy.upstream.script = Reply(text=text, error_after=2, error="worn out")
    answer = await ask(proxy, "/openai/compat")
    assert answer.events[-1][1]["error"]["message"] == "worn out"
    assert not any("asked again" in note for note in proxy.last_call().notes)


async def test_half_a_call_of_a_broken_second_try_is_no_call(proxy: RunningProxy) -> None:
    half = CALL[: CALL.index("</args>")] + "<arg"
    proxy.upstream.script = [
        Reply(text=f"Reading.\n{BROKEN}"),
        Reply(text=[half, " "], cut_after=2),
    ]
    answer = await ask(proxy, "/openai/compat")
    assert (answer.text, calls_of(answer)) == (f"Reading.\n{BROKEN}", [])
    assert any("passed on as text" in note for note in proxy.last_call().notes)


async def test_a_second_try_that_says_nothing_leaves_what_there_is(proxy: RunningProxy) -> None:
    proxy.upstream.script = [Reply(text=f"Reading.\n{BROKEN}"), Reply(text=" ")]
    answer = await ask(proxy, "/openai/compat")
    assert (answer.text, calls_of(answer)) == (f"Reading.\n{BROKEN}", [])
    assert any("passed on as text" in note for note in proxy.last_call().notes)


async def test_the_guide_is_counted(proxy: RunningProxy) -> None:
    counts = []
    for path in ("/claude", "/claude/compat"):
        body = {name: value for name, value in request(tools=[READ]).items() if name != "stream"}
        answer = await proxy.post(f"{path}/v1/messages/count_tokens", body)
        counts.append(answer.json["input_tokens"])
    assert counts[1] > counts[0] + 200


@pytest.mark.parametrize("stream", [True, False])
async def test_so_it_does_where_nothing_went_out_before(proxy: RunningProxy, stream: bool) -> None:
    proxy.upstream.script = [Reply(text=BROKEN), Reply(status=500, error="worn out")]
    answer = await ask(proxy, "/openai/compat", stream=stream)
    assert answer.status == 200
    assert (answer.text if stream else answer.json["content"][0]["text"]) == BROKEN
    notes = proxy.last_call().notes
    assert any("asking again has failed: worn out" in note for note in notes)


async def test_a_model_that_goes_on_for_long_is_not_listened_to(proxy: RunningProxy) -> None:
    """It makes up a result, and so on; nobody waits for the end of that."""
    rest = ["<cs:tool_result>made up</cs:tool_result>\n", *["and so on " * 100] * 50]
    proxy.upstream.script = Reply(text=[f"{CALL}\n", *rest], pace=0.001)
    answer = await ask(proxy, "/openai/compat")
    assert (answer.text, calls_of(answer), stop_of(answer)) == ("", MADE, "tool_use")
    received = proxy.upstream.calls[-1]
    await received.ended.wait()
    assert received.disconnected


async def test_a_call_cut_off_is_no_call(proxy: RunningProxy) -> None:
    proxy.upstream.script = Reply(text=CALL[:-40], stop="length")
    answer = await ask(proxy, "/openai/compat")
    assert (answer.text, calls_of(answer)) == (CALL[:-40], [])
    assert stop_of(answer) == "max_tokens"
    assert len(proxy.upstream.calls) == 1


async def test_a_long_string_streams_while_it_is_written(proxy: RunningProxy) -> None:
    write = {
        "name": "Write",
        "input_schema": {"type": "object", "properties": {"content": {"type": "string"}}},
    }
    lines = [f"line {number}\n" for number in range(200)]
    begun = '<cs:tool_use><name>Write</name><args><arg name="content">'
    ended = "</arg></args></cs:tool_use>"
    proxy.upstream.script = Reply(text=[begun, *lines, ended], hang_after=150)
    async with proxy.session.post(
        f"{proxy.url}/openai/compat/v1/messages",
        json=request(tools=[write]),
        headers={"Authorization": "Bearer cs-test-token-0123456789"},
    ) as response:
        seen = b""
        while b"line 140" not in seen:
            seen += await response.content.readany()
        proxy.upstream.calls[-1].release.set()
        seen += await response.content.read()
    answer = Answer(200, response.headers, seen)
    assert calls_of(answer) == [("Write", {"content": "".join(lines)})]


@pytest.mark.parametrize(
    ("second", "prompts"), [(Reply(text=CALL), 2), (Reply(status=500, error="worn out"), 1)]
)
async def test_each_prompt_is_paid_for_once(
    proxy: RunningProxy, monkeypatch: pytest.MonkeyPatch, second: Reply, prompts: int
) -> None:
    """Two prompts when the model was asked again, one when that was refused."""
    # the upstream is at a private address, for which there are no prices
    monkeypatch.setattr(prices, "price", lambda *args: float(args[3].input))
    usage = Usage(input=1000)
    first = Reply(text=f"So.\n{BROKEN}", usage=usage)
    proxy.upstream.script = [first, replace(second, usage=usage)]
    await ask(proxy, "/claude/compat")
    assert proxy.last_call().cost == 1000 * prompts
