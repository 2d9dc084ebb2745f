"""What an upstream's error says about the candidate that gave it."""

import re
from typing import Final

from ccproxy_tui.protocols.base import Failure
from ccproxy_tui.protocols.failures import CONTEXT_OVERFLOW, OUTPUT_LIMIT
from ccproxy_tui.protocols.lacks import names_lack
from ccproxy_tui.traffic.attempt import Outcome

_STATUSES: Final = {
    "authentication_error": 401,
    "authenticationerror": 401,
    "invalid_api_key": 401,
    "unauthenticated": 401,
    "insufficient_quota": 402,
    "billing_error": 402,
    "permission_error": 403,
    "permission_denied": 403,
    "not_found_error": 404,
    "model_not_found": 404,
    "not_found": 404,
    "rate_limit_error": 429,
    "rate_limit_exceeded": 429,
    "resource_exhausted": 429,
    "requests": 429,
    "tokens": 429,
    "too_many_requests": 429,
    "invalid_request_error": 400,
    "invalid_argument": 400,
    "invalid_prompt": 400,
    "request_too_large": 413,
    "unavailable": 503,
    "server_is_overloaded": 503,
    "slow_down": 503,
    "timeout_error": 504,
    "deadline_exceeded": 504,
    "overloaded_error": 529,
}
"""Statuses of the vendors' words for errors: Anthropic's, OpenAI's, and those of `google.rpc.Code`.

An error that comes in a stream has no status of its own, and what stands for it is a guess.
"""
_GUESSED: Final = 500
"""From here on a status may be a guess."""
_GONE: Final = frozenset({404, 405, 410})
_TIMEOUTS: Final = frozenset({408, 504})


def _pattern(*ways: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{way})" for way in ways), re.IGNORECASE)


_ADDRESS: Final = re.compile(r"https?://\S+")
"""Many vendors point to their page about billing whatever the limit was."""
_PLAINLY_SPENT: Final = (
    r"insufficient[ _-](?:account )?(?:quota|balance|credits?|funds)",
    r"balance (?:is )?(?:too low|not enough|insufficient|exhausted)|negative balance|arrears",
    r"reached your specified API usage limits",
    r"余额不足|欠费",
)
_SPENT: Final = _pattern(
    *_PLAINLY_SPENT,
    r"(?:out of|not enough|no|more|add|purchase) credits|credits? (?:\w+ ){0,3}(?:exhausted|depleted|used up)",
    r"billing[ _](?:details|hard[ _]limit|not[ _]active)|billing (?:is )?(?:disabled|to be enabled)",
    r"(?:spend(?:ing)?|usage|monthly|weekly|daily|hard|budget)[ _](?:usage[ _])?limits?\b",
    r"usage_limit_reached|exceeded[ _](?:your[ _]|the[ _])?current[ _](?:\w+[ _])?quota",
    r"额度(?:不足|已用)",
)
_SPENT_IF_WRONG: Final = _pattern(*_PLAINLY_SPENT)
"""Anthropic says with 400 that credit is used up; most other errors of that status quote the request."""
_OF_THE_DAY: Final = _pattern(
    r"per[ _-]?(?:day|week|month)(?![a-z])|\bdaily\b|\((?:RPD|TPD)\)|PerDay", r"每日|每天"
)
_OF_THE_MINUTE: Final = _pattern(r"per[ _-]?(?:min|minute|second|sec|hour)(?![a-z])|PerMinute")
_NOT_PAID: Final = _pattern(r"\bquota|\bcredits?\b|\bbilling\b|\bbalance\b|\bpayment\b")
_FLAGGED: Final = _pattern(r"\bmoderation\b|\bflagged\b")
_NO_SUCH_ACCESS: Final = _pattern(r"access to (?:the )?model", r"model_not_found")
_WEB_PAGE: Final = "answered with a web page"
_WRONG_KEY: Final = _pattern(
    r"api[ _-]?key not (?:valid|found)|API_KEY_INVALID|(?:invalid|incorrect|expired|missing) api[ _-]?key",
    r"api[ _-]?key (?:is )?(?:invalid|incorrect|expired|missing)",
    r"user location is not supported",
)
_TOO_MANY: Final = _pattern(r"rate[ -]?limit|too many requests")


def classify(failure: Failure) -> Outcome:
    """Tell what came of an attempt that ended with `failure`.

    A vendor's own word counts more than a guessed status, and a status more than the sentences.
    """
    if failure.kind in (CONTEXT_OVERFLOW, OUTPUT_LIMIT):
        return Outcome.CLIENT_ERROR
    status = _status(failure)
    said = f"{failure.kind} {_ADDRESS.sub('', failure.message)}"
    if status == 401:
        return Outcome.QUOTA if _SPENT_IF_WRONG.search(said) else Outcome.AUTH
    if status == 402:
        return Outcome.QUOTA
    if status == 403:
        return _of_forbidden(said)
    if status == 429:
        return _of_limited(failure.kind.lower(), said)
    if status in _TIMEOUTS:
        return Outcome.TIMEOUT
    if names_lack(failure):
        return Outcome.CAPABILITY
    if status >= 500 or status in _GONE:
        return Outcome.OVERLOAD
    if _WRONG_KEY.search(said):
        return Outcome.AUTH
    if status == 413 and _OF_THE_MINUTE.search(said):
        # Groq's word for a request that is larger than what the account may send in a minute
        return Outcome.CAPABILITY
    return Outcome.QUOTA if _SPENT_IF_WRONG.search(said) else Outcome.CLIENT_ERROR


def _status(failure: Failure) -> int:
    if failure.status < _GUESSED:
        return failure.status
    told = _STATUSES.get(failure.kind.lower())
    if told is None and _TOO_MANY.search(failure.message):
        return 429
    return told or failure.status


def _of_forbidden(said: str) -> Outcome:
    """OpenRouter says 403 of a prompt, and OpenAI of a single model that a project may not use."""
    if _SPENT.search(said) or _NOT_PAID.search(said):
        return Outcome.QUOTA
    if _FLAGGED.search(said):
        return Outcome.CLIENT_ERROR
    not_the_key = _NO_SUCH_ACCESS.search(said) or _WEB_PAGE in said  # a firewall's, say
    return Outcome.OVERLOAD if not_the_key else Outcome.AUTH


def _of_limited(kind: str, said: str) -> Outcome:
    """Tell a limit of the account or of a day from one of a minute.

    Gemini speaks of plan and billing for all of them, and names the quota after that.
    """
    if _OF_THE_DAY.search(said):
        return Outcome.QUOTA
    if kind == "resource_exhausted" or _OF_THE_MINUTE.search(said):
        return Outcome.THROTTLE
    return Outcome.QUOTA if _SPENT.search(said) else Outcome.THROTTLE
