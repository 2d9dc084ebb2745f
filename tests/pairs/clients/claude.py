from base64 import b64encode
from collections.abc import Sequence
from typing import Any

import anthropic

from tests.pairs.said import SCHEMA, TOOLS, Answer, Call, Prompt, Said, SdkError

_STOPS = {"end_turn": "end", "tool_use": "tools", "max_tokens": "length"}


class ClaudeClient:
    def __init__(self, url: str, token: str) -> None:
        self._sdk = anthropic.AsyncAnthropic(base_url=url, auth_token=token, max_retries=0)

    async def close(self) -> None:
        await self._sdk.close()

    async def ask(
        self, history: Sequence[Said], *, stream: bool, tools: bool = False, thinking: bool = False
    ) -> Answer:
        options: dict[str, Any] = {
            "model": "claude-x",
            "max_tokens": 4000,
            "messages": [_write(said) for said in history],
        }
        if tools:
            options["tools"] = [{"name": name, "input_schema": SCHEMA} for name in TOOLS]
        if thinking:
            options["thinking"] = {"type": "adaptive"}
        try:
            if stream:
                async with self._sdk.messages.stream(**options) as events:
                    message = await events.get_final_message()
            else:
                message = await self._sdk.messages.create(**options)
        except anthropic.APIStatusError as error:
            raise SdkError(error.status_code, error.message) from error
        except anthropic.APIError as error:
            raise SdkError(0, str(error)) from error
        return _read(message)


def _image(data: bytes) -> dict[str, Any]:
    source = {"type": "base64", "media_type": "image/png", "data": b64encode(data).decode()}
    return {"type": "image", "source": source}


def _write(said: Said) -> dict[str, Any]:
    if isinstance(said, Answer):
        return {"role": "assistant", "content": said.history}
    if isinstance(said, Prompt):
        text = {"type": "text", "text": said.text}
        return {"role": "user", "content": [text, *map(_image, said.images)]}
    blocks = [
        {
            "type": "tool_result",
            "tool_use_id": result.call.id,
            "content": [{"type": "text", "text": result.text}, *map(_image, result.images)],
        }
        for result in said.results
    ]
    return {"role": "user", "content": blocks}


def _read(message: Any) -> Answer:
    usage = message.usage
    cached = usage.cache_read_input_tokens or 0
    answer = Answer(
        stop=_STOPS.get(message.stop_reason or "", str(message.stop_reason)),
        input_tokens=usage.input_tokens + cached + (usage.cache_creation_input_tokens or 0),
        cached_tokens=cached,
        output_tokens=usage.output_tokens,
        history=[block.model_dump(exclude_none=True) for block in message.content],
    )
    for block in message.content:
        match block.type:
            case "text":
                answer.text += block.text
            case "thinking":
                answer.thinking += block.thinking
            case "tool_use":
                answer.calls.append(Call(block.name, block.input, block.id))
    return answer
