"""What the real vendors refuse in a request, in words like theirs."""

import re
from collections.abc import Iterator

import orjson

from ccproxy_tui.demo.received import ReceivedRequest
from ccproxy_tui.demo.reply import JsonObject

_CLAUDE_FIELDS = frozenset(
    [
        "model",
        "messages",
        "system",
        "tools",
        "tool_choice",
        "metadata",
        "max_tokens",
        "thinking",
        "context_management",
        "output_config",
        "stream",
        "stop_sequences",
        "temperature",
        "top_p",
        "top_k",
        "service_tier",
        "container",
        "mcp_servers",
        "cache_control",
        "speed",
    ]
)
_FIELDS_BY_BETA = {"context_management": "context-management-"}
_OPENAI_FIELDS = frozenset(
    [
        "model",
        "messages",
        "tools",
        "tool_choice",
        "parallel_tool_calls",
        "max_tokens",
        "max_completion_tokens",
        "stream",
        "stream_options",
        "stop",
        "temperature",
        "top_p",
        "n",
        "seed",
        "user",
        "response_format",
        "reasoning_effort",
        "logprobs",
        "top_logprobs",
        "logit_bias",
        "presence_penalty",
        "frequency_penalty",
        "metadata",
        "store",
        "service_tier",
        "verbosity",
        "modalities",
        "prompt_cache_key",
        "safety_identifier",
    ]
)
_OPENAI_NEEDS = {
    "tool_choice": "tools",
    "parallel_tool_calls": "tools",
    "stream_options": "stream",
}
_CLAUDE_TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")
_OPENAI_TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_OPENAI_CONTENT = {
    "user": {"text", "image_url", "input_audio", "file"},
    "assistant": {"text", "refusal"},
    "tool": {"text"},
    "system": {"text"},
    "developer": {"text"},
}
_OPENAI_STOPS = 4


def find_fault(request: ReceivedRequest) -> str:
    """Say the first thing that is wrong with the request; empty when nothing is."""
    faults = _claude_faults if request.dialect == "claude" else _openai_faults
    return next(faults(request), "")


def _claude_faults(request: ReceivedRequest) -> Iterator[str]:
    body = request.json
    beta = request.headers.get("anthropic-beta", "")
    for name in body:
        needed = _FIELDS_BY_BETA.get(name, "")
        if name not in _CLAUDE_FIELDS or (needed and needed not in beta):
            yield f"{name}: Extra inputs are not permitted"
    if "anthropic-version" not in request.headers:
        yield "anthropic-version: header is required"
    if not request.model:
        yield "model: Field required"
    if not request.path.endswith("/count_tokens") and not isinstance(body.get("max_tokens"), int):
        yield "max_tokens: Field required"
    if not 0 <= body.get("temperature", 1) <= 1:
        yield "temperature: Input should be between 0 and 1"
    yield from _tool_faults(request, _CLAUDE_TOOL_NAME)
    choice = body.get("tool_choice") or {}
    if choice and (choice.get("name", next(iter(request.tools), None)) not in request.tools):
        yield f"tool_choice: tool {choice.get('name')!r} not found in provided tools"
    yield from _claude_message_faults(request.messages)


def _claude_message_faults(messages: list[JsonObject]) -> Iterator[str]:
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
        yield from _block_faults(at, blocks)
        answered = {block["tool_use_id"] for block in blocks if block["type"] == "tool_result"}
        if unknown := answered - open_calls:
            yield f"messages.{at}: unexpected `tool_use_id` in `tool_result`: {sorted(unknown)}"
        if role != "system" and (missing := open_calls - answered):
            yield f"messages.{at - 1}: `tool_use` without `tool_result` after: {sorted(missing)}"
        if role != "system":
            open_calls = {block["id"] for block in blocks if block["type"] == "tool_use"}
    if open_calls:
        yield f"messages: `tool_use` without `tool_result` after: {sorted(open_calls)}"


def _block_faults(at: int, blocks: list[JsonObject]) -> Iterator[str]:
    for place, block in enumerate(blocks):
        where = f"messages.{at}.content.{place}"
        if block["type"] == "text" and not str(block.get("text", "")).strip():
            yield f"{where}: text content blocks must contain non-whitespace text"
        if block["type"] == "thinking" and not block.get("signature"):
            yield f"{where}.thinking.signature: Field required"
        if block["type"] == "tool_use" and not isinstance(block.get("input"), dict):
            yield f"{where}.tool_use.input: Input should be a valid dictionary"


def _blocks(content: object) -> list[JsonObject]:
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content else []
    found = content if isinstance(content, list) else []
    return [
        block if isinstance(block, dict) and "type" in block else {"type": ""} for block in found
    ]


def _tool_faults(request: ReceivedRequest, allowed: re.Pattern[str]) -> Iterator[str]:
    given = request.json.get("tools")
    if given is None:
        return
    if len(request.tools) != len(given):
        yield "tools: Tool names must be unique"
    if not given and request.dialect == "openai":
        yield "Invalid 'tools': empty array. Expected an array with minimum length 1"
    for name, schema in request.tools.items():
        if not allowed.fullmatch(name):
            yield f"tools.{name}.name: String should match pattern '^{allowed.pattern}$'"
        if schema and schema.get("type") != "object":
            yield f"tools.{name}.input_schema.type: Input should be 'object'"


def _openai_faults(request: ReceivedRequest) -> Iterator[str]:
    body = request.json
    for name in body:
        if name not in _OPENAI_FIELDS:
            yield f"Unrecognized request argument supplied: {name}"
    for name, needed in _OPENAI_NEEDS.items():
        if body.get(name) is not None and not body.get(needed):
            yield f"Invalid value for '{name}': only allowed when '{needed}' is specified."
    if not request.model:
        yield "you must provide a model parameter"
    stop = body.get("stop")
    if isinstance(stop, list) and len(stop) > _OPENAI_STOPS:
        yield f"Invalid 'stop': array too long. Expected at most {_OPENAI_STOPS}."
    if not 0 <= body.get("temperature", 1) <= 2:
        yield "Invalid 'temperature': expected a value between 0 and 2."
    for tool in body.get("tools") or ():
        if tool.get("type") != "function" or "function" not in tool:
            yield "Missing required parameter: 'tools[].function'."
    yield from _tool_faults(request, _OPENAI_TOOL_NAME)
    yield from _openai_message_faults(request.messages)


def _openai_message_faults(messages: list[JsonObject]) -> Iterator[str]:
    if not messages:
        yield "Invalid 'messages': empty array. Expected an array with minimum length 1"
    open_calls: set[str] = set()
    for at, message in enumerate(messages):
        role = str(message.get("role"))
        if role not in _OPENAI_CONTENT:
            yield f"Invalid value: '{role}'. Supported values are {sorted(_OPENAI_CONTENT)}."
            return
        if role == "tool":
            if message.get("tool_call_id") not in open_calls:
                yield f"messages[{at}]: 'tool' must answer a preceding message with 'tool_calls'."
            open_calls.discard(str(message.get("tool_call_id")))
        elif open_calls:
            yield f"messages[{at}]: 'tool_calls' without tool messages for {sorted(open_calls)}"
        yield from _openai_content_faults(at, role, message)
        open_calls |= {call["id"] for call in message.get("tool_calls") or ()}
    if open_calls:
        yield f"messages: 'tool_calls' without tool messages for {sorted(open_calls)}"


def _openai_content_faults(at: int, role: str, message: JsonObject) -> Iterator[str]:
    content = message.get("content")
    calls = message.get("tool_calls")
    if content is None and not (role == "assistant" and calls):
        yield f"Invalid value for 'messages[{at}].content': expected a string, got null."
    for part in content if isinstance(content, list) else ():
        kind = part.get("type") if isinstance(part, dict) else None
        if kind not in _OPENAI_CONTENT[role]:
            yield f"Invalid value: '{kind}' in messages[{at}] of role '{role}'."
    if calls == []:
        yield f"Invalid 'messages[{at}].tool_calls': empty array."
    for call in calls or ():
        function = call.get("function") or {}
        try:
            arguments = orjson.loads(function.get("arguments") or "")
        except (TypeError, ValueError):
            arguments = None
        if call.get("type") != "function" or not isinstance(arguments, dict):
            yield f"Invalid 'messages[{at}].tool_calls': expected a function with JSON arguments."
