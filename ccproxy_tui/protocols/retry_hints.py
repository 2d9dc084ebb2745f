"""When to come back, by the upstream's own word: in headers, in the body's fields, or in a sentence.

The first that says something counts, the plainest first. Nothing here raises: a hint that cannot be
understood is none.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

_LONGEST: Final = 32 * 86_400.0
"""Seconds; quotas of a month are the longest there are, and what is beyond that is a mistake."""
_MILLISECONDS: Final = 1e11
"""A number from here on is a time in milliseconds since 1970."""
_SECONDS: Final = 1e9
"""A number from here on is a time in seconds since 1970; a lower one is a wait."""
_LONGEST_TEXT: Final = 10_000

_NUMBER: Final = r"[0-9]{1,18}(?:\.[0-9]{1,18})?"
_UNITS: Final = {
    "ns": 1e-9,
    "us": 1e-6,
    "µs": 1e-6,
    "ms": 0.001,
    "milliseconds": 0.001,
    "millisecond": 0.001,
    "s": 1.0,
    "secs": 1.0,
    "sec": 1.0,
    "seconds": 1.0,
    "second": 1.0,
    "m": 60.0,
    "mins": 60.0,
    "min": 60.0,
    "minutes": 60.0,
    "minute": 60.0,
    "h": 3600.0,
    "hours": 3600.0,
    "hour": 3600.0,
    "d": 86_400.0,
    "days": 86_400.0,
    "day": 86_400.0,
}
_UNIT: Final = "|".join(sorted(_UNITS, key=len, reverse=True))
_STEP: Final = re.compile(rf"({_NUMBER}) ?({_UNIT})(?![a-z])", re.IGNORECASE)
_PLAIN: Final = re.compile(_NUMBER)
_GO_DURATION: Final = re.compile(rf"(?:{_NUMBER}(?:ns|us|µs|ms|s|m|h|d))+")
_GO_STEP: Final = re.compile(rf"({_NUMBER})(ns|us|µs|ms|s|m|h|d)")
_SENTENCE: Final = re.compile(
    rf"(?:try(?:ing)? again|retry(?:ing)?|wait)(?: your request)?(?: in| after| for)?(?: about)? "
    rf"({_NUMBER} ?(?:{_UNIT})(?:,? ?(?:and )?{_NUMBER} ?(?:{_UNIT})){{0,4}})(?![a-z])",
    re.IGNORECASE,
)
_ANTHROPIC: Final = re.compile(r"anthropic-ratelimit-(?P<what>.+)-reset")
_OPENAI: Final = re.compile(r"x-ratelimit-reset(?P<what>-.+)?")


def read_hint(headers: Mapping[str, str], body: Any, now: float) -> float | None:
    """Give the seconds to wait, None when the upstream does not say or what it says is no wait.

    `body` is the parsed body, or a mere message; `now` is in seconds since 1970. Limits of requests
    and of tokens are the account's own, so that they explain a 429 but not a server's failure;
    leave such headers out where that matters.
    """
    said = {name.lower(): str(value).strip() for name, value in headers.items()}
    return next(
        (wait for wait in _hints(said, body, now) if wait is not None and 0 <= wait <= _LONGEST),
        None,
    )


def _hints(headers: Mapping[str, str], body: Any, now: float) -> Iterator[float | None]:
    error = _error(body)
    yield _retry_after(headers, now)
    yield _delay(error)
    metadata = error.get("metadata")
    inner = metadata.get("headers") if isinstance(metadata, dict) else None
    if isinstance(inner, dict):
        # OpenRouter gives its headers in the body: openrouter.ai/docs/api/reference/limits
        said = {str(name).lower(): str(value).strip() for name, value in inner.items()}
        yield _retry_after(said, now)
        yield max(_spent(said, now), default=None)
    yield max(_spent(headers, now), default=None)
    yield _resets_in(error)
    yield _sentence(body if isinstance(body, str) else error.get("message"))
    if isinstance(metadata, dict):
        yield _sentence(metadata.get("raw"))
    yield min(_left(headers, now), default=None)


def _retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Read `retry-after`, seconds or a date (RFC 9110, 10.2.3).

    `retry-after-ms` comes before it, as in the vendors' own SDKs (openai-python, `_base_client.py`).
    """
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    given = headers.get("retry-after", "")
    seconds = _number(given)
    if seconds is not None:
        return seconds
    return _until_http_date(given, now)


def _delay(error: Mapping[str, Any]) -> float | None:
    """Read `retryDelay` of a `google.rpc.RetryInfo`, a protobuf duration such as `34.07s`."""
    for detail in _listed(error.get("details")):
        if isinstance(detail, dict) and (found := _duration(detail.get("retryDelay"))) is not None:
            return found
    return None


def _resets_in(error: Mapping[str, Any]) -> float | None:
    """Read `resets_in_seconds` of `usage_limit_reached`, OpenAI's word for a spent subscription."""
    given = error.get("resets_in_seconds")
    return _number(str(given)) if isinstance(given, int | float) else None


def _spent(headers: Mapping[str, str], now: float) -> Iterator[float]:
    """Give the waits for all limits that are used up, or may be.

    Anthropic's are dates (RFC 3339); those of subscriptions are seconds since 1970 and have a status
    in place of a remainder: platform.claude.com/docs/en/api/rate-limits. OpenAI's are durations as Go
    writes them: developers.openai.com/api/docs/guides/rate-limits. Others write plain seconds there,
    or a time.
    """
    for name, value in headers.items():
        if found := _ANTHROPIC.fullmatch(name):
            stem = f"anthropic-ratelimit-{found['what']}"
            if found["what"].startswith("unified"):
                counts = headers.get(f"{stem}-status") == "rejected"
            else:
                counts = headers.get(f"{stem}-remaining", "0") == "0"
            wait = _until_date(value, now)
        elif found := _OPENAI.fullmatch(name):
            counts = headers.get(f"x-ratelimit-remaining{found['what'] or ''}", "0") == "0"
            wait = _until(value, now)
        else:
            continue
        if counts and wait is not None:
            yield wait


def _left(headers: Mapping[str, str], now: float) -> Iterator[float]:
    """Give the waits for limits that have something left, though less than the request needed."""
    for name, value in headers.items():
        found = _OPENAI.fullmatch(name)
        if found and headers.get(f"x-ratelimit-remaining{found['what'] or ''}", "0") != "0":
            wait = _until(value, now)
            if wait is not None:
                yield wait


def _sentence(text: Any) -> float | None:
    """Read a sentence such as "Please try again in 7m12.5s" or "Please retry after 27 seconds"."""
    if not isinstance(text, str):
        return None
    found = _SENTENCE.search(text[:_LONGEST_TEXT])
    return _sum(_STEP.findall(found[1])) if found else None


def _until(value: str, now: float) -> float | None:
    """Read a duration, or a number that is a wait or a time, by its size."""
    number = _number(value)
    if number is None:
        return _duration(value)
    if number >= _MILLISECONDS:
        return _ahead(number / 1000 - now)
    return _ahead(number - now) if number >= _SECONDS else number


def _until_date(value: str, now: float) -> float | None:
    if (number := _number(value)) is not None:
        return _ahead(number - now)
    try:
        date = datetime.fromisoformat(value)
        return _ahead(_stamp(date) - now)
    except (ValueError, OverflowError):
        return None


def _until_http_date(value: str, now: float) -> float | None:
    try:
        return _ahead(_stamp(parsedate_to_datetime(value)) - now)
    except (ValueError, OverflowError):
        return None


def _stamp(date: datetime) -> float:
    return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()


def _ahead(seconds: float) -> float | None:
    """Give a wait that a time in the past does not make."""
    return seconds if 0 <= seconds <= _LONGEST else None


def _number(value: str) -> float | None:
    return float(value) if _PLAIN.fullmatch(value) else None


def _duration(value: Any) -> float | None:
    if not isinstance(value, str) or not _GO_DURATION.fullmatch(value):
        return None
    return _sum(_GO_STEP.findall(value))


def _sum(steps: list[tuple[str, str]]) -> float:
    return sum(float(number) * _UNITS[unit.lower()] for number, unit in steps)


def _error(body: Any) -> Mapping[str, Any]:
    """Give the error inside of a body, which some vendors put into a list."""
    if isinstance(body, list) and body:
        body = body[0]
    if not isinstance(body, dict):
        return {}
    error = body.get("error", body)
    return error if isinstance(error, dict) else {"message": error}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
