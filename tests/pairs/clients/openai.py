from base64 import b64encode
from collections.abc import Iterator, Sequence
from typing import Any

import openai
import orjson

from tests.pairs.said import SCHEMA, TOOLS, Answer, Call, Prompt, Said, SdkError

_STOPS = {"stop": "end", "tool_calls": "tools", "length": "length"}


class OpenAIClient:
    def __init__(self, url: str, token: str) -> None:
        self._sdk = openai.AsyncOpenAI(base_url=f"{url}/v1", api_key=token, max_retries=0)

    async def close(self) -> None:
        await self._sdk.close()

    async def ask(
        self, history: Sequence[Said], *, stream: bool, tools: bool = False, thinking: bool = False
    ) -> Answer:
        options: dict[str, Any] = {
            "model": "gpt-x",
            "messages": [message for said in history for message in _write(said)],
        }
        if tools:
            options["tools"] = [
                {"type": "function", "function": {"name": name, "parameters": SCHEMA}}
                for name in TOOLS
            ]
        if thinking:
            options["reasoning_effort"] = "low"
        try:
            if stream:
                return await self._stream(options)
            reply = await self._sdk.chat.completions.create(**options)
            return _read(reply.choices[0].message.model_dump(), reply.choices[0], reply.usage)
        except openai.APIStatusError as error:
            raise SdkError(error.status_code, error.message) from error
        except openai.APIError as error:
            raise SdkError(0, str(error)) from error

    async def _stream(self, options: dict[str, Any]) -> Answer:
        message: dict[str, Any] = {"role": "assistant", "content": "", "reasoning_content": ""}
        calls: dict[int, dict[str, Any]] = {}
        last: Any = None
        usage: Any = None
        stream = await self._sdk.chat.completions.create(
            **options, stream=True, stream_options={"include_usage": True}
        )
        async for chunk in stream:
            usage = chunk.usage or usage
            for choice in chunk.choices:
                delta = choice.delta.model_dump(exclude_none=True)
                message["content"] += delta.get("content", "")
                message["reasoning_content"] += delta.get("reasoning_content", "")
                for part in delta.get("tool_calls", []):
                    _gather(calls, part)
                last = choice if choice.finish_reason else last
        message["tool_calls"] = [calls[index] for index in sorted(calls)]
        return _read(message, last, usage)


def _gather(calls: dict[int, dict[str, Any]], part: dict[str, Any]) -> None:
    function = part.get("function", {})
    if part["index"] not in calls:
        assert part["type"] == "function"
        calls[part["index"]] = {
            "id": part["id"],
            "type": "function",
            "function": {"name": function["name"], "arguments": function.get("arguments", "")},
        }
    else:
        calls[part["index"]]["function"]["arguments"] += function.get("arguments", "")


def _image(data: bytes) -> dict[str, Any]:
    url = f"data:image/png;base64,{b64encode(data).decode()}"
    return {"type": "image_url", "image_url": {"url": url}}


def _write(said: Said) -> Iterator[dict[str, Any]]:
    if isinstance(said, Answer):
        yield said.history
    elif isinstance(said, Prompt):
        text = {"type": "text", "text": said.text}
        yield {"role": "user", "content": [text, *map(_image, said.images)]}
    else:
        for result in said.results:
            yield {"role": "tool", "tool_call_id": result.call.id, "content": result.text}
        # this protocol has no images in results, so its clients send them right after
        if images := [_image(data) for result in said.results for data in result.images]:
            yield {"role": "user", "content": images}


def _read(message: dict[str, Any], choice: Any, usage: Any) -> Answer:
    history = {name: value for name, value in message.items() if value}
    details = usage.prompt_tokens_details if usage else None
    return Answer(
        text=message.get("content") or "",
        thinking=message.get("reasoning_content") or "",
        calls=[
            Call(one["function"]["name"], orjson.loads(one["function"]["arguments"]), one["id"])
            for one in message.get("tool_calls") or []
        ],
        stop=_STOPS.get(choice.finish_reason, choice.finish_reason) if choice else "",
        input_tokens=usage.prompt_tokens if usage else 0,
        cached_tokens=(details.cached_tokens or 0) if details else 0,
        output_tokens=usage.completion_tokens if usage else 0,
        history=history,
    )
