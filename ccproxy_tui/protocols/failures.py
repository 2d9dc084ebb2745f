"""Errors of upstreams, read so that a client can act on them.

Vendors word the two errors that an agent can repair by itself, a prompt and an answer too long for
the model, in many ways. They are told apart here and said in one.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from time import time
from typing import Any, Final

import orjson

from ccproxy_tui.protocols.base import Failure
from ccproxy_tui.protocols.retry_hints import read_hint

CONTEXT_OVERFLOW: Final = "context_overflow"
OUTPUT_LIMIT: Final = "output_limit"
CANCELLED: Final = "cancelled"
"""A person has ended the call."""

_N: Final = r"(\d[\d,_]*)"
_SMALLEST_WINDOW: Final = 256
_LONGEST_TEXT: Final = 2000
_LONGEST_MESSAGE: Final = 10_000
_LONGEST_NAME: Final = 200
_NEVER_ABOUT_SIZE: Final = frozenset({401, 402, 403, 404, 408, 429, 503, 504, 529})
"""A limit of tokens a minute, say, reads much like a limit of the window."""
_VAGUE: Final = frozenset({500, 502})
"""Statuses that routers give to any error of the server behind them, whose own is in the body."""
_LIMITED: Final = frozenset({402, 403, 408, 409, 425, 429})
"""Errors of a caller's that pass by waiting, as all of a server's own do."""
_UNSUPPORTED: Final = frozenset({"unknown_parameter", "unsupported_parameter", "unsupported_value"})
"""OpenAI's codes for fields that a model does not take."""
_REQUEST_ID_HEADERS: Final = ("request-id", "x-request-id", "x-amzn-requestid")


def _pattern(*ways: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{way})" for way in ways), re.IGNORECASE | re.DOTALL)


_OVERFLOW: Final = _pattern(
    r"prompt is too long",
    r"context_length_exceeded|exceed_context_size|context_window_exceeded",
    r"maximum (?:context|prompt|sequence|input|model) length",
    r"exceed\w*\b.{0,60}\bcontext (?:length|window|size|limit)",
    r"context (?:length|window|size|limit)\b.{0,40}\b(?:exceed|overflow|reached|too (?:small|short))",
    r"input token count.{0,60}exceeds",
    r"(?:input|prompt|messages?)\b.{0,40}\btoo many tokens",
    r"(?:input|prompt|messages?) (?:text )?(?:is |are |was )?too long",
    r"prompt.{0,20}exceeds",
    r"input length.{0,40}(?:should be|exceed|longer)",
    r"reduce the length of (?:the|your) (?:messages|prompt|input)",
    r"(?:larger|longer) than the (?:\S+ ){0,2}context",
    r"(?:超过|超出|超长).{0,20}(?:上下文|长度|token)|(?:上下文|prompt|输入).{0,20}(?:超过|超出|超长)",
)
_LIMIT: Final = _pattern(
    rf"maximum (?:\w+ )?length\D{{0,20}}{_N}",
    rf"context (?:length|window|size|limit)\D{{0,20}}{_N}",
    rf"maximum (?:number of tokens|input tokens?)\D{{0,30}}{_N}",
    rf"input length should be \[\d+,\s*{_N}\]",
    rf"(?:limit|maximum)\D{{0,20}}{_N}",
)
_INPUT_PART: Final = _pattern(
    rf"{_N} (?:tokens )?(?:in|of|from) (?:the )?(?:input )?(?:messages|prompt|text input)",
    rf"{_N} input tokens",
)
_KNOWN_WORDING: Final = _pattern(rf"prompt is too long: {_N} tokens > {_N}")
_SUM: Final = _pattern(rf"{_N} \+ {_N} > {_N}")
_OUTPUT_PART: Final = _pattern(
    rf"{_N} (?:tokens )?(?:in|for|of) the (?:completion|output)",
    rf"max(?:_completion|_output)?_tokens\D{{0,60}}too large:? {_N}",
)
_OUTPUT_EXCESS: Final = _pattern(
    rf"max(?:_completion|_output)?_tokens:? {_N} > {_N}",
    rf"max(?:_completion|_output)?_tokens\D{{0,60}}too large:? {_N}\D{{0,120}}?(?:at most|maximum of|up to) {_N}",
)
_OUTPUT_LIMIT: Final = _pattern(
    rf"max(?:_completion|_output)?_tokens\b[^.]{{0,80}}?\[\s*\d+\s*,\s*{_N}\s*\]",
    rf"max(?:_completion|_output)?_tokens\b\D{{0,60}}(?:less than or equal to|<=|at most|not exceed|up to)\D{{0,3}}{_N}",
)


@dataclass(frozen=True, slots=True)
class Excess:
    """Tokens asked for and tokens allowed; 0 where the text does not say."""

    used: int = 0
    limit: int = 0
    prompt: int = 0
    """The prompt's share, where the limit is for prompt and answer together."""


def parse_overflow(text: str) -> Excess | None:
    """Read how far a prompt is beyond the model's window; None when the text says no such thing."""
    if not _OVERFLOW.search(text):
        return None
    if found := _SUM.search(text):
        prompt, _, window = (_number(group) for group in found.groups())
        return Excess(prompt, window) if prompt >= window else None
    if found := _KNOWN_WORDING.search(text):
        used, limit = (_number(group) for group in found.groups())
        return Excess(used, limit)
    limit = _first(_LIMIT, text)
    used = _first(_INPUT_PART, text)
    sizes = [size for size in _numbers(text) if size >= _SMALLEST_WINDOW]
    if not limit and len(sizes) > 1:
        limit = min(sizes)
    if not used and sizes and max(sizes) > limit:
        used = max(sizes)
    if used and limit and used <= limit:
        return None
    return Excess(used, limit)


def parse_output_limit(text: str) -> Excess | None:
    """Read how far `max_tokens` is beyond what the model, or its window after the prompt, allows."""
    if found := _OUTPUT_EXCESS.search(text):
        used, limit = (_number(group) for group in found.groups() if group)
        return Excess(used, limit)
    if found := _SUM.search(text):
        prompt, asked, window = (_number(group) for group in found.groups())
        return Excess(asked, window, prompt) if prompt < window else None
    if limit := _first(_OUTPUT_LIMIT, text):
        return Excess(limit + 1, limit)
    if not _OVERFLOW.search(text):
        return None
    window, prompt = _first(_LIMIT, text), _first(_INPUT_PART, text)
    if not prompt or prompt >= window:
        return None
    asked = _first(_OUTPUT_PART, text) or window - prompt + 1
    return Excess(asked, window, prompt)


def overflow_message(text: str) -> str:
    """Word a context overflow as agents know it, to the letter; `text` is the upstream's wording."""
    excess = parse_overflow(text)
    if excess and excess.used and excess.limit:
        return f"prompt is too long: {excess.used} tokens > {excess.limit} maximum"
    if text.startswith("prompt is too long"):
        return text
    return f"prompt is too long ({text})" if text else "prompt is too long"


def output_limit_message(text: str) -> str:
    """Word a too large `max_tokens` as agents know it, to the letter, so that they ask for less."""
    excess = parse_output_limit(text)
    if excess is None:
        return text
    if excess.prompt:
        return (
            "input length and `max_tokens` exceed context limit: "
            f"{excess.prompt} + {excess.used} > {excess.limit}, "
            "decrease input length or `max_tokens` and try again"
        )
    return (
        f"max_tokens: {excess.used} > {excess.limit}, "
        "which is the maximum allowed number of output tokens for this model"
    )


def read_failure(status: int, body: bytes, headers: Mapping[str, str]) -> Failure:
    """Read an upstream's error reply, whatever its shape."""
    try:
        content: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        content = None
    failure = _read_failure(status, body, headers, content)
    hint = _read_hint(failure, headers, content)
    return failure if hint is None else replace(failure, retry_after=hint)


def _read_hint(failure: Failure, headers: Mapping[str, str], content: Any) -> float | None:
    said = failure.message if content is None else content
    if failure.status in _LIMITED:
        return read_hint(headers, said, time())
    if failure.status < 500:
        return None
    # the account's limits, which many vendors tell with every reply, are not what holds it up
    plain = {name: value for name, value in headers.items() if "ratelimit" not in name.lower()}
    return read_hint(plain, said, time())


def _read_failure(status: int, body: bytes, headers: Mapping[str, str], content: Any) -> Failure:
    request_id = next((headers[name] for name in _REQUEST_ID_HEADERS if name in headers), "")
    if content is None:
        text = _plain(status, body)
        return classified(Failure(status, text, request_id=request_id))
    failure = read_error(content, status)
    status = failure.status if status < 400 or status in _VAGUE else status
    own_id = content.get("request_id") if isinstance(content, dict) else None
    return classified(
        Failure(status, failure.message, failure.kind, request_id=str(own_id or request_id))
    )


def read_error(content: Any, status: int) -> Failure:
    """Read the parsed body of an error, in a reply or in the middle of a stream.

    The status is the error's own where it holds one.
    """
    if isinstance(content, list) and content:
        content = content[0]
    if not isinstance(content, dict):
        return classified(Failure(status, str(content)[:_LONGEST_TEXT]))
    error = content.get("error", content)
    if not isinstance(error, dict):
        return classified(Failure(status, _worded(error) or f"HTTP status {status}"))
    code = error.get("code")
    if isinstance(code, str) and code.isdecimal() and len(code) == 3:
        code = int(code)
    own_status = code if isinstance(code, int) else error.get("status")
    if isinstance(own_status, int) and 400 <= own_status <= 599:
        status = own_status
    message = _worded(error.get("message")) or _worded(content.get("message"))
    message = message or _worded(content.get("detail")) or _worded(error)
    message = message or f"the upstream answered with status {status} and no text"
    used, limit = error.get("n_prompt_tokens"), error.get("n_ctx")
    if isinstance(used, int) and isinstance(limit, int):
        message = f"prompt is too long: {used} tokens > {limit} maximum"
    raw = (
        (error.get("metadata") or {}).get("raw") if isinstance(error.get("metadata"), dict) else ""
    )
    if raw and isinstance(raw, str) and raw not in message:
        message = f"{message}: {raw[:_LONGEST_TEXT]}"
    words = (error.get("type"), code, error.get("status"))
    kind = next((word for word in words if word and isinstance(word, str)), "")
    unsaid = [one for one in dict.fromkeys(_unsaid(error, code)) if one not in message]
    message += f" ({', '.join(unsaid)})" if unsaid else ""
    if kind == "error" or (isinstance(code, str) and "context" in code):
        kind = code or ""
    return classified(Failure(status, message, str(kind)))


def classified(failure: Failure) -> Failure:
    """Give kind and wording to the errors that an agent can repair."""
    if failure.status in _NEVER_ABOUT_SIZE:
        return failure
    said = f"{failure.kind} {failure.message}"
    if parse_output_limit(failure.message) is not None:
        text = output_limit_message(failure.message)
        return replace(failure, status=400, message=text, kind=OUTPUT_LIMIT)
    if parse_overflow(said) is not None:
        text = overflow_message(failure.message)
        return replace(failure, status=400, message=text, kind=CONTEXT_OVERFLOW)
    return failure


def _unsaid(error: Mapping[str, Any], code: Any) -> Iterator[str]:
    """Give what vendors leave out of the message: the field that is wrong, the quota that is spent.

    Gemini names the quota in a `google.rpc.QuotaFailure`, as in
    `GenerateRequestsPerDayPerProjectPerModel-FreeTier`.
    """
    param = error.get("param")
    if isinstance(code, str) and code in _UNSUPPORTED and isinstance(param, str) and param:
        yield param
    details = error.get("details")
    for detail in details if isinstance(details, list) else ():
        violations = detail.get("violations") if isinstance(detail, dict) else None
        for violation in violations if isinstance(violations, list) else ():
            quota = violation.get("quotaId") if isinstance(violation, dict) else None
            if isinstance(quota, str) and quota:
                yield quota[:_LONGEST_NAME]


def _worded(value: Any) -> str:
    if isinstance(value, str):
        return value[:_LONGEST_MESSAGE]
    if value is None or value == {} or value == []:
        return ""
    return orjson.dumps(value, default=str).decode()[:_LONGEST_TEXT]


def _plain(status: int, body: bytes) -> str:
    text = body[: 4 * _LONGEST_TEXT].decode("utf-8", "replace").strip()
    if text[:1] == "<":
        title = re.search(r"<title[^>]*>(.*?)</title>", text, re.IGNORECASE | re.DOTALL)
        named = f": {title[1].strip()[:200]}" if title else ""
        return f"the upstream answered with a web page and status {status}{named}"
    return text[:_LONGEST_TEXT] or f"the upstream answered with status {status} and no text"


def _number(text: str) -> int:
    return int(text.replace(",", "").replace("_", ""))


def _numbers(text: str) -> list[int]:
    return [_number(found) for found in re.findall(r"\d[\d,_]*", text)]


def _first(pattern: re.Pattern[str], text: str) -> int:
    found = pattern.search(text)
    return next((_number(group) for group in found.groups() if group), 0) if found else 0
