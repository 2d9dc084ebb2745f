"""Why a reply was changed on its way to the client."""

import re
from collections.abc import Iterator
from typing import Final

from ccproxy_tui.inspection.difference import Piece
from ccproxy_tui.inspection.reasons import Known
from ccproxy_tui.traffic.call import Call

_NUMBER: Final = re.compile(r'"(\w+)": (\d+)')
_UNSEEN: Final = '"thinking": ""'


def why(piece: Piece, call: Call, known: Known) -> str:
    """Say why a part of a reply was changed; empty when no reason is on record."""
    place = piece.place.partition("[")[0]
    match place:
        case "content":
            found = _content(piece, known)
        case "usage":
            found = _usage(piece, call, known)
        case "stop_reason":
            found = _stop(known)
        case "error" | "end":
            found = _error(piece, call, known)
        case "status":
            found = iter(["an error has the status that the client's protocol has for it"])
        case _:
            found = _form(call, known)
    return "; ".join(dict.fromkeys(one for one in found if one))


def _content(piece: Piece, known: Known) -> Iterator[str]:
    removed, added = "\n".join(piece.removed), "\n".join(piece.added)
    yield from known.about("asked again", "asking again", "passed on as text")
    if known.in_words:
        yield "tool compatibility mode: calls of tools are read from the text"
        return
    if '"signed"' in removed and '"signed"' not in added:
        yield f"{known.client} has no place for the signature of thinking"
    elif '"redacted_thinking"' in removed:
        yield f"{known.client} has no thinking that only its vendor can read"
    elif '"thinking"' in removed and ('"thinking"' not in added or _UNSEEN in added):
        yield f"the client did not ask to see thinking, or {known.client} has no place for it"
    if '"block"' in removed:
        yield f"{known.client} has no form for that block"
    if '"arguments"' in removed and '"arguments"' in added:
        yield f"{known.client} insists on an object as a call's arguments"


def _usage(piece: Piece, call: Call, known: Known) -> Iterator[str]:
    yield from known.about("asked again")
    counted, told = _numbers(piece.removed), _numbers(piece.added)
    if any(name not in counted for name in told) and call.tokens.estimated:
        yield "the upstream did not count them all: estimated here"
    if "reasoning" in counted and "reasoning" not in told:
        yield f"{known.client} has no number for the tokens of thinking alone"
    cached = [name for name in ("cache_read", "cache_write") if counted.get(name) != told.get(name)]
    if cached and known.converted:
        yield f"tokens of the cache are counted as {known.client} counts them"
    elif known.converted and any(
        counted[name] != told.get(name) for name in counted.keys() - {"reasoning"}
    ):
        yield f"counted as {known.client} counts"


def _numbers(lines: list[str]) -> dict[str, int]:
    return {name: int(number) for name, number in _NUMBER.findall("\n".join(lines))}


def _stop(known: Known) -> Iterator[str]:
    yield from known.about("asked again", "passed on as text")
    if known.in_words:
        yield "tool compatibility mode: calls of tools are read from the text"
    elif known.converted:
        yield f"the closest that {known.client} has a word for"


def _error(piece: Piece, call: Call, known: Known) -> Iterator[str]:
    added = "\n".join(piece.added)
    if "[ccproxy: " in added:
        yield "no candidate gave a reply: this is the error of the one that is back first"
    elif added and call.error:
        yield f"the call failed: {call.error}"
    elif known.rewritten:
        yield f"an error as {known.client} has it"
    elif piece.place == "end":
        yield from _form(call, known)


def _form(call: Call, known: Known) -> Iterator[str]:
    """Say what is true of a whole reply."""
    yield from known.about("the reply did not come in the form")
    if call.error:
        yield f"the call failed: {call.error}"
