from base64 import b64encode
from collections.abc import Iterator, Sequence
from typing import Any

import openai
import orjson

from tests.pairs.said import SCHEMA, TOOLS, Answer, Call, Prompt, Said, SdkError


class ResponsesClient:
    def __init__(self, url: str, token: str) -> None:
        self._sdk = openai.AsyncOpenAI(base_url=f"{url}/v1", api_key=token, max_retries=0)

    async def close(self) -> None:
        await self._sdk.close()

    async def ask(
        self, history: Sequence[Said], *, stream: bool, tools: bool = False, thinking: bool = False
    ) -> Answer:
        options: dict[str, Any] = {
            "model": "gpt-x",
            "store": False,
            "include": ["reasoning.encrypted_content"],
            "input": [item for said in history for item in _write(said)],
        }
        if tools:
            options["tools"] = [
                {"type": "function", "name": name, "parameters": SCHEMA, "strict": False}
                for name in TOOLS
            ]
        if thinking:
            options["reasoning"] = {"effort": "low", "summary": "auto"}
        try:
            if stream:
                async with self._sdk.responses.stream(**options) as events:
                    numbers = []
                    async for event in events:
                        numbers.append(event.sequence_number)
                        if event.type == "error":
                            raise SdkError(0, event.message)
                        if event.type == "response.failed":
                            error = event.response.error
                            raise SdkError(0, error.message if error else "failed")
                    response = await events.get_final_response()
                assert numbers == list(range(len(numbers))), "events have to be numbered"
            else:
                response = await self._sdk.responses.create(**options)
        except openai.APIStatusError as error:
            raise SdkError(error.status_code, error.message) from error
        except (openai.APIError, RuntimeError) as error:
            raise SdkError(0, str(error)) from error
        if response.error is not None:
            raise SdkError(0, response.error.message)
        return _read(response)


def _image(data: bytes) -> dict[str, Any]:
    url = f"data:image/png;base64,{b64encode(data).decode()}"
    return {"type": "input_image", "image_url": url, "detail": "auto"}


def _write(said: Said) -> Iterator[dict[str, Any]]:
    if isinstance(said, Answer):
        yield from said.history
    elif isinstance(said, Prompt):
        text = {"type": "input_text", "text": said.text}
        yield {"role": "user", "content": [text, *map(_image, said.images)]}
    else:
        for result in said.results:
            text = {"type": "input_text", "text": result.text}
            output = [text, *map(_image, result.images)] if result.images else result.text
            yield {"type": "function_call_output", "call_id": result.call.id, "output": output}


def _read(response: Any) -> Answer:
    usage = response.usage
    answer = Answer(
        text=response.output_text,
        stop="end" if response.status == "completed" else "length",
        input_tokens=usage.input_tokens,
        cached_tokens=usage.input_tokens_details.cached_tokens,
        output_tokens=usage.output_tokens,
        history=[
            item.model_dump(exclude_none=True, exclude={"status", "parsed_arguments"})
            for item in response.output
        ],
    )
    for item in response.output:
        if item.type == "reasoning":
            answer.thinking += "".join(part.text for part in item.summary)
        elif item.type == "function_call":
            answer.calls.append(Call(item.name, orjson.loads(item.arguments), item.call_id))
            answer.stop = "tools"
    for item in answer.history:
        for part in item.get("content") or []:
            part.pop("parsed", None)
    return answer
