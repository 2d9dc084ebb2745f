"""The vendor's own client, through both lanes."""

import anthropic
import pytest

from ccproxy_tui.demo.reply import Reply, ToolCall, Usage
from tests.gateway.proxy import TOKEN, RunningProxy


def client(proxy: RunningProxy, lane: str) -> anthropic.AsyncAnthropic:
    return anthropic.AsyncAnthropic(
        base_url=f"{proxy.url}/{lane}", auth_token=TOKEN, api_key=None, max_retries=0
    )


TOOLS: list[anthropic.types.ToolParam] = [
    {
        "name": "Bash",
        "input_schema": {"type": "object", "properties": {"command": {"type": "string"}}},
    }
]
MESSAGES: list[anthropic.types.MessageParam] = [{"role": "user", "content": "go"}]


@pytest.mark.parametrize("lane", ["claude", "openai"])
async def test_stream_and_whole_reply_are_the_same(proxy: RunningProxy, lane: str) -> None:
    proxy.upstream.script = Reply(
        thinking="hm",
        text="hello world",
        tools=[ToolCall("Bash", {"command": "echo 'it''s'"}), ToolCall("Bash", {"command": "ls"})],
        usage=Usage(input=11, output=7, cached=5),
    )
    async with client(proxy, lane) as claude:
        async with claude.messages.stream(
            model="claude-x", max_tokens=99, messages=MESSAGES, tools=TOOLS
        ) as stream:
            streamed = await stream.get_final_message()
        whole = await claude.messages.create(
            model="claude-x", max_tokens=99, messages=MESSAGES, tools=TOOLS
        )
    for message in (streamed, whole):
        assert [block.type for block in message.content] == [
            "thinking",
            "text",
            "tool_use",
            "tool_use",
        ]
        assert message.stop_reason == "tool_use"
        assert message.usage.input_tokens == 11
        assert message.usage.cache_read_input_tokens == 5
        assert message.usage.output_tokens == 7
        tool = message.content[2]
        assert isinstance(tool, anthropic.types.ToolUseBlock)
        assert tool.input == {"command": "echo 'it''s'"}


@pytest.mark.parametrize("lane", ["claude", "openai"])
async def test_a_broken_stream_is_an_error_for_the_client(proxy: RunningProxy, lane: str) -> None:
    proxy.upstream.script = Reply(text="a b c d e f g h i j k l m", cut_after=4)
    async with client(proxy, lane) as claude:
        with pytest.raises(anthropic.APIStatusError):
            async with claude.messages.stream(
                model="claude-x", max_tokens=99, messages=MESSAGES
            ) as stream:
                await stream.get_final_message()


async def test_errors_have_the_sdks_own_classes(proxy: RunningProxy) -> None:
    async with client(proxy, "nope") as claude:
        with pytest.raises(anthropic.NotFoundError, match="there is no group"):
            await claude.messages.create(model="claude-x", max_tokens=9, messages=MESSAGES)
    async with anthropic.AsyncAnthropic(base_url=proxy.url, api_key="wrong") as stranger:
        with pytest.raises(anthropic.AuthenticationError):
            await stranger.messages.create(model="claude-x", max_tokens=9, messages=MESSAGES)
