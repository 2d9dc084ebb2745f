"""Questions of the user's other processes to the running proxy, over a socket in the data folder."""

import logging
from dataclasses import asdict
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from ccproxy_tui.config.live import LiveConfiguration
from ccproxy_tui.config.snapshot import Snapshot
from ccproxy_tui.gateway.errors import RefusedError
from ccproxy_tui.gateway.pool.pool import Pool
from ccproxy_tui.gateway.routing import find_group, find_route
from ccproxy_tui.traffic.standing import CandidateId, Outlook, Standing, State

log = logging.getLogger(__name__)

_ROUTE = "/route"
_PATIENCE = aiohttp.ClientTimeout(total=5)


class NotRunningError(Exception):
    """Nobody answers at the socket."""


def look_ahead(
    snapshot: Snapshot, pool: Pool, group: str, model: str, session: str = ""
) -> Outlook:
    """Tell whom a call for a model would go to now, and why; sends nothing and takes no turn.

    An alias may be given in place of a model. Raises `RefusedError` as such a call would.
    """
    index = find_group(snapshot, group)
    named = next((route for route in index.routes if route.alias == model), None)
    return pool.outlook(named or find_route(index, model), session)


class Control:
    """Answers at the socket; whoever starts it stops it."""

    def __init__(self, live: LiveConfiguration, pool: Pool) -> None:
        self._live = live
        self._pool = pool
        app = web.Application()
        app.router.add_get(_ROUTE, self._route)
        self._runner = web.AppRunner(app, access_log=None)

    async def start(self, path: Path) -> None:
        """Listen; where that is not possible, as for a path that is too long, go without."""
        await self._runner.setup()
        path.unlink(missing_ok=True)
        try:
            await web.UnixSite(self._runner, path).start()
            path.chmod(0o600)
        except OSError as error:
            log.warning("no control socket at %s (%s)", path, error)

    async def stop(self) -> None:
        """Listen no more."""
        await self._runner.cleanup()

    async def _route(self, request: web.Request) -> web.Response:
        asked = request.query
        group, model, session = (asked.get(name, "") for name in ("group", "model", "session"))
        try:
            outlook = look_ahead(self._live.snapshot, self._pool, group, model, session)
        except RefusedError as error:
            return web.json_response({"error": error.failure.message}, status=404)
        return web.json_response(asdict(outlook))


async def ask_running(path: Path, group: str, model: str, session: str) -> Outlook:
    """Ask the running proxy to look ahead; raises `NotRunningError`, and `RefusedError` as it does."""
    connector = aiohttp.UnixConnector(str(path))
    async with aiohttp.ClientSession(connector=connector, timeout=_PATIENCE) as http:
        asked = {"group": group, "model": model, "session": session}
        try:
            async with http.get(f"http://control{_ROUTE}", params=asked) as response:
                told = await response.json()
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise NotRunningError from error
    if "error" in told:
        raise RefusedError(404, told["error"])
    return _outlook(told)


def _outlook(told: dict[str, Any]) -> Outlook:
    standings = tuple(
        Standing(
            **{
                **one,
                "id": CandidateId(**one["id"]),
                "state": State(one["state"]),
                "lessons": tuple(one["lessons"]),
            }
        )
        for one in told["standings"]
    )
    return Outlook(**{**told, "standings": standings, "why": tuple(told["why"])})
