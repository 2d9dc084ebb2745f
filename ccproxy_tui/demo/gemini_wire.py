"""Writes a scripted reply as the Gemini API would."""

import base64
import binascii
from collections.abc import Iterable, Sequence

import orjson

from ccproxy_tui.demo.embedding import vector
from ccproxy_tui.demo.ids import IdMaker
from ccproxy_tui.demo.reading import gemini as reading
from ccproxy_tui.demo.reading.turn import fields, join, objects
from ccproxy_tui.demo.received import ReceivedRequest
from ccproxy_tui.demo.reply import JsonObject, Reply, ToolCall
from ccproxy_tui.demo.usage import usage_of

_ERROR_KINDS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
_DATA = b"data: "


def frame(payload: JsonObject) -> bytes:
    """One server-sent event; this protocol does not name its events and ends lines with CR LF."""
    return _DATA + orjson.dumps(payload) + b"\r\n\r\n"


def as_array(frames: Iterable[bytes]) -> list[bytes]:
    """The same events as the elements of one JSON array, for streams without `alt=sse`."""
    elements = [frame[len(_DATA) :].strip() for frame in frames if frame.startswith(_DATA)]
    return [
        *((b",\r\n" if at else b"[") + element for at, element in enumerate(elements)),
        b"]" if elements else b"[]",
    ]


def error_body(status: int, message: str, kind: str = "") -> JsonObject:
    """The vendor's error envelope."""
    fallback = "INVALID_ARGUMENT" if status < 500 else "INTERNAL"
    kind = kind or _ERROR_KINDS.get(status, fallback)
    return {"error": {"code": status, "message": message, "status": kind}}


def error_frame(reply: Reply) -> bytes:
    """An error that comes in the middle of a stream, with the status that belongs to its kind."""
    statuses = (status for status, kind in _ERROR_KINDS.items() if kind == reply.error_kind)
    return frame(error_body(next(statuses, 500), reply.error_message, reply.error_kind))


def model_list(models: Sequence[str]) -> JsonObject:
    """The answer of `GET /v1beta/models`."""
    return {"models": [model_card(one) for one in models]}


def model_card(model: str) -> JsonObject:
    """The answer of `GET /v1beta/models/{model}`."""
    return {
        "name": f"models/{model}",
        "version": "001",
        "displayName": model,
        "description": "A scripted model.",
        "inputTokenLimit": 1_048_576,
        "outputTokenLimit": 65_536,
        "supportedGenerationMethods": ["generateContent", "countTokens", "embedContent"],
        "temperature": 1,
        "topP": 0.95,
        "topK": 64,
        "maxTemperature": 2,
        "thinking": True,
    }


def token_count(tokens: int) -> JsonObject:
    """The answer of `:countTokens`."""
    return {
        "totalTokens": tokens,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": tokens}],
    }


def embeddings(request: ReceivedRequest) -> JsonObject:
    """The answer of `:embedContent` or `:batchEmbedContents`."""
    if request.path.endswith(":batchEmbedContents"):
        return {"embeddings": [_embedding(one) for one in objects(request.json.get("requests"))]}
    return {"embedding": _embedding(request.json)}


def whole(reply: Reply, request: ReceivedRequest, new_id: IdMaker) -> JsonObject:
    """The reply to `:generateContent`: what a stream gives, with each kind of text in one part."""
    parts: list[JsonObject] = []
    if thinking := "".join(reply.thinking_pieces):
        parts.append({"text": thinking, "thought": True})
    if text := "".join(reply.text_pieces):
        parts.append({"text": text})
    calls = _calls(reply)
    _sign(reply, [part for part in parts if "thought" in part], calls, parts)
    return _chunk(reply, request, _ids(request, new_id), [*parts, *calls], ends=True)


def frames(reply: Reply, request: ReceivedRequest, new_id: IdMaker) -> list[bytes]:
    """Every event of the stream, in order; the last one with content tells why it ends."""
    thoughts: list[JsonObject] = [
        {"text": piece, "thought": True} for piece in reply.thinking_pieces
    ]
    texts: list[JsonObject] = [{"text": piece} for piece in reply.text_pieces]
    calls = _calls(reply)
    _sign(reply, thoughts, calls, texts)
    chunks = [[part] for part in (*thoughts, *texts)]
    chunks += [calls] if calls and reply.interleave_tools else [[call] for call in calls]
    last = len(chunks) - 1
    ids = _ids(request, new_id)
    made = [
        frame(_chunk(reply, request, ids, parts, ends=at == last))
        for at, parts in enumerate(chunks)
    ]
    if not chunks and not reply.no_finish:
        made = [frame(_chunk(reply, request, ids, [], ends=True))]
    if reply.ping:
        made.insert(1, frame(_chunk(reply, request, ids, [{"text": ""}], ends=False)))
    return made


def _ids(request: ReceivedRequest, new_id: IdMaker) -> JsonObject:
    return {"modelVersion": request.model, "responseId": new_id("")}


def _calls(reply: Reply) -> list[JsonObject]:
    return [_call(tool) for tool in reply.tools if tool.argument_object is not None]


def _call(tool: ToolCall) -> JsonObject:
    """A call; it has an id only when the script gives it one, as not every model does."""
    call: JsonObject = {"name": tool.name, "args": tool.argument_object}
    return {"functionCall": {"id": tool.id, **call} if tool.id else call}


def _sign(
    reply: Reply, thoughts: list[JsonObject], calls: list[JsonObject], texts: list[JsonObject]
) -> None:
    """Put the signature where the vendor does: on the first call, else on the end of a text."""
    if reply.thinks and reply.signature and (carriers := calls[:1] or (thoughts or texts)[-1:]):
        carriers[0]["thoughtSignature"] = _as_base64(reply.signature)


def _as_base64(signature: str) -> str:
    try:
        base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        return base64.b64encode(signature.encode()).decode()
    return signature


def _chunk(
    reply: Reply, request: ReceivedRequest, ids: JsonObject, parts: list[JsonObject], *, ends: bool
) -> JsonObject:
    content: JsonObject = {"parts": parts, "role": "model"} if parts else {"role": "model"}
    candidate: JsonObject = {"content": content}
    if ends and not reply.no_finish:
        broken = [tool for tool in reply.tools if tool.argument_object is None]
        candidate["finishReason"] = reply.stop or ("MALFORMED_FUNCTION_CALL" if broken else "STOP")
        if broken:
            candidate["finishMessage"] = f"Malformed function call: {broken[0].arguments}"
    candidate["index"] = 0
    chunk: JsonObject = {"candidates": [candidate]}
    if not reply.no_usage:
        chunk["usageMetadata"] = _usage(reply, request, ends=ends)
    return chunk | ids


def _usage(reply: Reply, request: ReceivedRequest, *, ends: bool) -> JsonObject:
    """Tokens so far: all of the prompt's, and of the output's a beginning until the end."""
    usage = usage_of(reply, request)
    prompt = usage.input + usage.cached + usage.cache_written
    thinking = usage.thinking if ends else min(1, usage.thinking)
    output = usage.output - usage.thinking if ends else min(1, usage.output - usage.thinking)
    told: JsonObject = {
        "promptTokenCount": prompt,
        "candidatesTokenCount": output,
        "totalTokenCount": prompt + output + thinking,
    }
    if usage.cached:
        told["cachedContentTokenCount"] = usage.cached
    if thinking:
        told["thoughtsTokenCount"] = thinking
    return told


def _embedding(asked: JsonObject) -> JsonObject:
    parts = objects(fields(asked.get("content")).get("parts"))
    size = reading.at(asked, "outputDimensionality")
    return {"values": vector(join(part.get("text") for part in parts), size)}
