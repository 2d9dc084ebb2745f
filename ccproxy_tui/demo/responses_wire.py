"""Writes a scripted reply as the OpenAI Responses API would."""

import time
from collections.abc import Iterator
from typing import Any

import orjson

from ccproxy_tui.demo.ids import IdMaker
from ccproxy_tui.demo.openai_wire import error_body, model_list
from ccproxy_tui.demo.received import ReceivedRequest
from ccproxy_tui.demo.reply import JsonObject, Reply, ToolCall
from ccproxy_tui.demo.usage import usage_of

__all__ = ["error_body", "error_frame", "frame", "frames", "model_list", "whole"]

_ECHOED: JsonObject = {
    "background": False,
    "instructions": None,
    "max_output_tokens": None,
    "max_tool_calls": None,
    "metadata": {},
    "parallel_tool_calls": True,
    "previous_response_id": None,
    "prompt_cache_key": None,
    "reasoning": {"effort": None, "summary": None},
    "safety_identifier": None,
    "service_tier": "default",
    "store": True,
    "temperature": 1.0,
    "text": {"format": {"type": "text"}, "verbosity": "medium"},
    "tool_choice": "auto",
    "tools": [],
    "top_logprobs": 0,
    "top_p": 1.0,
    "truncation": "disabled",
    "user": None,
}
"""What a response repeats of its request, with the vendor's defaults."""
_NUMBERS = ("sequence_number", "output_index", "content_index", "summary_index")
_STARTS = ("response.created", "response.in_progress")


def frame(payload: JsonObject) -> bytes:
    """One server-sent event, named by its type."""
    return b"event: %b\ndata: %b\n\n" % (str(payload["type"]).encode(), orjson.dumps(payload))


def error_frame(reply: Reply) -> bytes:
    """An error in the middle of a stream: an `error` event, or the response as failed."""
    code = reply.error_kind or "server_error"
    if reply.failed_event:
        error = {"code": code, "message": reply.error_message}
        failed = {"id": "resp_failed", "object": "response", "created_at": int(time.time())}
        failed |= {"status": "failed", "error": error, "incomplete_details": None, "usage": None}
        failed |= _ECHOED | {"model": "", "output": []}
        return frame(
            {"type": "response.failed", "sequence_number": reply.error_after, "response": failed}
        )
    event = {
        "type": "error",
        "sequence_number": reply.error_after,
        "code": code,
        "message": reply.error_message,
    }
    return frame(event | {"param": None})


def whole(reply: Reply, request: ReceivedRequest, new_id: IdMaker) -> JsonObject:
    """The reply to a request without `stream`."""
    output = [item for item, _ in _items(reply, new_id)]
    return _finish(_start(request, new_id), reply, request, output)


def frames(reply: Reply, request: ReceivedRequest, new_id: IdMaker) -> list[bytes]:
    """Every event of the stream, in order and numbered."""
    return [
        frame(_bare(event) if reply.bare_events else event | {"sequence_number": number})
        for number, event in enumerate(_events(reply, request, new_id))
    ]


def _events(reply: Reply, request: ReceivedRequest, new_id: IdMaker) -> Iterator[JsonObject]:
    response = _start(request, new_id)
    yield {"type": "response.created", "response": response}
    if reply.ping:
        yield {"type": "keepalive"}
    yield {"type": "response.in_progress", "response": response}
    items = list(_items(reply, new_id))
    output = [item for item, _ in items]
    at_once = items if not reply.interleave_tools else items[: len(items) - len(reply.tools)]
    for index, (item, inner) in enumerate(at_once):
        yield _added(index, item)
        for event in inner:
            yield event | {"output_index": index}
        yield _done(index, item)
    yield from _interleaved(items[len(at_once) :], len(at_once))
    if reply.no_finish:
        return
    finished = _finish(response, reply, request, output)
    yield {"type": f"response.{finished['status']}", "response": finished}


def _interleaved(
    items: list[tuple[JsonObject, list[JsonObject]]], first: int
) -> Iterator[JsonObject]:
    for index, (item, _) in enumerate(items, first):
        yield _added(index, item)
    for turn in range(max((len(inner) for _, inner in items), default=0)):
        for index, (_, inner) in enumerate(items, first):
            if turn < len(inner):
                yield inner[turn] | {"output_index": index}
    for index, (item, _) in enumerate(items, first):
        yield _done(index, item)


def _bare(event: JsonObject) -> JsonObject:
    kept = {name: value for name, value in event.items() if name not in _NUMBERS}
    if kept["type"] in _STARTS:
        response = kept["response"]
        kept["response"] = {name: response[name] for name in ("id", "object", "status")}
    return kept


def _start(request: ReceivedRequest, new_id: IdMaker) -> JsonObject:
    echoed = {
        name: default if request.json.get(name) is None else request.json[name]
        for name, default in _ECHOED.items()
    }
    return {
        "id": new_id("resp_", 50),
        "object": "response",
        "created_at": int(time.time()),
        "status": "in_progress",
        "error": None,
        "incomplete_details": None,
        "model": request.model,
        "output": [],
        "usage": None,
        **echoed,
    }


def _finish(
    response: JsonObject, reply: Reply, request: ReceivedRequest, output: list[JsonObject]
) -> JsonObject:
    cut = reply.stop not in ("", "completed")
    usage = None if reply.no_usage else _usage(reply, request)
    return response | {
        "status": "incomplete" if cut else "completed",
        "completed_at": None if cut else int(time.time()),
        "incomplete_details": {"reason": reply.stop} if cut else None,
        "output": output,
        "usage": usage,
    }


def _usage(reply: Reply, request: ReceivedRequest) -> JsonObject:
    usage = usage_of(reply, request)
    prompt = usage.input + usage.cached + usage.cache_written
    return {
        "input_tokens": prompt,
        "input_tokens_details": {
            "cached_tokens": usage.cached,
            "cache_write_tokens": usage.cache_written,
        },
        "output_tokens": usage.output,
        "output_tokens_details": {"reasoning_tokens": usage.thinking},
        "total_tokens": prompt + usage.output,
    }


def _added(index: int, item: JsonObject) -> JsonObject:
    """The item as it begins: with nothing in it."""
    empty: JsonObject = {"summary": [], "content": [], "arguments": ""}
    begun = {name: empty.get(name, value) for name, value in item.items()}
    if "status" in begun:
        begun["status"] = "in_progress"
    return {"type": "response.output_item.added", "output_index": index, "item": begun}


def _done(index: int, item: JsonObject) -> JsonObject:
    return {"type": "response.output_item.done", "output_index": index, "item": item}


def _items(reply: Reply, new_id: IdMaker) -> Iterator[tuple[JsonObject, list[JsonObject]]]:
    """Each output item with the events between its beginning and its end."""
    if reply.thinks:
        yield _reasoning(reply, new_id("rs_", 50))
    if reply.text:
        yield _message(reply.text_pieces, new_id("msg_", 50))
    for tool in reply.tools:
        yield _call(tool, new_id)


def _reasoning(reply: Reply, item_id: str) -> tuple[JsonObject, list[JsonObject]]:
    pieces = reply.thinking_pieces
    text = "".join(pieces)
    item: JsonObject = {"id": item_id, "type": "reasoning", "summary": []}
    if reply.signature:
        item["encrypted_content"] = reply.signature
    if not text:
        return item, []
    if reply.bare_events:
        item["content"] = [{"type": "reasoning_text", "text": text}]
        place: JsonObject = {"item_id": item_id, "content_index": 0}
        kind = "response.reasoning_text"
        return item, _text_events(kind, place, pieces)
    item["summary"] = [{"type": "summary_text", "text": text}]
    place = {"item_id": item_id, "summary_index": 0}
    kind = "response.reasoning_summary_part"
    empty = {"type": "summary_text", "text": ""}
    return item, [
        {"type": f"{kind}.added", **place, "part": empty},
        *_text_events("response.reasoning_summary_text", place, pieces),
        {"type": f"{kind}.done", **place, "part": item["summary"][0]},
    ]


def _message(pieces: tuple[str, ...], item_id: str) -> tuple[JsonObject, list[JsonObject]]:
    part = {"type": "output_text", "annotations": [], "logprobs": [], "text": "".join(pieces)}
    item = {"id": item_id, "type": "message", "status": "completed", "role": "assistant"}
    place: JsonObject = {"item_id": item_id, "content_index": 0}
    return item | {"content": [part]}, [
        {"type": "response.content_part.added", **place, "part": part | {"text": ""}},
        *_text_events("response.output_text", place, pieces, logprobs=[]),
        {"type": "response.content_part.done", **place, "part": part},
    ]


def _text_events(
    kind: str, place: JsonObject, pieces: tuple[str, ...], **more: Any
) -> list[JsonObject]:
    deltas = [{"type": f"{kind}.delta", **place, "delta": piece, **more} for piece in pieces]
    return [*deltas, {"type": f"{kind}.done", **place, "text": "".join(pieces), **more}]


def _call(tool: ToolCall, new_id: IdMaker) -> tuple[JsonObject, list[JsonObject]]:
    item_id = new_id("fc_", 50)
    arguments = "".join(tool.argument_pieces)
    item = {
        "id": item_id,
        "type": "function_call",
        "status": "completed",
        "call_id": tool.id or new_id("call_", 24),
        "name": tool.name,
        "arguments": arguments,
    }
    kind = "response.function_call_arguments"
    deltas: list[JsonObject] = [
        {"type": f"{kind}.delta", "item_id": item_id, "delta": piece}
        for piece in tool.argument_pieces
    ]
    ending = {"type": f"{kind}.done", "item_id": item_id, "name": tool.name}
    return item, [*deltas, ending | {"arguments": arguments}]
