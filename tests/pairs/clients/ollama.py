from collections.abc import Iterator, Sequence
from typing import Any

import httpx
import ollama

from tests.pairs.said import SCHEMA, TOOLS, Answer, Call, Prompt, Said, SdkError


class OllamaClient:
    def __init__(self, url: str, token: str) -> None:
        self._sdk = ollama.AsyncClient(host=url, headers={"Authorization": f"Bearer {token}"})

    async def close(self) -> None:
        await self._sdk.close()  # type: ignore[no-untyped-call]

    async def ask(
        self, history: Sequence[Said], *, stream: bool, tools: bool = False, thinking: bool = False
    ) -> Answer:
        options: dict[str, Any] = {
            "model": "llama-x",
            "messages": [message for said in history for message in _write(said)],
        }
        if tools:
            options["tools"] = [
                {"type": "function", "function": {"name": name, "parameters": SCHEMA}}
                for name in TOOLS
            ]
        if thinking:
            options["think"] = True
        try:
            if stream:
                parts = [part async for part in await self._sdk.chat(**options, stream=True)]
            else:
                parts = [await self._sdk.chat(**options)]
        except ollama.ResponseError as error:
            status = error.status_code if error.status_code > 0 else 0
            raise SdkError(status, error.error) from error
        except (httpx.HTTPError, ConnectionError) as error:
            raise SdkError(0, str(error)) from error
        if not parts or not parts[-1].done:
            raise SdkError(0, "the SDK gave an answer that is not done")
        return _read(parts)


def _write(said: Said) -> Iterator[dict[str, Any]]:
    if isinstance(said, Answer):
        yield said.history
    elif isinstance(said, Prompt):
        yield {"role": "user", "content": said.text, "images": list(said.images)}
    else:
        for result in said.results:
            yield {
                "role": "tool",
                "tool_name": result.call.name,
                "content": result.text,
                "images": list(result.images),
            }


def _read(parts: list[ollama.ChatResponse]) -> Answer:
    calls = [call for part in parts for call in part.message.tool_calls or []]
    text = "".join(part.message.content or "" for part in parts)
    thinking = "".join(part.message.thinking or "" for part in parts)
    last = parts[-1]
    stop = "length" if last.done_reason == "length" else "tools" if calls else "end"
    return Answer(
        text=text,
        thinking=thinking,
        calls=[Call(call.function.name, dict(call.function.arguments)) for call in calls],
        stop=stop,
        input_tokens=last.prompt_eval_count or 0,
        output_tokens=last.eval_count or 0,
        history={
            "role": "assistant",
            "content": text,
            "thinking": thinking or None,
            "tool_calls": [call.model_dump() for call in calls] or None,
        },
    )
