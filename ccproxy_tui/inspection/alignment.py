"""Both sides of a conversion made comparable: what differs by nature is set aside, with its reason.

Else the ids of a hundred calls would be a hundred changes, of which none says anything.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ccproxy_tui import json_bytes
from ccproxy_tui.inspection import meaning
from ccproxy_tui.inspection.reading import (
    UnreadableError,
    read_client_reply,
    read_client_request,
    read_upstream_reply,
    read_upstream_request,
)
from ccproxy_tui.protocols.base import BadRequestError, Operation
from ccproxy_tui.protocols.hub import Block, Conversation, JsonObject, Text, Turn
from ccproxy_tui.protocols.profiles import plain_name
from ccproxy_tui.protocols.registry import EMBEDDINGS
from ccproxy_tui.protocols.tool_names import ToolNames
from ccproxy_tui.traffic.call import Call, Exchange, Message

_LEFT_OUT: Final = re.compile(r"(fields|options) left out: (.*)")
_MARK: Final = b'"cache_control"'
_MOST_LINES: Final = 200


@dataclass(frozen=True, slots=True)
class Aside:
    """A difference that is told of in one place, wherever it shows."""

    place: str
    reason: str
    removed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()


@dataclass(slots=True)
class Aligned:
    """Two sides that can be compared."""

    before: JsonObject
    after: JsonObject
    asides: list[Aside] = field(default_factory=list)


def align_requests(call: Call, exchange: Exchange) -> Aligned:
    """Read the client's request and the one upstream; raises `UnreadableError`."""
    client, upstream = exchange.client_request, exchange.upstream_request
    if call.operation == Operation.EMBED.value:
        before = _embedding(call.protocol, client, call.requested)
        return Aligned(before, _embedding(call.upstream_protocol, upstream, call.model))
    came, sent = read_client_request(call, exchange), read_upstream_request(call, exchange)
    asides = [*_marks(call, exchange), *_kept_back(came, client)]
    if (moved := _reminders(came, sent)) is not None:
        came.turns = moved
        reason = "the target takes no system message in mid-conversation"
        asides.append(Aside("messages", reason, ("role: system",), ("role: user, as a reminder",)))
    came.turns, sent.turns = meaning.in_one(came.turns), meaning.in_one(sent.turns)
    names, ids = _wire_names(came, sent), _paired(_ids(sent), _ids(came))
    asides += [
        *_renamed(names),
        *_ids_aside(ids, client, upstream, f"calls have ids that {call.upstream_protocol} takes"),
        *_reordered(came, sent, call),
    ]
    return Aligned(
        meaning.request(came, call.requested, {}, {}) | _unread(came, client),
        meaning.request(sent, call.model, names, ids) | _unread(sent, upstream),
        asides,
    )


def align_replies(call: Call, exchange: Exchange) -> Aligned:
    """Read the upstream's reply and the client's; raises `UnreadableError`."""
    came, sent = read_upstream_reply(call, exchange), read_client_reply(call, exchange)
    ids = _paired(meaning.call_ids(sent.blocks), meaning.call_ids(came.blocks))
    called = meaning.call_names(came.blocks)
    given = {ToolNames().wire(name): name for name in meaning.call_names(sent.blocks)}
    names = {wire: given[wire] for wire in called if given.get(wire, wire) != wire}
    asides = []
    if names:
        reason = "the tool has the name again by which the client knows it"
        asides.append(Aside("tool names", reason, tuple(names), tuple(names.values())))
    reason = f"calls have ids that a client of {call.protocol} takes"
    asides += _ids_aside(ids, exchange.upstream_reply, exchange.client_reply, reason)
    order, other = meaning.kinds(came.blocks), meaning.kinds(sent.blocks)
    if order != other and set(order) == set(other):
        said = [note for note in call.notes if note.startswith("tool compatibility mode")]
        reason = next(iter(said), f"a reply in {call.protocol} has its blocks in this order")
        asides.append(Aside("content", reason, (", ".join(order),), (", ".join(other),)))
    return Aligned(meaning.reply(came, names, {}), meaning.reply(sent, {}, ids), asides)


def _embedding(protocol: str, message: Message, model: str) -> JsonObject:
    module = EMBEDDINGS.get(protocol)
    if module is None:
        raise UnreadableError(f"{protocol} has no embeddings")
    try:
        return meaning.embedding(module.read_embedding(_json(message)), model)
    except (BadRequestError, ValueError, TypeError, LookupError, AttributeError) as error:
        raise UnreadableError(f"it asks for no embeddings in {protocol} ({error})") from error


def _json(message: Message) -> Any:
    return json_bytes.read(message.body)


def _marks(call: Call, exchange: Exchange) -> Iterator[Aside]:
    """Tell of the marks that say up to where a prompt shall be cached."""
    before = exchange.client_request.body.count(_MARK)
    after = exchange.upstream_request.body.count(_MARK)
    if before == after:
        return
    if call.upstream_protocol != "claude":
        reason = (
            f"{call.upstream_protocol} has no marks for the cache: its vendors cache by themselves"
        )
    elif before:
        reason = "marks for the cache stay on texts, and go from what has none in this form"
    else:
        reason = "the vendor caches only up to a mark, and the client has set none"
    yield Aside("cache_control", reason, _counted(before), _counted(after))


def _counted(marks: int) -> tuple[str, ...]:
    return (f"{marks} mark{'s' * (marks > 1)} for the cache",) if marks else ()


def _kept_back(came: Conversation, client: Message) -> Iterator[Aside]:
    """Tell of tools that the client wants loaded later, which only its own vendor can."""
    tools = _json(client).get("tools")
    known = {tool.name for tool in came.tools}
    later = [
        str(tool.get("name"))
        for tool in (tools if isinstance(tools, list) else ())
        if isinstance(tool, dict) and tool.get("defer_loading") is True
    ]
    if gone := tuple(name for name in later if name not in known):
        reason = "tools that no search has found yet (defer_loading) are not shown to the model"
        yield Aside("tools", reason, _listed(gone))


def _reminders(came: Conversation, sent: Conversation) -> list[Turn] | None:
    """Give the client's turns with system messages said by the user; None if they stayed."""
    if not any(turn.role == "system" for turn in came.turns):
        return None
    if any(turn.role == "system" for turn in sent.turns):
        return None
    return [_reminder(turn) if turn.role == "system" else turn for turn in came.turns]


def _reminder(turn: Turn) -> Turn:
    said = meaning.joined(block.text for block in turn.content if isinstance(block, Text))
    text = Text(f"<system-reminder>\n{said}\n</system-reminder>")
    return Turn("user", [text, *(block for block in turn.content if not isinstance(block, Text))])


def _wire_names(came: Conversation, sent: Conversation) -> dict[str, str]:
    """Give the client's names of tools by those that they have upstream, where these differ."""
    mine = {tool.name: ToolNames().wire(tool.name) for tool in came.tools}
    mine |= {name: ToolNames().wire(name) for name in meaning.call_names(_blocks(came))}
    known = {tool.name for tool in sent.tools}.union(meaning.call_names(_blocks(sent)))
    return {wire: name for name, wire in mine.items() if wire != name and wire in known}


def _renamed(names: Mapping[str, str]) -> Iterator[Aside]:
    if names:
        reason = "names of tools have at most 64 letters, digits, - and _ upstream"
        yield Aside("tool names", reason, _listed(names.values()), _listed(names))


def _blocks(read: Conversation) -> list[Block]:
    return [block for turn in read.turns for block in turn.content]


def _ids(read: Conversation) -> list[str]:
    return meaning.call_ids(_blocks(read))


def _paired(mine: list[str], theirs: list[str]) -> dict[str, str]:
    """Give the other side's ids of the same calls, where they differ."""
    if len(mine) != len(theirs):
        return {}
    return {one: other for one, other in zip(mine, theirs, strict=True) if one != other}


def _ids_aside(
    ids: Mapping[str, str], before: Message, after: Message, reason: str
) -> Iterator[Aside]:
    """Tell of ids of calls; those that are in no message were made up when it was read."""
    removed = _listed(one for one in ids.values() if one.encode("utf-8", "replace") in before.body)
    added = _listed(one for one in ids if one.encode("utf-8", "replace") in after.body)
    if removed or added:
        yield Aside("ids of calls", reason, removed, added)


def _reordered(came: Conversation, sent: Conversation, call: Call) -> Iterator[Aside]:
    """Tell of messages whose blocks have another order, which the comparison does not see."""
    if len(came.turns) != len(sent.turns):
        return
    removed, added = [], []
    for number, (one, other) in enumerate(zip(came.turns, sent.turns, strict=True)):
        before, after = meaning.kinds(one.content), meaning.kinds(other.content)
        if before != after and set(before) == set(after):
            removed.append(f"messages[{number}]: {', '.join(before)}")
            added.append(f"messages[{number}]: {', '.join(after)}")
    if removed:
        reason = f"a message in {call.upstream_protocol} has its blocks in this order"
        yield Aside("order of blocks", reason, _listed(removed), _listed(added))


def _listed(lines: Iterable[str]) -> tuple[str, ...]:
    found = tuple(lines)
    more = len(found) - _MOST_LINES
    return (*found[:_MOST_LINES], f"and {more} more") if more > 0 else found


def _unread(read: Conversation, message: Message) -> JsonObject:
    """Give the fields that the other protocol has no counterpart for, as they are."""
    body = _json(message)
    found: JsonObject = {}
    for note in read.notes:
        if match := _LEFT_OUT.fullmatch(note):
            prefix = "options." if match[1] == "options" else ""
            for name in match[2].split(", "):
                value = _at(body, [*prefix.split(".")[:-1], *name.split(".")])
                if value is not None:
                    found[prefix + name] = value
    return found


def _at(value: Any, path: list[str]) -> Any:
    for name in path:
        if not isinstance(value, dict):
            return None
        wanted = plain_name(name)
        value = next((inner for key, inner in value.items() if plain_name(key) == wanted), None)
    return value
