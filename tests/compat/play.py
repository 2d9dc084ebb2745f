"""A model's words as events through the parser, and what comes out, put together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from ccproxy_tui.compat.offer import Offer
from ccproxy_tui.compat.reply import PromptedReply
from ccproxy_tui.protocols.hub import (
    ArgumentsDelta,
    BlockStart,
    BlockStop,
    Event,
    ReplyStart,
    ReplyStop,
    StopReason,
    TextDelta,
    Usage,
)
from tests.compat.corpus.case import Call, Case
from tests.compat.tools import TOOLS

OFFER: Final = Offer.of(TOOLS, None)


@dataclass(frozen=True)
class Said:
    """What a client was told."""

    blocks: tuple[tuple[str, str], ...]
    """Tool (nothing for text) and text or JSON; texts that follow each other are one."""
    reason: StopReason | None
    """None while the reply has no end."""

    @property
    def text(self) -> str:
        return "".join(said for tool, said in self.blocks if not tool)

    @property
    def calls(self) -> list[Call]:
        return [(tool, orjson.loads(said)) for tool, said in self.blocks if tool]


def said_by(pieces: Iterable[str], stop: StopReason) -> list[Event]:
    """Give the upstream's events of a reply that comes in these pieces."""
    return [
        ReplyStart("m1", "model"),
        BlockStart(0, "text"),
        *(TextDelta(0, piece) for piece in pieces if piece),
        BlockStop(0),
        ReplyStop(stop, Usage()),
    ]


def fed(reply: PromptedReply, events: Iterable[Event]) -> list[Event]:
    """Feed events one at a time, and give all that comes out."""
    out: list[Event] = []
    for event in events:
        out += reply.feed([event])
    return out


def played(case: Case, pieces: Sequence[str] = ()) -> list[Event]:
    """Give what comes of a case, in one piece unless there are others."""
    reply = PromptedReply(OFFER, again=False)
    return fed(reply, said_by(pieces or [case.output], case.stop))


def played_in_two(case: Case, at: int) -> list[Event]:
    """Give what comes of a case that is cut at a place, in as few steps as can be."""
    reply = PromptedReply(OFFER, again=False)
    start, opened, first, second, *end = said_by([case.output[:at], case.output[at:]], case.stop)
    return reply.feed([start, opened, first]) + reply.feed([second, *end])


def gathered(events: Iterable[Event]) -> Said:
    """Put together what events say."""
    blocks: list[tuple[str, list[str]]] = []
    reason: StopReason | None = None
    for event in events:
        if isinstance(event, TextDelta):
            blocks[-1][1].append(event.text)
        elif isinstance(event, ArgumentsDelta):
            blocks[-1][1].append(event.json)
        elif isinstance(event, BlockStart):
            if event.kind == "tool_use" or not blocks or blocks[-1][0]:
                blocks.append((event.name, []))
        elif isinstance(event, ReplyStop):
            reason = event.reason
    return Said(tuple((tool, "".join(said)) for tool, said in blocks), reason)


def same(want: Any, got: Any) -> bool:
    """Tell whether two values are the same as JSON; where a float is wanted an integer will do."""
    if isinstance(want, dict):
        return (
            isinstance(got, dict)
            and list(want) == list(got)
            and all(same(want[key], got[key]) for key in want)
        )
    if isinstance(want, list):
        return (
            isinstance(got, list)
            and len(want) == len(got)
            and all(same(one, other) for one, other in zip(want, got, strict=True))
        )
    if isinstance(want, float) and type(got) is int:
        return want == got
    return type(want) is type(got) and bool(want == got)


def right(case: Case, said: Said) -> bool:
    """Tell whether this is what the client must get of a case."""
    return (
        said.text == case.text
        and [name for name, _ in said.calls] == [name for name, _ in case.calls]
        and same([given for _, given in case.calls], [given for _, given in said.calls])
        and said.reason == reason_of(case)
    )


def reason_of(case: Case) -> StopReason:
    """Give the reason to stop that agrees with what goes out."""
    if case.stop in ("max_tokens", "refusal"):
        return case.stop
    if case.calls:
        return "tool_use"
    return "end_turn" if case.stop == "tool_use" else case.stop
