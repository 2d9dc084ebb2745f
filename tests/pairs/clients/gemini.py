from collections.abc import Sequence
from typing import Any

from google import genai
from google.genai import errors, types

from tests.pairs.said import SCHEMA, TOOLS, Answer, Call, Prompt, Said, SdkError

_STOPS = {"STOP": "end", "MAX_TOKENS": "length"}


class GeminiClient:
    def __init__(self, url: str, token: str) -> None:
        options = types.HttpOptions(base_url=url, client_args={}, async_client_args={})
        self._sdk = genai.Client(api_key=token, vertexai=False, http_options=options)

    async def close(self) -> None:
        await self._sdk.aio.aclose()
        self._sdk.close()

    async def ask(
        self, history: Sequence[Said], *, stream: bool, tools: bool = False, thinking: bool = False
    ) -> Answer:
        config = types.GenerateContentConfig(
            automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True)
        )
        if tools:
            declarations = [
                types.FunctionDeclaration(name=name, parameters_json_schema=SCHEMA)
                for name in TOOLS
            ]
            config.tools = [types.Tool(function_declarations=declarations)]
        if thinking:
            config.thinking_config = types.ThinkingConfig(thinking_budget=-1, include_thoughts=True)
        contents: Any = [_write(said) for said in history]
        models = self._sdk.aio.models
        try:
            if not stream:
                reply = await models.generate_content(
                    model="gemini-x", contents=contents, config=config
                )
                return _read([reply])
            chunks = [
                chunk
                async for chunk in await models.generate_content_stream(
                    model="gemini-x", contents=contents, config=config
                )
            ]
        except errors.APIError as error:
            raise SdkError(error.code, str(error)) from error
        except Exception as error:
            raise SdkError(0, repr(error)) from error
        if not any(chunk.candidates and chunk.candidates[0].finish_reason for chunk in chunks):
            raise SdkError(0, "the SDK gave an answer without a finish reason")
        return _read(chunks)


def _image(data: bytes) -> types.Part:
    return types.Part(inline_data=types.Blob(mime_type="image/png", data=data))


def _write(said: Said) -> types.Content:
    if isinstance(said, Answer):
        return types.Content(role="model", parts=said.history)
    if isinstance(said, Prompt):
        return types.Content(
            role="user", parts=[types.Part(text=said.text), *map(_image, said.images)]
        )
    parts = [
        types.Part(
            function_response=types.FunctionResponse(
                id=result.call.id or None,
                name=result.call.name,
                response={"output": result.text},
                parts=[
                    types.FunctionResponsePart(
                        inline_data=types.FunctionResponseBlob(mime_type="image/png", data=data)
                    )
                    for data in result.images
                ]
                or None,
            )
        )
        for result in said.results
    ]
    return types.Content(role="user", parts=parts)


def _read(chunks: list[types.GenerateContentResponse]) -> Answer:
    answer = Answer(history=[])
    for chunk in chunks:
        candidate = chunk.candidates[0] if chunk.candidates else None
        for part in (candidate.content.parts if candidate and candidate.content else None) or []:
            answer.history.append(part)
            if part.function_call:
                call = part.function_call
                answer.calls.append(Call(call.name or "", call.args or {}, call.id or ""))
            elif part.thought:
                answer.thinking += part.text or ""
            else:
                answer.text += part.text or ""
        if candidate and candidate.finish_reason:
            reason = candidate.finish_reason.name
            answer.stop = _STOPS.get(reason, reason)
        if usage := chunk.usage_metadata:
            answer.input_tokens = usage.prompt_token_count or 0
            answer.cached_tokens = usage.cached_content_token_count or 0
            thought = usage.thoughts_token_count or 0
            answer.output_tokens = (usage.candidates_token_count or 0) + thought
    if answer.calls and answer.stop == "end":
        answer.stop = "tools"
    return answer
