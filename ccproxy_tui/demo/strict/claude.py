"""What Anthropic refuses in a request for a message."""

import re
from collections.abc import Iterator

from ccproxy_tui.demo.reading.turn import objects
from ccproxy_tui.demo.received import ReceivedRequest
from ccproxy_tui.demo.reply import JsonObject
from ccproxy_tui.demo.strict.base64_data import is_base64
from ccproxy_tui.demo.strict.words import words

_FIELDS = words(
    "model messages system tools tool_choice metadata max_tokens thinking context_management"
    " output_config stream stop_sequences temperature top_p top_k service_tier container"
    " mcp_servers cache_control speed"
)
_FIELDS_BY_BETA = {"context_management": "context-management-"}
_TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")
_ID = re.compile(r"[a-zA-Z0-9_-]+")
_IMAGES = ("image/jpeg", "image/png", "image/gif", "image/webp")
_LEAST_BUDGET = 1024
_MOST_CACHE_MARKS = 4


def faults(request: ReceivedRequest) -> Iterator[str]:
    """Everything that is wrong with the request."""
    body = request.json
    beta = request.headers.get("anthropic-beta", "")
    for name in body:
        needed = _FIELDS_BY_BETA.get(name, "")
        if name not in _FIELDS or (needed and needed not in beta):
            yield f"{name}: Extra inputs are not permitted"
    if "anthropic-version" not in request.headers:
        yield "anthropic-version: header is required"
    if not request.model:
        yield "model: Field required"
    if request.operation != "count" and not isinstance(body.get("max_tokens"), int):
        yield "max_tokens: Field required"
    if not 0 <= body.get("temperature", 1) <= 1:
        yield "temperature: Input should be between 0 and 1"
    yield from _tools(request)
    yield from _thinking(request)
    if _cache_marks(body) > _MOST_CACHE_MARKS:
        yield f"A maximum of {_MOST_CACHE_MARKS} blocks with cache_control may be provided."
    yield from _messages(request.messages)


def _tools(request: ReceivedRequest) -> Iterator[str]:
    given = request.json.get("tools")
    if given is not None and len(request.tools) != len(given):
        yield "tools: Tool names must be unique"
    for name, schema in request.tools.items():
        if not _TOOL_NAME.fullmatch(name):
            yield f"tools.{name}.name: String should match pattern '^{_TOOL_NAME.pattern}$'"
        if schema and schema.get("type") != "object":
            yield f"tools.{name}.input_schema.type: Input should be 'object'"
    choice = request.json.get("tool_choice") or {}
    if choice and (choice.get("name", next(iter(request.tools), None)) not in request.tools):
        yield f"tool_choice: tool {choice.get('name')!r} not found in provided tools"


def _thinking(request: ReceivedRequest) -> Iterator[str]:
    body = request.json
    thinking = body.get("thinking") or {}
    if thinking.get("type") not in {None, "enabled", "adaptive", "disabled"}:
        yield "thinking.type: Input should be 'enabled', 'adaptive' or 'disabled'"
    if thinking.get("type") == "enabled":
        budget = thinking.get("budget_tokens")
        if not isinstance(budget, int) or budget < _LEAST_BUDGET:
            yield f"thinking.enabled.budget_tokens: should be at least {_LEAST_BUDGET}"
        elif request.operation != "count" and budget >= body["max_tokens"]:
            yield "`max_tokens` must be greater than `thinking.budget_tokens`."
    if thinking.get("type") in {"enabled", "adaptive"}:
        if body.get("temperature", 1) != 1:
            yield "`temperature` may only be set to 1 when thinking is enabled."
        if (body.get("tool_choice") or {}).get("type") in {"any", "tool"}:
            yield "Thinking may not be enabled when tool_choice forces tool use."


def _cache_marks(body: JsonObject) -> int:
    blocks = [*objects(body.get("system")), *objects(body.get("tools"))]
    for message in objects(body.get("messages")):
        for block in objects(message.get("content")):
            blocks += [block, *objects(block.get("content"))]
    return sum("cache_control" in block for block in blocks)


def _messages(messages: list[JsonObject]) -> Iterator[str]:
    if not messages or messages[0].get("role") != "user":
        yield "messages: first message must use the user role"
    open_calls: set[str] = set()
    for at, message in enumerate(messages):
        role = message.get("role")
        if role not in {"user", "assistant", "system"}:
            yield f"messages.{at}.role: Input should be 'user' or 'assistant'"
        blocks = _blocks(message.get("content"))
        if not blocks:
            yield f"messages.{at}: content must be non-empty"
        for place, block in enumerate(blocks):
            yield from _block(block, f"messages.{at}.content.{place}")
        answered = {block["tool_use_id"] for block in blocks if block["type"] == "tool_result"}
        kinds = [block["type"] == "tool_result" for block in blocks]
        if kinds != sorted(kinds, reverse=True):
            yield f"messages.{at}: `tool_result` blocks must come first"
        if unknown := answered - open_calls:
            yield f"messages.{at}: unexpected `tool_use_id` in `tool_result`: {sorted(unknown)}"
        if role != "system" and (missing := open_calls - answered):
            yield f"messages.{at - 1}: `tool_use` without `tool_result` after: {sorted(missing)}"
        if role != "system":
            ids = [block["id"] for block in blocks if block["type"] == "tool_use"]
            open_calls = set(ids)
            if len(ids) != len(open_calls):
                yield f"messages.{at}: `tool_use` ids must be unique"
    if open_calls:
        yield f"messages: `tool_use` without `tool_result` after: {sorted(open_calls)}"


def _block(block: JsonObject, where: str) -> Iterator[str]:
    match block["type"]:
        case "text":
            if not str(block.get("text", "")).strip():
                yield f"{where}: text content blocks must contain non-whitespace text"
        case "thinking":
            if not block.get("signature"):
                yield f"{where}.thinking.signature: Field required"
        case "tool_use":
            if not isinstance(block.get("input"), dict):
                yield f"{where}.tool_use.input: Input should be a valid dictionary"
            if not _ID.fullmatch(block["id"]):
                yield f"{where}.tool_use.id: String should match pattern '^{_ID.pattern}$'"
            if not _TOOL_NAME.fullmatch(block["name"]):
                yield f"{where}.tool_use.name: String should match '^{_TOOL_NAME.pattern}$'"
        case "tool_result":
            for place, inner in enumerate(_blocks(block.get("content"))):
                yield from _block(inner, f"{where}.tool_result.content.{place}")
        case "image":
            source = block.get("source") or {}
            kind = source.get("type")
            known = source.get("media_type") in _IMAGES and is_base64(source.get("data"))
            if kind not in {"base64", "url", "file"} or (kind == "base64" and not known):
                yield f"{where}.image.source: not an image of a supported kind"
        case "input_text" | "output_text" | "image_url" | "":
            yield f"{where}: Input tag '{block['type']}' does not match any of the expected tags"


def _blocks(content: object) -> list[JsonObject]:
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content else []
    found = content if isinstance(content, list) else []
    return [
        block if isinstance(block, dict) and "type" in block else {"type": ""} for block in found
    ]
