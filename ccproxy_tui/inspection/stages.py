"""The four stages of a call, compared: what of a request went upstream, what of a reply came back.

Where both sides speak one protocol their JSON is compared. The JSON of two protocols has nothing in
common, so that there what it means is compared: only what is lost, gained or changed shows.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ccproxy_tui import json_bytes
from ccproxy_tui.inspection import reasons, reply_reasons
from ccproxy_tui.inspection.alignment import Aligned, Aside, align_replies, align_requests
from ccproxy_tui.inspection.difference import Change, Piece, pieces
from ccproxy_tui.inspection.json_text import Section, sections
from ccproxy_tui.inspection.reading import UnreadableError
from ccproxy_tui.inspection.reasons import Known
from ccproxy_tui.traffic.call import Call, Exchange, Headers

_OWN_AGENT: Final = "ccproxy-tui/"
_TOO_DEEP: Final = "it is nested too deeply to be compared"
_BY_BYTE: Final = "passed on byte for byte"
_BY_JSON: Final = "both are in {client}: their JSON is compared"
_BY_MEANING: Final = "{client} and {upstream} have no JSON in common: what it means is compared"
_ANEW: Final = "read and written anew: what it means is compared"
_PING: Final = "sent while the upstream was silent, so that the client knows that the call is alive"
_COUNTED: Final = {
    "messages": "message",
    "contents": "message",
    "input": "item",
    "tools": "tool",
    "system": "system block",
    "content": "block",
    "output": "item",
    "choices": "choice",
}

Why = Callable[[Piece], str]


@dataclass(frozen=True, slots=True)
class Hunk:
    """One change."""

    place: str
    reason: str
    """Empty when none is on record."""
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is different between two stages."""

    hunks: tuple[Hunk, ...] = ()
    how: str = ""
    """How they were compared, in words."""
    same: str = ""
    """What of it is unchanged, in words."""
    problem: str = ""
    """Why there is nothing to compare."""


def compare_requests(call: Call, exchange: Exchange) -> Comparison:
    """Compare what the client asked for with what was asked of the upstream."""
    came, sent = exchange.client_request.body, exchange.upstream_request.body
    if not sent:
        return Comparison(problem=_because("nothing was sent upstream", call))
    known = known_of(call, exchange)

    def why(piece: Piece) -> str:
        return reasons.why(piece, known)

    return _guarded(
        lambda: (
            _meanings(align_requests(call, exchange), why, _how(known))
            if known.rewritten
            else _documents(came, sent, why, known)
        )
    )


def compare_replies(call: Call, exchange: Exchange) -> Comparison:
    """Compare what the upstream answered with what the client was told."""
    came, sent = exchange.upstream_reply.body, exchange.client_reply.body
    if call.live:
        return Comparison(problem="the call runs: its reply is compared once it is complete")
    if not sent:
        return Comparison(problem=_because("the client was told nothing", call))
    if not came:
        return Comparison(
            problem=_because("no upstream answered; the reply is ccproxy's own", call)
        )
    if sent == came:
        return Comparison(how=_BY_BYTE)
    known = known_of(call, exchange)

    def why(piece: Piece) -> str:
        return reply_reasons.why(piece, call, known)

    def compare() -> Comparison:
        if not known.rewritten:
            if (found := _with_pings(came, sent)) is not None:
                return found
            if came[:1] == sent[:1] == b"{" and call.protocol != "ollama":
                return _documents(came, sent, why, known)
        return _meanings(align_replies(call, exchange), why, _how(known))

    return _guarded(compare)


def known_of(call: Call, exchange: Exchange) -> Known:
    """Gather what may be a reason."""
    target = f"the alias {call.alias} of the group {call.group} leads to {call.target}"
    return Known(
        client=call.protocol,
        upstream=call.upstream_protocol,
        routing=target if call.alias else f"the target is {call.target}",
        group=call.group,
        notes=tuple(call.notes),
        converted=call.protocol != call.upstream_protocol,
        rewritten=call.protocol != call.upstream_protocol or _is_written_here(exchange),
    )


def _is_written_here(exchange: Exchange) -> bool:
    """Whether a request was written anew in its own protocol, as when tools are put into words."""
    sent = _agent(exchange.upstream_request.headers)
    return sent.startswith(_OWN_AGENT) and sent != _agent(exchange.client_request.headers)


def _agent(headers: Headers) -> str:
    return next((value for name, value in headers if name.lower() == "user-agent"), "")


def _because(what: str, call: Call) -> str:
    return f"{what}: {call.error}" if call.error else what


def _how(known: Known) -> str:
    if not known.converted:
        return _ANEW
    return _BY_MEANING.format(client=known.client, upstream=known.upstream)


def _guarded(compare: Callable[[], Comparison]) -> Comparison:
    try:
        return compare()
    except UnreadableError as error:
        return Comparison(problem=f"they cannot be compared: {error}")
    except RecursionError:
        return Comparison(problem=_TOO_DEEP)
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        return Comparison(problem=f"they cannot be compared: what was kept is broken ({error})")


def _documents(came: bytes, sent: bytes, why: Why, known: Known) -> Comparison:
    """Compare the JSON of both sides."""
    if came == sent:
        return Comparison(how=_BY_BYTE)
    client, upstream = json_bytes.read(came), json_bytes.read(sent)
    before, after = sections(client), sections(_in_order(upstream, client))
    hunks = _hunks(before, after, why)
    how = _BY_JSON.format(client=known.client)
    if not hunks:
        how = "the same JSON; only its spelling is another, such as spaces"
    return Comparison(hunks, how, _unchanged(after, hunks))


def _in_order(body: Any, like: Any) -> Any:
    """Give an object with its fields in the order of another one, as order means nothing."""
    if not isinstance(body, dict) or not isinstance(like, dict):
        return body
    ordered = {name: body[name] for name in like if name in body}
    return ordered | {name: value for name, value in body.items() if name not in ordered}


def _meanings(aligned: Aligned, why: Why, how: str) -> Comparison:
    """Compare what both sides mean."""
    before, after = sections(aligned.before), sections(aligned.after)
    hunks = _hunks(before, after, why)
    asides = tuple(_aside(one) for one in aligned.asides)
    return Comparison((*hunks, *asides), how, _unchanged(after, hunks))


def _hunks(before: Sequence[Section], after: Sequence[Section], why: Why) -> tuple[Hunk, ...]:
    return tuple(Hunk(one.place, why(one), one.changes) for one in pieces(before, after))


def _aside(aside: Aside) -> Hunk:
    lines = [Change("-", line) for line in aside.removed]
    return Hunk(aside.place, aside.reason, (*lines, *(Change("+", line) for line in aside.added)))


def _unchanged(after: Sequence[Section], hunks: Sequence[Hunk]) -> str:
    """Say how much is the same on both sides."""
    changed = {hunk.place for hunk in hunks}
    counts: Counter[str] = Counter()
    others = 0
    for section in after:
        head, bracket, _ = section.name.partition("[")
        if section.name in changed:
            continue
        if bracket:
            counts[_COUNTED.get(head, head)] += 1
        else:
            others += len(section.lines) > 1 or section.lines[0] not in _LIST_ENDS
    said = [f"{count} {name}{'' if count == 1 else 's'}" for name, count in counts.items()]
    return ", ".join(said)


_LIST_ENDS: Final = ("]",)


def _with_pings(came: bytes, sent: bytes) -> Comparison | None:
    """Tell of what was put between the frames of a stream; None if that is not all."""
    added: list[bytes] = []
    frames = iter(_frames(came))
    wanted = next(frames, None)
    for frame in _frames(sent):
        if frame == wanted:
            wanted = next(frames, None)
        elif len(added) > _MOST_ADDED:
            return None
        else:
            added.append(frame)
    if wanted is not None or not added or not all(_is_ping(frame) for frame in added):
        return None
    lines = tuple(Change("+", frame.decode("utf-8", "replace")) for frame in added)
    return Comparison((Hunk("stream", _PING, lines),), "every byte was passed on")


_MOST_ADDED: Final = 10_000


def _frames(body: bytes) -> Iterator[bytes]:
    return (frame for frame in body.replace(b"\r\n", b"\n").split(b"\n\n") if frame.strip())


def _is_ping(frame: bytes) -> bool:
    return frame.startswith(b":") or b"ping" in frame[:60]
