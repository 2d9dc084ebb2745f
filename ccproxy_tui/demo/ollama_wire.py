"""Writes a scripted reply as Ollama would, for `/api/chat` and `/api/generate`."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

import orjson

from ccproxy_tui.demo.embedding import texts_of, vector
from ccproxy_tui.demo.ids import IdMaker
from ccproxy_tui.demo.received import ReceivedRequest
from ccproxy_tui.demo.reply import JsonObject, Reply
from ccproxy_tui.demo.usage import count_input, usage_of

VERSION = "0.33.0"
_SIZE = 98_000_000
_DETAILS = {
    "parent_model": "",
    "format": "gguf",
    "family": "llama",
    "families": ["llama"],
    "parameter_size": "134.52M",
    "quantization_level": "Q4_1",
}
_NANOSECONDS = {"total_duration": 123_000_000, "load_duration": 1_000_000}


def frame(payload: JsonObject) -> bytes:
    """One line of the stream."""
    return orjson.dumps(payload) + b"\n"


def error_body(status: int, message: str, kind: str = "") -> JsonObject:
    """An error, which is a text only."""
    return {"error": message}


def error_frame(reply: Reply) -> bytes:
    """An error that comes in the middle of a stream."""
    return frame({"error": reply.error_message})


def model_list(models: Sequence[str]) -> JsonObject:
    """The answer of `GET /api/tags`."""
    return {
        "models": [
            {
                "name": one,
                "model": one,
                "modified_at": "2026-01-01T00:00:00Z",
                "size": _SIZE,
                "digest": hashlib.sha256(one.encode()).hexdigest(),
                "details": _DETAILS,
            }
            for one in models
        ]
    }


def model_card(model: str) -> JsonObject:
    """The answer of `POST /api/show`."""
    return {
        "modelfile": f"FROM {model}",
        "parameters": "",
        "template": "{{ .Prompt }}",
        "details": _DETAILS,
        "model_info": {
            "general.architecture": "llama",
            "general.parameter_count": 134_515_008,
            "llama.context_length": 131_072,
            "llama.embedding_length": 576,
        },
        "capabilities": ["completion", "tools", "thinking", "vision"],
        "modified_at": "2026-01-01T00:00:00Z",
    }


def version() -> JsonObject:
    """The answer of `GET /api/version`."""
    return {"version": VERSION}


def embeddings(request: ReceivedRequest) -> JsonObject:
    """The answer of `POST /api/embed`, or of the older `/api/embeddings`."""
    body = request.json
    if request.path.endswith("/embeddings"):
        return {"embedding": vector(str(body.get("prompt", "")))}
    vectors = [vector(text, body.get("dimensions")) for text in texts_of(body.get("input"))]
    counts = {"prompt_eval_count": count_input(request)}
    return {"model": request.model, "embeddings": vectors, **_NANOSECONDS, **counts}


def whole(reply: Reply, request: ReceivedRequest, new_id: IdMaker) -> JsonObject:
    """The reply to a request with `stream: false`."""
    text, calls = _text_pieces(reply), _calls(reply)
    said = _said(request, "".join(text), "".join(reply.thinking_pieces), calls)
    return _head(request) | said | _ending(reply, request)


def frames(reply: Reply, request: ReceivedRequest, new_id: IdMaker) -> list[bytes]:
    """Every line of the stream, in order; all tool calls are in one of them."""
    head = _head(request)
    lines = [_said(request, thinking=piece) for piece in reply.thinking_pieces]
    lines += [_said(request, piece) for piece in _text_pieces(reply)]
    if calls := _calls(reply):
        lines.append(_said(request, calls=calls))
    made = [frame(head | line | {"done": False}) for line in lines]
    if reply.ping:
        made.insert(1, frame(head | _said(request) | {"done": False}))
    if not reply.no_finish:
        made.append(frame(head | _said(request) | _ending(reply, request)))
    return made


def _head(request: ReceivedRequest) -> JsonObject:
    now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    return {"model": request.model, "created_at": now}


def _said(
    request: ReceivedRequest, text: str = "", thinking: str = "", calls: Sequence[JsonObject] = ()
) -> JsonObject:
    more: JsonObject = {"thinking": thinking} if thinking else {}
    if request.path.endswith("/generate"):
        return {"response": text} | more
    if calls:
        more["tool_calls"] = list(calls)
    return {"message": {"role": "assistant", "content": text} | more}


def _text_pieces(reply: Reply) -> tuple[str, ...]:
    """The text, and calls that could not be read: Ollama takes those for text as well."""
    broken = (tool.arguments for tool in reply.tools if tool.argument_object is None)
    return (*reply.text_pieces, *(str(one) for one in broken))


def _calls(reply: Reply) -> list[JsonObject]:
    """The calls, which have an id only when the script gives them one."""
    made: list[JsonObject] = []
    for index, tool in enumerate(reply.tools):
        if (arguments := tool.argument_object) is not None:
            function = {"index": index, "name": tool.name, "arguments": arguments}
            made.append(
                {"id": tool.id, "function": function} if tool.id else {"function": function}
            )
    return made


def _ending(reply: Reply, request: ReceivedRequest) -> JsonObject:
    ending: JsonObject = {"done": True, "done_reason": reply.stop or "stop"}
    if reply.no_usage:
        return ending
    usage = usage_of(reply, request)
    return (
        ending
        | _NANOSECONDS
        | {
            "prompt_eval_count": usage.input + usage.cached + usage.cache_written,
            "prompt_eval_duration": 20_000_000,
            "eval_count": usage.output,
            "eval_duration": 100_000_000,
        }
    )
