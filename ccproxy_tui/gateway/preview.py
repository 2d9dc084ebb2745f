"""What a recorded request would become under a configuration that may not be saved; nothing is sent.

The steps are those of a real call, by the same functions.
"""

from dataclasses import dataclass, field, replace

from multidict import CIMultiDict

from ccproxy_tui import json_bytes
from ccproxy_tui.config.models import Group
from ccproxy_tui.config.snapshot import Candidate, Snapshot
from ccproxy_tui.gateway import routing
from ccproxy_tui.gateway.converted import draft
from ccproxy_tui.gateway.errors import RefusedError, UpstreamError
from ccproxy_tui.gateway.lanes import is_faithful, says_tools
from ccproxy_tui.gateway.paths import Place, Way, find_place
from ccproxy_tui.gateway.pool.lessons import Lessons
from ccproxy_tui.gateway.rules import is_meant, rules_of, tools_in_words
from ccproxy_tui.protocols import tokens
from ccproxy_tui.protocols.base import Address, Asked, BadRequestError, Operation, ProtocolModule
from ccproxy_tui.protocols.hub import JsonObject
from ccproxy_tui.protocols.profiles import drop_fields
from ccproxy_tui.protocols.registry import PROTOCOLS
from ccproxy_tui.traffic.call import Headers, plain_text

_TOO_DEEP = "the request is nested too deeply"
_NOT_GENERATING = "this call asks for no reply, so a group's rules do not matter"
_NO_TARGET = "no target of the alias {} is enabled"
_IDLE = "nothing goes upstream: the client only wants the model to be ready"


@dataclass(frozen=True, slots=True)
class Recorded:
    """A client's request as the record has it."""

    method: str
    path: str
    """Decoded, without its query."""
    protocol: str
    headers: Headers
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Previewed:
    """What would become of it; `tui.previews` says what the fields mean."""

    sent: JsonObject | None = field(default=None, repr=False)
    changed: JsonObject | None = field(default=None, repr=False)
    notes: tuple[str, ...] = ()
    tools: int | None = None
    target: str = ""
    upstream_protocol: str = ""
    converted: bool = False
    url: str = ""
    upstream: JsonObject | None = field(default=None, repr=False)
    problem: str = ""


@dataclass(frozen=True, slots=True)
class _Request:
    """A request as it was read."""

    place: Place
    protocol: ProtocolModule
    asked: Asked
    body: JsonObject
    size: int


@dataclass(frozen=True, slots=True)
class _Written:
    """A request as it would go to a candidate."""

    body: JsonObject
    notes: list[str]
    operation: Operation
    converted: bool


def preview(snapshot: Snapshot, lessons: Lessons, group: str, recorded: Recorded) -> Previewed:
    """Tell what a recorded request would become in a group; takes as long as converting it does."""
    told = Previewed()
    try:
        request = _read(recorded)
        told = Previewed(
            sent=json_bytes.read(recorded.body),  # the rules have their own, whatever they do to it
            tools=_count_tools(request),
        )
        asked, name = request.asked, routing.name_group(snapshot, group)
        index = snapshot.groups.get(name) or routing.find_group(snapshot, name)
        notes = request.protocol.apply_rules(
            request.body, rules_of(index.group, asked.model, inject=True)
        )
        notes += _why_no_text(index.group, asked.model)
        told = replace(told, changed=request.body, notes=tuple(notes))
        routing.find_group(snapshot, name)  # again, as it may be off
        route = routing.find_route(index, plain_text(asked.model))
        if not route.candidates:
            return replace(told, problem=_NO_TARGET.format(route.alias))
        return _send(told, request, route.candidates[0], index.group, lessons)
    except BadRequestError as error:
        return replace(told, problem=str(error))
    except (RefusedError, UpstreamError) as error:
        return replace(told, problem=error.failure.message)
    except (RecursionError, TypeError) as error:
        if not json_bytes.is_too_deep(error):
            raise
        return Previewed(problem=_TOO_DEEP)


def _why_no_text(group: Group, model: str) -> list[str]:
    if group.prompt_injection == "off" or is_meant(group, model):
        return []
    return [f"no prompt: {plain_text(model)} is none of the models that it is for"]


def _read(recorded: Recorded) -> _Request:
    """Read a request as `Calls` does; raises `BadRequestError` and `RefusedError`."""
    place = find_place(recorded.path)
    way = _choose(place, recorded)
    if way is None:
        raise RefusedError(404, f"{recorded.path} is nothing that ccproxy serves")
    operation = way.route.operation
    if operation not in (Operation.GENERATE, Operation.COMPLETE):
        raise RefusedError(400, _NOT_GENERATING)
    address = Address(way.route, way.parameters, headers=CIMultiDict(recorded.headers))
    try:
        parsed = json_bytes.read(recorded.body)
    except ValueError as error:
        raise BadRequestError("body", f"not valid JSON ({error})") from error
    body = way.protocol.check_request(parsed, operation)
    asked = way.protocol.read_asked(body, address)
    return _Request(place, way.protocol, asked, body, len(recorded.body))


def _choose(place: Place, recorded: Recorded) -> Way | None:
    ways = [way for way in place.ways if way.route.method == recorded.method]
    return next((way for way in ways if way.protocol.name == recorded.protocol), None)


def _count_tools(request: _Request) -> int | None:
    try:
        return len(request.protocol.read_request(request.body).tools)
    except BadRequestError:
        return None


def _send(
    told: Previewed, request: _Request, candidate: Candidate, group: Group, lessons: Lessons
) -> Previewed:
    """Do all but sending; raises as a call does."""
    provider = candidate.provider
    told = replace(
        told, target=f"{provider.name}/{candidate.model}", upstream_protocol=provider.protocol
    )
    written = _write_upstream(request, candidate, group, lessons)
    if written is None:
        return replace(told, problem=_IDLE)
    url = PROTOCOLS[provider.protocol].url(
        provider.base_url, candidate.model, written.operation, stream=request.asked.stream
    )
    return replace(
        told,
        changed=told.changed if written.converted else written.body,
        notes=(*told.notes, *(note for note in written.notes if note not in told.notes)),
        converted=written.converted,
        url=url or "",
        upstream=written.body,
    )


def _write_upstream(
    request: _Request, candidate: Candidate, group: Group, lessons: Lessons
) -> _Written | None:
    """Write the request for a candidate, on the lane that it takes; None where nothing is sent."""
    protocol, asked = request.protocol, request.asked
    speaker, profile = PROTOCOLS[candidate.provider.protocol], lessons.profile_of(candidate)
    decided = tools_in_words(group, compat_url=request.place.compat)
    in_words = says_tools(profile, decided=decided)
    if is_faithful(protocol, candidate, lessons, in_words=in_words):
        body = dict(request.body)
        protocol.retarget(body, candidate.model)
        return _Written(body, drop_fields(body, profile), asked.operation, converted=False)
    if asked.idle:
        return None
    drafted = draft(protocol, request.body, candidate.model, stream=asked.stream, in_words=in_words)
    drafted.conversation.input_estimate = tokens.quick_estimate(request.size)
    body, _names = drafted.write(speaker, profile)
    return _Written(body, drafted.conversation.notes, Operation.GENERATE, converted=True)
