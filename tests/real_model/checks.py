"""What is asked of a real model through each pair; shapes are checked, as words vary."""

import asyncio
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ccproxy_tui.traffic.call import Call, Phase
from tests.pairs.said import TOOLS, Answer, Prompt, Result, Results, Said, SdkError
from tests.real_model.stage import Stage

SECONDS: Final = 120.0
"""Patience with one answer."""
_SUM: Final = Prompt("What is 3 + 3?")
_NEXT_SUM: Final = Prompt("And what is 4 + 4?")
_WEATHER: Final = Prompt("What is the weather in Paris?")
_STORY: Final = Prompt("Write a long story about a ship, with many chapters.")
_TOO_LONG: Final = Prompt("The ship sails over the sea. " * 300)
_OVERFLOWS: Final = {
    "claude": r"prompt is too long: \d+ tokens > 1024 maximum",
    "openai": r"This model's maximum context length is 1024 tokens\.",
    "responses": r"Your input exceeds the context window of this model\.",
    "gemini": r"The input token count \(\d+\) exceeds the maximum number of tokens allowed \(1024\)",
    "ollama": r"prompt too long; exceeded max context length of 1024 tokens",
}
"""By client: how its vendor says it, which is what agents go by."""
_CODES: Final = {"openai": "context_length_exceeded", "responses": "context_length_exceeded"}


@dataclass(frozen=True)
class Speed:
    first_byte: float
    """Milliseconds."""
    rate: float
    """Tokens a second after that."""


async def text(stage: Stage, client: str, upstream: str, *, stream: bool) -> Speed:
    """Have the model think and answer, and go on with the conversation."""
    history: list[Said] = [_SUM]
    answer, record = await _ask(stage, client, upstream, history, stream=stream, thinking=True)
    assert answer.text.strip(), "no text"
    assert answer.stop in ("end", "length"), f"stop is {answer.stop!r}"
    if (client, upstream) != ("responses", "responses"):  # it is not in the summary there
        assert answer.thinking.strip(), "no thinking"
    history += [answer, _NEXT_SUM]
    told, _ = await _ask(stage, client, upstream, history, stream=stream, thinking=True)
    assert told.text.strip(), "no text the second time"
    assert record.ttft is not None
    assert record.duration is not None
    took = record.duration - record.ttft if stream else record.duration
    return Speed(record.ttft * 1000, record.tokens.output / took)


async def tool_call(stage: Stage, client: str, upstream: str, *, stream: bool) -> None:
    """Have the model call a tool, and give it the result."""
    history: list[Said] = [_WEATHER]
    answer, _ = await _ask(stage, client, upstream, history, stream=stream, tools=True)
    assert answer.calls, f"no call, but {answer.text!r}"
    assert answer.stop == "tools", f"stop is {answer.stop!r}"
    for call in answer.calls:
        assert call.name in TOOLS, f"a call of {call.name!r}"
        assert "Paris" in call.arguments.values(), f"arguments are {call.arguments}"
    history += [answer, Results([Result(call, "It is sunny, 25°.") for call in answer.calls])]
    told, _ = await _ask(stage, client, upstream, history, stream=stream, tools=True)
    assert told.input_tokens > answer.input_tokens, "the model has not read the result"
    assert told.text.strip() or told.calls, "nothing after the result"


async def overflow(stage: Stage, client: str, upstream: str, *, stream: bool) -> None:
    refused: SdkError | None = None
    async with stage.client(client, upstream) as sdk:
        try:
            await sdk.ask([_TOO_LONG], stream=stream)
        except SdkError as error:
            refused = error
    assert refused is not None, "no error"
    assert refused.status == 400, f"status {refused.status}: {refused}"
    assert re.search(_OVERFLOWS[client], str(refused)), f"worded as: {refused}"
    code = getattr(refused.__cause__, "code", None)
    assert code == _CODES.get(client, code), f"with the code {code!r}"


async def stop(stage: Stage, client: str, upstream: str) -> float:
    """Go away in the middle of a stream; gives the milliseconds until the model was free.

    Thinking is asked for, as the model does little else and some clients see it only then.
    """
    stage.newest_call()
    async with stage.client(client, upstream) as sdk:
        asking = asyncio.ensure_future(sdk.ask([_STORY], stream=True, thinking=True))
        try:
            async with asyncio.timeout(SECONDS):
                record = await _streaming(stage, asking)
            assert await stage.is_busy(), "the model had ended before"
        finally:
            asking.cancel()
            gone = time.perf_counter()
            await asyncio.gather(asking, return_exceptions=True)
    while await stage.is_busy():
        assert time.perf_counter() - gone < 2, "the model goes on though nobody listens"
        await asyncio.sleep(0.01)
    free = time.perf_counter() - gone
    await _end_of(record)
    assert record.phase is Phase.CANCELLED, f"the record says {record.phase}: {record.error}"
    return free * 1000


async def _ask(
    stage: Stage, client: str, upstream: str, said: Sequence[Said], *, stream: bool, **wanted: bool
) -> tuple[Answer, Call]:
    stage.newest_call()
    async with stage.client(client, upstream) as sdk, asyncio.timeout(SECONDS):
        answer = await sdk.ask(said, stream=stream, **wanted)
    record = stage.newest_call()
    assert record is not None
    await _end_of(record)
    assert record.phase is Phase.DONE, f"the record says {record.phase}: {record.error}"
    assert not record.tokens.estimated, "the record's tokens are estimated"
    assert answer.input_tokens > 0, "no input tokens"
    assert answer.output_tokens > 0, "no output tokens"
    assert record.tokens.context == answer.input_tokens, "record and client count differently"
    assert record.tokens.output == answer.output_tokens, "record and client count differently"
    return answer, record


async def _streaming(stage: Stage, asking: asyncio.Future[Answer]) -> Call:
    """Wait until the client has a piece of its reply, and give the call's record."""
    record: Call | None = None
    while record is None or record.phase is not Phase.STREAMING:
        assert not asking.done(), "the answer had ended before"
        record = stage.newest_call() or record
        await asyncio.sleep(0.01)
    return record


async def _end_of(record: Call) -> None:
    async with asyncio.timeout(5):
        while record.live:
            await asyncio.sleep(0.01)
