"""`ccproxy route`: who would answer a call, by the word of the running proxy or by what it left."""

import time
from dataclasses import asdict

import orjson

from ccproxy_tui.config.snapshot import Snapshot
from ccproxy_tui.config.store import ConfigurationStore
from ccproxy_tui.gateway.control import NotRunningError, ask_running, look_ahead
from ccproxy_tui.gateway.errors import RefusedError
from ccproxy_tui.gateway.pool.pool import Pool
from ccproxy_tui.gateway.pool.store import PoolStore
from ccproxy_tui.paths import Home
from ccproxy_tui.traffic.standing import Outlook, Standing

_OFFLINE = "no running ccproxy answers: this is by what it knew last"


class NoRouteError(Exception):
    """A call would be refused; the message says why."""


async def route(home: Home, group: str, model: str, session: str, *, as_json: bool) -> str:
    """Say who would answer, as text or JSON; raises `NoRouteError`."""
    running = True
    try:
        try:
            outlook = await ask_running(home.control, group, model, session)
        except NotRunningError:
            running = False
            outlook = await _by_what_is_stored(home, group, model, session)
    except RefusedError as error:
        raise NoRouteError(error.failure.message) from error
    if as_json:
        return orjson.dumps({**asdict(outlook), "running": running}).decode()
    return "\n".join(_lines(outlook, running=running))


async def _by_what_is_stored(home: Home, group: str, model: str, session: str) -> Outlook:
    store = await ConfigurationStore.open(home.configuration)
    try:
        stored = await store.load()
    finally:
        await store.close()
    if stored is None:
        raise NoRouteError("there is no configuration yet; start ccproxy once")
    pool = Pool()
    memory = await PoolStore.open(home.pool)
    try:
        await memory.load(pool)
    finally:
        await memory.close()
    return look_ahead(Snapshot(*stored), pool, group, model, session)


def _lines(outlook: Outlook, *, running: bool) -> list[str]:
    """Write an outlook for people: the choice, its reasons, and all candidates."""
    lines = [] if running else [_OFFLINE]
    lines.append(f"{outlook.group}: {outlook.alias} → {outlook.chosen or 'nobody'}")
    lines += [f"  {reason}" for reason in outlook.why]
    width = max(len(one.name) for one in outlook.standings)
    lines.append(f"candidates ({outlook.strategy.replace('_', ' ')}):")
    lines += [f"  {one.name:<{width}}  {_state(one)}".rstrip() for one in outlook.standings]
    return lines


def _state(standing: Standing) -> str:
    said = str(standing.state)
    if standing.until:
        said += f" until {time.strftime('%H:%M:%S', time.localtime(standing.until))}"
    if standing.reason:
        said += f": {standing.reason}"
    if standing.in_flight:
        said += f", {standing.in_flight} in flight"
    if standing.share:
        said += f", {standing.share:.0%} of the latest calls"
    return said + "".join(f", {lesson}" for lesson in standing.lessons)
