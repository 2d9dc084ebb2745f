"""Why a prompt was, or was not, read from its vendor's cache: the call put beside the one before."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from ccproxy_tui import json_bytes
from ccproxy_tui.inspection.part_words import excerpt_words, place_words
from ccproxy_tui.inspection.prefix import (
    Part,
    Parting,
    is_attribution,
    part_ways,
    parts_of,
    tokens_of,
)
from ccproxy_tui.inspection.reading import UnreadableError, read_upstream_reply
from ccproxy_tui.protocols.base import Operation
from ccproxy_tui.traffic.call import Call, Exchange, Phase, Tokens
from ccproxy_tui.traffic.prices import Rates, price

Outcome = Literal["hit", "part", "miss", "running", "silent", "none"]
"""What came from the cache: nearly all that could, some of it, nothing; not said yet, never said;
or the call has no prompt that could be cached."""

_MINUTES: Final = 5
_HOUR: Final = 60
_LEAST: Final = 1024
_FIRST: Final = (
    "the first call of its session, agent and model that is known: no call before has its prompt"
)
_LEAST_OF_SOME: Final = 4096
_ANTHROPIC: Final = "//api.anthropic.com/"
_MARK: Final = b'"cache_control"'
_ASKING: Final = frozenset({Operation.GENERATE.value, Operation.COMPLETE.value, ""})
_RULES: Final = ("prompt ", "system prompt:", "tools removed:", "tool compatibility mode:")
_IN_MESSAGES: Final = "last user message"


@dataclass(frozen=True, slots=True)
class Difference:
    """Where the prompt is another one than that of the call before, for the first time."""

    words: str
    parting: Parting | None
    """None where nothing before the new messages is another one."""
    kept: int = 0
    """Tokens before it, about as the upstream counts them."""
    lost: int = 0
    """Tokens that the cache could have given, had it been the same."""
    cost: float | None = None
    """US dollars that they cost above the price of cached ones; None: no price is known."""
    other_kind: bool = False
    """Whether only one of both calls offers tools, as an agent's main calls do."""


@dataclass(slots=True)
class Diagnosis:
    """What is to be said of a call and the cache."""

    outcome: Outcome
    tokens: Tokens
    causes: list[str] = field(default_factory=list)
    """Why not all came from the cache, the surest first."""
    difference: Difference | None = None
    problem: str = ""
    """Why the two prompts could not be compared."""
    saved: float | None = None
    """US dollars that the cache has saved; None: no price is known."""


def diagnose(
    call: Call,
    exchange: Exchange | None,
    previous: Call | None,
    before: Exchange | None,
    own: Rates | None = None,
) -> Diagnosis:
    """Find out why; `own` rates of the model come before the list prices. Never raises."""
    if call.operation not in _ASKING:
        return Diagnosis("none", call.tokens)
    found = Diagnosis(_outcome(call, exchange), call.tokens)
    found.saved = _saved(call, exchange, own)
    try:
        found.difference = _difference(call, exchange, previous, before, own)
    except (UnreadableError, ValueError, TypeError, LookupError, AttributeError) as error:
        found.problem = str(error)
    except RecursionError:
        found.problem = "a request is nested too deeply"
    except OverflowError:
        found.problem = "an upstream has counted tokens beyond all measure"
    if found.outcome != "hit" and _wanted(call, previous) is not True:
        found.causes = _causes(call, exchange, previous, found)
    elif found.outcome != "hit":
        found.outcome = "hit"
    return found


def _outcome(call: Call, exchange: Exchange | None) -> Outcome:
    tokens = call.tokens
    if tokens.cache_read:
        return "hit" if _is_nearly_all(tokens.cache_read, tokens.context) else "part"
    if call.live:
        return "running"
    if not tokens.context or (not tokens.cache_write and not _says_cached(call, exchange)):
        return "silent"
    return "miss"


def _says_cached(call: Call, exchange: Exchange | None) -> bool:
    """Whether the upstream has a number for cached tokens, be it zero."""
    if exchange is None:
        return True
    try:
        usage = read_upstream_reply(call, exchange).usage
    except UnreadableError:
        return False
    return usage.cache_read is not None or usage.cache_write is not None


def _wanted(call: Call, previous: Call | None) -> bool | None:
    """Whether as much came from the cache as the call before had; None where nobody can tell."""
    if previous is None or not previous.tokens.context or not call.tokens.cache_read:
        return None
    could = min(previous.tokens.context, call.tokens.context)
    return _is_nearly_all(call.tokens.cache_read, could)


def _is_nearly_all(part: int, whole: int) -> bool:
    return 10 * part >= 9 * whole


def _causes(
    call: Call, exchange: Exchange | None, previous: Call | None, found: Diagnosis
) -> list[str]:
    """Give all that explains it; what makes the rest pointless ends the list."""
    body = b"" if exchange is None else exchange.upstream_request.body
    causes = [*_alone(call, body, found)]
    if previous is None:
        return [*causes, _FIRST]
    if (moved := _moved(call, previous)) is not None:
        return [*causes, moved]
    causes += [*_time(call, previous, body), *_before(previous)]
    if found.difference is not None and found.difference.parting is not None:
        causes += _edits(call, previous, found.difference)
    elif found.difference is not None and not causes:
        causes += _unexplained(call)
    return causes


def _alone(call: Call, body: bytes, found: Diagnosis) -> Iterator[str]:
    """Give what the call itself explains."""
    if found.outcome == "silent":
        yield _silence(call)
    if body and call.upstream_protocol == "claude" and _MARK not in body:
        yield "no cache_control in the request: Anthropic caches only up to such a mark"
    if 0 < call.tokens.context < _LEAST:
        yield f"the prompt is short: vendors cache none of less than about {_LEAST:,} tokens"


def _silence(call: Call) -> str:
    if not call.tokens.context:
        return (
            f"the upstream has counted nothing: {call.error}"
            if call.error
            else ("the upstream has counted no tokens")
        )
    return "the upstream gives no number for cached tokens, so that nobody can tell"


def _moved(call: Call, previous: Call) -> str | None:
    """Say what is another one than before, and has a cache of its own."""
    if call.target != previous.target:
        return f"it went to {call.target}, the call before to {previous.target or 'nobody'}: each model has a cache of its own"
    mine, theirs = _candidate(call), _candidate(previous)
    if mine != theirs and mine and theirs:
        return (
            f"it went to {mine}, the call before to {theirs}: each account has a cache of its own"
        )
    return None


def _candidate(call: Call) -> str:
    return call.attempts[-1].candidate if call.attempts else ""


def _time(call: Call, previous: Call, body: bytes) -> Iterator[str]:
    passed = (call.started_at - previous.started_at - (previous.duration or 0.0)) / 60
    lasts = _HOUR if b'"ttl":"1h"' in body.replace(b" ", b"") else _MINUTES
    if passed > lasts:
        kept = "an hour" if lasts == _HOUR else "5 minutes"
        yield f"{passed:,.0f} minutes passed since the call before: caches keep a prompt for about {kept}"


def _before(previous: Call) -> Iterator[str]:
    if previous.phase is Phase.FAILED and not previous.tokens.context:
        yield f"the call before, #{previous.id}, failed, so that nothing of it was cached"
    elif previous.live:
        yield f"the call before, #{previous.id}, still runs: its prompt is cached once it is answered"


def _edits(call: Call, previous: Call, difference: Difference) -> Iterator[str]:
    yield difference.words
    parting = difference.parting
    part, old = (parting.part, parting.old) if parting is not None else (None, None)
    if part is not None and old is not None and is_attribution(part) and is_attribution(old):
        yield (
            "that is Claude Code's note to its own vendor, which changes from call to call: only"
            " Anthropic leaves it out of its cache; CLAUDE_CODE_ATTRIBUTION_HEADER=0 turns it off"
        )
    place = part.place if part is not None else ""
    now, then = _rules(call, place), _rules(previous, place)
    if difference.other_kind:
        yield f"the call before, #{previous.id}, is of another kind: one of both offers no tools"
    elif now != then:
        yield (
            f"what the group does has changed: it was {', '.join(then) or 'nothing'}, and is"
            f" {', '.join(now) or 'nothing'}"
        )


def _rules(call: Call, place: str) -> list[str]:
    notes = [note for note in call.notes if note.startswith(_RULES)]
    if place in ("messages", "contents", "input"):
        return [note for note in notes if _IN_MESSAGES in note] or notes
    return [note for note in notes if _IN_MESSAGES not in note]


def _unexplained(call: Call) -> Iterator[str]:
    if call.upstream_protocol == "claude" and call.tokens.context < _LEAST_OF_SOME:
        yield (
            f"some models cache no prompt of less than {_LEAST_OF_SOME:,} tokens, which this one"
            " may be"
        )
    yield (
        "nothing in the request explains it: the vendor has let go of the prompt, or another of its"
        " machines has answered"
    )


def _difference(
    call: Call,
    exchange: Exchange | None,
    previous: Call | None,
    before: Exchange | None,
    own: Rates | None,
) -> Difference | None:
    """Compare both prompts; None where there is only one."""
    if previous is None or exchange is None:
        return None
    if before is None:
        raise UnreadableError(f"the messages of the call before, #{previous.id}, were not kept")
    if call.upstream_protocol != previous.upstream_protocol:
        return None
    body, older = exchange.upstream_request.body, before.upstream_request.body
    if not body or not older:
        raise UnreadableError("one of both calls sent nothing upstream")
    new = _parts(body, call.upstream_protocol, exchange)
    old = _parts(older, call.upstream_protocol, before)
    if not new or not old:
        raise UnreadableError(f"a request is none in {call.upstream_protocol}")
    parting = part_ways(old, new, body)
    if parting is None:
        return Difference(_went_on(old, new), None, *_all_kept(call, old, new))
    found = _measured(call, parting, old, new)
    return replace(found, cost=_cost(call, exchange, found.lost, own))


def _parts(body: bytes, protocol: str, exchange: Exchange) -> list[Part]:
    """Give the parts of a prompt; Anthropic leaves a client's note to itself out of its cache."""
    parts = parts_of(json_bytes.read(body), protocol)
    if _ANTHROPIC not in exchange.upstream_request.head:
        return parts
    return [part for part in parts if not is_attribution(part)]


def _went_on(old: list[Part], new: list[Part]) -> str:
    if len(new) < len(old):
        return (
            f"the prompt is the beginning of the one before, which had {len(old) - len(new)} parts"
            " more"
        )
    added = len(new) - len(old)
    more = f"{added} {'is' if added == 1 else 'are'} new" if added else "none is new"
    return f"nothing before the new messages has changed ({more})"


def _scale(call: Call, new: list[Part]) -> float:
    """Tell how many of the upstream's tokens one of our tokenizer's is."""
    own = sum(map(tokens_of, new))
    counted = 0 if call.tokens.estimated else call.tokens.context
    return counted / own if counted and own else 1.0


def _all_kept(call: Call, old: list[Part], new: list[Part]) -> tuple[int]:
    shared = new[: min(len(old), len(new))]
    return (round(sum(map(tokens_of, shared)) * _scale(call, new)),)


def _measured(call: Call, parting: Parting, old: list[Part], new: list[Part]) -> Difference:
    scale = _scale(call, new)
    could = min(sum(map(tokens_of, old)), sum(map(tokens_of, new)))
    kept = round(parting.kept * scale)
    lost = max(0, round(could * scale) - kept)
    words = place_words(parting, old, new) + excerpt_words(parting)
    return Difference(words, parting, kept, lost, other_kind=_offers(old) != _offers(new))


def _offers(parts: list[Part]) -> bool:
    return any(part.place in ("tools", "functions") for part in parts)


def _cost(call: Call, exchange: Exchange, lost: int, own: Rates | None) -> float | None:
    """Tell what tokens cost above the price of cached ones, as far as they were not cached."""
    tokens = call.tokens
    written = min(lost, tokens.cache_write)
    plain = min(lost - written, tokens.input)
    better = Tokens(
        tokens.input - plain,
        tokens.cache_read + written + plain,
        tokens.cache_write - written,
        tokens.output,
    )
    return _between(call, exchange, own, tokens, better)


def _saved(call: Call, exchange: Exchange | None, own: Rates | None) -> float | None:
    tokens = call.tokens
    if exchange is None or not tokens.cache_read:
        return None
    without = Tokens(tokens.input + tokens.cache_read, 0, tokens.cache_write, tokens.output)
    return _between(call, exchange, own, without, tokens)


def _between(
    call: Call, exchange: Exchange, own: Rates | None, more: Tokens, less: Tokens
) -> float | None:
    """Tell how much more one costs than another; None where no price is known."""
    url = exchange.upstream_request.head.partition(" ")[2]
    one = price(url, call.upstream_protocol, call.model, more, own)
    other = price(url, call.upstream_protocol, call.model, less, own)
    return None if one is None or other is None else max(0.0, one - other)
