"""Writes a scripted reply as the Anthropic Messages API would."""

from collections.abc import Iterator, Sequence

import orjson

from ccproxy_tui.demo.ids import IdMaker
from ccproxy_tui.demo.received import ReceivedRequest
from ccproxy_tui.demo.reply import JsonObject, Reply, ToolCall, Usage
from ccproxy_tui.demo.usage import usage_of

_ERROR_KINDS = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
}


def frame(event: str, payload: JsonObject) -> bytes:
    """One server-sent event."""
    return b"event: %b\ndata: %b\n\n" % (event.encode(), orjson.dumps(payload))


def error_body(status: int, message: str, kind: str = "") -> JsonObject:
    """The vendor's error envelope."""
    kind = kind or _ERROR_KINDS.get(status, "api_error")
    return {"type": "error", "error": {"type": kind, "message": message}}


def error_frame(reply: Reply) -> bytes:
    """An error that comes in the middle of a stream."""
    return frame("error", error_body(500, reply.error_message, reply.error_kind))


def model_list(models: Sequence[str]) -> JsonObject:
    """The answer of `GET /v1/models`."""
    data = [
        {"type": "model", "id": one, "display_name": one, "created_at": "2026-01-01T00:00:00Z"}
        for one in models
    ]
    first, last = (models[0], models[-1]) if models else (None, None)
    return {"data": data, "has_more": False, "first_id": first, "last_id": last}


def token_count(tokens: int) -> JsonObject:
    """The answer of `POST /v1/messages/count_tokens`."""
    return {"input_tokens": tokens}


def whole(reply: Reply, request: ReceivedRequest, new_id: IdMaker) -> JsonObject:
    """The reply to a request without `stream`."""
    content: list[JsonObject] = []
    if reply.thinks:
        thinking = "".join(reply.thinking_pieces)
        content.append({"type": "thinking", "thinking": thinking, "signature": reply.signature})
    if text := "".join(reply.text_pieces):
        content.append({"type": "text", "text": text})
    content += (
        {**_tool_start(tool, new_id), "input": tool.argument_object or {}} for tool in reply.tools
    )
    message = _message(request, new_id)
    message |= {"content": content, "stop_reason": _stop(reply)}
    if not reply.no_usage:
        message["usage"] = _input_usage(usage := usage_of(reply, request)) | {
            "output_tokens": usage.output
        }
    return message


def frames(reply: Reply, request: ReceivedRequest, new_id: IdMaker) -> list[bytes]:
    """Every event of the stream, in order."""
    usage = usage_of(reply, request)
    message = _message(request, new_id)
    if not reply.no_usage:
        message["usage"] = _input_usage(usage) | {"output_tokens": min(1, usage.output)}
    made = [frame("message_start", {"type": "message_start", "message": message})]
    if reply.ping:
        made.append(frame("ping", {"type": "ping"}))
    made += _content(reply, new_id)
    if reply.no_finish:
        return made
    ending: JsonObject = {
        "type": "message_delta",
        "delta": {"stop_reason": _stop(reply), "stop_sequence": None},
    }
    if not reply.no_usage:
        ending["usage"] = _input_usage(usage) | {"output_tokens": usage.output}
    made.append(frame("message_delta", ending))
    made.append(frame("message_stop", {"type": "message_stop"}))
    return made


def _message(request: ReceivedRequest, new_id: IdMaker) -> JsonObject:
    return {
        "id": new_id("msg_01"),
        "type": "message",
        "role": "assistant",
        "model": request.model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
    }


def _input_usage(usage: Usage) -> JsonObject:
    return {
        "input_tokens": usage.input,
        "cache_creation_input_tokens": usage.cache_written,
        "cache_read_input_tokens": usage.cached,
        "service_tier": "standard",
    }


def _stop(reply: Reply) -> str:
    return reply.stop or ("tool_use" if reply.tools else "end_turn")


def _tool_start(tool: ToolCall, new_id: IdMaker) -> JsonObject:
    return {
        "type": "tool_use",
        "id": tool.id or new_id("toolu_01"),
        "name": tool.name,
        "input": {},
    }


def _content(reply: Reply, new_id: IdMaker) -> Iterator[bytes]:
    index = 0
    if reply.thinks:
        yield _start(index, {"type": "thinking", "thinking": "", "signature": ""})
        for piece in reply.thinking_pieces:
            yield _delta(index, {"type": "thinking_delta", "thinking": piece})
        if reply.signature:
            yield _delta(index, {"type": "signature_delta", "signature": reply.signature})
        yield _end(index)
        index += 1
    if reply.text:
        yield _start(index, {"type": "text", "text": ""})
        for piece in reply.text_pieces:
            yield _delta(index, {"type": "text_delta", "text": piece})
        yield _end(index)
        index += 1
    yield from _tools(reply, index, new_id)


def _tools(reply: Reply, first: int, new_id: IdMaker) -> Iterator[bytes]:
    starts = [_tool_start(tool, new_id) for tool in reply.tools]
    parts = [tool.argument_pieces for tool in reply.tools]
    if not reply.interleave_tools:
        for index, (start, fragments) in enumerate(zip(starts, parts, strict=True), first):
            yield _start(index, start)
            yield from (_arguments(index, fragment) for fragment in fragments)
            yield _end(index)
        return
    yield from (_start(index, start) for index, start in enumerate(starts, first))
    for turn in range(max(map(len, parts), default=0)):
        for index, fragments in enumerate(parts, first):
            if turn < len(fragments):
                yield _arguments(index, fragments[turn])
    yield from (_end(index) for index in range(first, first + len(starts)))


def _start(index: int, block: JsonObject) -> bytes:
    payload = {"type": "content_block_start", "index": index, "content_block": block}
    return frame("content_block_start", payload)


def _delta(index: int, delta: JsonObject) -> bytes:
    payload = {"type": "content_block_delta", "index": index, "delta": delta}
    return frame("content_block_delta", payload)


def _arguments(index: int, fragment: str) -> bytes:
    return _delta(index, {"type": "input_json_delta", "partial_json": fragment})


def _end(index: int) -> bytes:
    return frame("content_block_stop", {"type": "content_block_stop", "index": index})
