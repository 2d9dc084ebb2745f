"""Writes a scripted reply as an OpenAI-compatible chat completions API would."""

import time
from collections.abc import Iterator, Sequence

import orjson

from ccproxy_tui.demo.embedding import as_base64, texts_of, vector
from ccproxy_tui.demo.ids import IdMaker
from ccproxy_tui.demo.received import ReceivedRequest
from ccproxy_tui.demo.reply import JsonObject, Reply, ToolCall, Usage
from ccproxy_tui.demo.usage import count_input, usage_of

_ERROR_KINDS = {
    401: "authentication_error",
    403: "permission_error",
    429: "rate_limit_exceeded",
}
_DONE = b"data: [DONE]\n\n"


def frame(payload: JsonObject) -> bytes:
    """One server-sent event; this protocol does not name its events."""
    return b"data: %b\n\n" % orjson.dumps(payload)


def error_body(status: int, message: str, kind: str = "") -> JsonObject:
    """The vendor's error envelope."""
    fallback = "invalid_request_error" if status < 500 else "server_error"
    kind = kind or _ERROR_KINDS.get(status, fallback)
    return {"error": {"message": message, "type": kind, "param": None, "code": None}}


def error_frame(reply: Reply) -> bytes:
    """An error that comes in the middle of a stream."""
    return frame(error_body(500, reply.error_message, reply.error_kind))


def model_list(models: Sequence[str]) -> JsonObject:
    """The answer of `GET /v1/models`."""
    data = [
        {"id": one, "object": "model", "created": 1767225600, "owned_by": "demo"} for one in models
    ]
    return {"object": "list", "data": data}


def embeddings(request: ReceivedRequest) -> JsonObject:
    """The answer of `POST /v1/embeddings`; vectors are base64 when that was asked for."""
    size = request.json.get("dimensions")
    as_text = request.json.get("encoding_format") == "base64"
    data: list[JsonObject] = []
    for index, text in enumerate(texts_of(request.json.get("input"))):
        numbers = vector(text, size)
        shown = as_base64(numbers) if as_text else numbers
        data.append({"object": "embedding", "index": index, "embedding": shown})
    tokens = count_input(request)
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return {"object": "list", "data": data, "model": request.model, "usage": usage}


def whole(reply: Reply, request: ReceivedRequest, new_id: IdMaker) -> JsonObject:
    """The reply to a request without `stream`."""
    message: JsonObject = {"role": "assistant", "content": "".join(reply.text_pieces) or None}
    if thinking := "".join(reply.thinking_pieces):
        message[reply.reasoning_field] = thinking
    if reply.tools:
        message["tool_calls"] = [
            _call(tool, "".join(tool.argument_pieces), new_id) for tool in reply.tools
        ]
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": _stop(reply)}
    completion = _head(request, new_id, "chat.completion") | {"choices": [choice]}
    if not reply.no_usage:
        completion["usage"] = _usage(usage_of(reply, request))
    return completion


def frames(reply: Reply, request: ReceivedRequest, new_id: IdMaker) -> list[bytes]:
    """Every event of the stream, in order; usage only when the client asked for it."""
    head = _head(request, new_id, "chat.completion.chunk")
    made = [_chunk(head, {"role": "assistant", "content": "" if reply.text else None})]
    if reply.ping:
        made.append(b": keep-alive\n\n")
    made += [_chunk(head, {reply.reasoning_field: piece}) for piece in reply.thinking_pieces]
    made += [_chunk(head, {"content": piece}) for piece in reply.text_pieces]
    made += [_chunk(head, {"tool_calls": [part]}) for part in _tools(reply, new_id)]
    if reply.no_finish:
        return made
    made.append(_chunk(head, {}, _stop(reply)))
    wanted = (request.json.get("stream_options") or {}).get("include_usage") is True
    if wanted and not reply.no_usage:
        made.append(frame(head | {"choices": [], "usage": _usage(usage_of(reply, request))}))
    made.append(_DONE)
    return made


def _head(request: ReceivedRequest, new_id: IdMaker, kind: str) -> JsonObject:
    return {
        "id": new_id("chatcmpl-", 29),
        "object": kind,
        "created": int(time.time()),
        "model": request.model,
        "system_fingerprint": "fp_demo",
    }


def _chunk(head: JsonObject, delta: JsonObject, finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    return frame(head | {"choices": [choice]})


def _usage(usage: Usage) -> JsonObject:
    prompt = usage.input + usage.cached + usage.cache_written
    return {
        "prompt_tokens": prompt,
        "completion_tokens": usage.output,
        "total_tokens": prompt + usage.output,
        "prompt_tokens_details": {"cached_tokens": usage.cached},
        "completion_tokens_details": {"reasoning_tokens": usage.thinking},
    }


def _stop(reply: Reply) -> str:
    return reply.stop or ("tool_calls" if reply.tools else "stop")


def _call(tool: ToolCall, arguments: str, new_id: IdMaker) -> JsonObject:
    return {
        "id": tool.id or new_id("call_", 24),
        "type": "function",
        "function": {"name": tool.name, "arguments": arguments},
    }


def _tools(reply: Reply, new_id: IdMaker) -> Iterator[JsonObject]:
    starts = [{"index": at, **_call(tool, "", new_id)} for at, tool in enumerate(reply.tools)]
    parts = [tool.argument_pieces for tool in reply.tools]
    if not reply.interleave_tools:
        for index, (start, fragments) in enumerate(zip(starts, parts, strict=True)):
            yield start
            yield from (_fragment(index, fragment) for fragment in fragments)
        return
    yield from starts
    for turn in range(max(map(len, parts), default=0)):
        for index, fragments in enumerate(parts):
            if turn < len(fragments):
                yield _fragment(index, fragments[turn])


def _fragment(index: int, text: str) -> JsonObject:
    return {"index": index, "function": {"arguments": text}}
