"""A recorded call sent again, as a request of its own to the proxy's own address.

It goes through everything that its client's did. A ticket in a header tells the proxy that a person
has sent it, so that it needs no access key.
"""

import hashlib
import secrets
from asyncio import Future, Task, get_running_loop, wait
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from ccproxy_tui import json_bytes
from ccproxy_tui.config.live import LiveConfiguration
from ccproxy_tui.config.snapshot import Snapshot
from ccproxy_tui.gateway import headers, routing
from ccproxy_tui.gateway.errors import RefusedError
from ccproxy_tui.gateway.paths import Place, Way, find_place, one_slash
from ccproxy_tui.gateway.upstream import payload
from ccproxy_tui.tasks import spawn
from ccproxy_tui.traffic.call import Call, Message

_MADE_BY_CLIENT: Final = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
"""Headers that the HTTP client would add of itself where the recorded request has none."""
_CONNECT_SECONDS: Final = 5


class CannotReplayError(Exception):
    """A call cannot be sent again; says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Again:
    """What to send again; `tui.call_control.Replay` says what the fields mean."""

    call: Call
    request: Message = field(repr=False)
    body: bytes | None = field(default=None, repr=False)
    group: str = ""
    model: str = ""
    target: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Ticket:
    """Lets one request in."""

    replay_of: int
    key: str
    """Name of the access key that its client had shown."""
    target: str
    seal: bytes
    """Of the request that it lets in; see `sealed`."""
    _began: "Future[int]"

    def begins(self, call_id: int) -> None:
        """Tell the new call's id to whoever waits for it."""
        if not self._began.done():
            self._began.set_result(call_id)

    def check(self, method: str, path: str, body: bytes) -> None:
        """Refuse any other request than the one it was made for; raises `RefusedError` (401)."""
        if sealed(method, path, body) != self.seal:
            raise RefusedError(401, "this is not what ccproxy wanted to send again", retry=False)


@dataclass(frozen=True, slots=True)
class _Request:
    """What goes out; `path` is decoded, `query` is not."""

    method: str
    path: str
    query: str
    headers: CIMultiDict[str]
    body: bytes


class Replays:
    """Sends calls again, and knows the tickets of those that are on their way."""

    def __init__(self, live: LiveConfiguration) -> None:
        self._live = live
        self._tickets: dict[str, Ticket] = {}
        self._sending: set[Task[None]] = set()
        self._http: aiohttp.ClientSession
        self._origin = URL()

    async def open(self, host: str, port: int) -> None:
        """Begin, once the proxy listens."""
        self._origin = URL.build(scheme="http", host=host, port=port)
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS)
        self._http = aiohttp.ClientSession(
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=timeout,
            skip_auto_headers=_MADE_BY_CLIENT,
            connector=aiohttp.TCPConnector(limit=0, force_close=True),
        )

    async def close(self) -> None:
        """Let go of those that still run."""
        for task in self._sending:
            task.cancel()
        if self._sending:
            await wait(self._sending)
        await self._http.close()

    def take(self, shown: str | None) -> Ticket | None:
        """Give the ticket that a request shows, once; None where it shows none of ours."""
        return None if shown is None else self._tickets.pop(shown, None)

    async def send(self, again: Again) -> int:
        """Send a call again and return the new call's id, while that runs; raises `CannotReplayError`."""
        if self._http.closed:
            raise CannotReplayError("ccproxy is stopping")
        request = rewrite(self._live.snapshot, again)
        began: Future[int] = get_running_loop().create_future()
        name = secrets.token_urlsafe()
        seal = sealed(request.method, request.path, request.body)
        self._tickets[name] = Ticket(again.call.id, again.call.key, again.target, seal, began)
        request.headers[headers.TICKET] = name
        task = spawn(self._ask(request, began), "replay")
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)
        try:
            return await began
        finally:
            self._tickets.pop(name, None)

    async def _ask(self, request: _Request, began: "Future[int]") -> None:
        """Ask as a client, and read the reply for nobody: its record is what counts."""
        # never joined: a path may look like another host's address
        path = quote(request.path, safe="/:@")
        url = URL(f"{self._origin.with_path(path, encoded=True)}{request.query}", encoded=True)
        said = "ccproxy did not take its own request"
        try:
            async with self._http.request(
                request.method,
                url,
                data=payload(request.body),
                headers=request.headers,
                allow_redirects=False,
            ) as response:
                async for _ in response.content.iter_any():
                    pass
        except (aiohttp.ClientError, OSError) as error:
            said = f"ccproxy cannot be reached at {self._origin} ({error})"
        finally:
            if not began.done():
                began.set_exception(CannotReplayError(said))


def sealed(method: str, path: str, body: bytes) -> bytes:
    """Return a digest of what a request asks for."""
    return hashlib.blake2b(b"\0".join((method.encode(), path.encode(), body))).digest()


def rewrite(snapshot: Snapshot, again: Again) -> _Request:
    """Make the request, changed as it is asked for; raises `CannotReplayError`."""
    call, recorded = again.call, again.request
    place = find_place(call.path)
    ways = [way for way in place.ways if way.protocol.name == call.protocol]
    if not ways:
        raise CannotReplayError(f"{call.method} {call.path} is nothing that ccproxy serves")
    _check(snapshot, again, place)
    path = _path(again, place, ways[0])
    query = recorded.head.removeprefix(f"{call.method} {call.path}")
    return _Request(
        call.method,
        path,
        query if query.startswith("?") else "",
        headers.sent_again(recorded.headers),
        _body(again, ways[0]),
    )


def _check(snapshot: Snapshot, again: Again, place: Place) -> None:
    """Refuse at once what is asked for and not there."""
    try:
        if again.target:
            routing.pin(snapshot, again.target)
        if again.group or again.model:
            index = routing.find_group(snapshot, again.group or place.group)
            if again.model and not again.target:
                routing.find_route(index, again.model)
    except RefusedError as error:
        raise CannotReplayError(error.failure.message) from error


def _path(again: Again, place: Place, way: Way) -> str:
    """Lead to the group and the model that are asked for; else the path stays as it was."""
    named = again.model and "model" in way.parameters
    if not (again.group or named):
        return one_slash(again.call.path)
    below = way.route.path.replace("{model}", again.model) if named else place.below
    group = again.group or place.group
    return f"{f'/{group}' if group else ''}{'/compat' if place.compat else ''}{below}"


def _body(again: Again, way: Way) -> bytes:
    body = again.request.body if again.body is None else again.body
    if again.body is None and not body:
        raise CannotReplayError(
            f"the body of #{again.call.id} was not kept, so it cannot be sent again; only a call "
            "whose group lets bodies be kept can be"
        )
    edited = again.body is not None
    if not edited and not (again.model and "model" not in way.parameters):
        return body
    try:
        content = json_bytes.read(body)
    except (ValueError, RecursionError) as error:
        whose = "the edited body" if edited else "the recorded body"
        raise CannotReplayError(f"{whose} is not valid JSON ({error})") from error
    if not again.model or "model" in way.parameters:
        return body
    if not isinstance(content, dict):
        raise CannotReplayError("the body is not a JSON object, so it cannot name another model")
    return json_bytes.write({**content, "model": again.model})
