"""The full-screen app with the proxy inside: two threads, and what happens when they end.

Textual has the main thread (it handles signals), the proxy has its own thread and event loop, so
that no frame, and no terminal that has stopped reading, can hold a call up.
"""

import asyncio
import contextlib
import os
import sys
import tempfile
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ccproxy_tui.config.models import Configuration, Provider
from ccproxy_tui.event_loop import run_on_fast_loop
from ccproxy_tui.paths import Home
from ccproxy_tui.traffic.call import Call, Message
from ccproxy_tui.traffic.standing import CandidateId, Outlook
from ccproxy_tui.tui.call_control import Replay, ReplayError
from ccproxy_tui.tui.candidates import CandidatesError
from ccproxy_tui.tui.previews import Preview
from ccproxy_tui.tui.upstreams import Probe, UpstreamsError

if TYPE_CHECKING:  # the gateway is imported by its own thread, while this one imports textual
    from ccproxy_tui.runtime import Service

_T = TypeVar("_T")

_SWITCH_INTERVAL = 0.0005
"""Seconds a thread may keep the interpreter; ten times the default made calls wait in a convoy."""
_PATIENCE_AFTER_QUIT = 0.5
_PATIENCE_WITHOUT_SCREEN = 600.0


class ServingThread(threading.Thread):
    """The proxy's thread."""

    def __init__(self, make_service: "Callable[[], Service]", with_it: "Companion | None" = None):
        """`with_it` runs beside the service, on the same loop, until it stops."""
        super().__init__(name="proxy", daemon=True)
        self._make_service = make_service
        self._with_it = with_it
        self._ready: Future[Service] = Future()
        self._patience = _PATIENCE_AFTER_QUIT
        self._loop: asyncio.AbstractEventLoop
        self._stopping: asyncio.Event

    def run(self) -> None:
        """Serve until `finish`."""
        run_on_fast_loop(self._serve())

    def wait_until_ready(self) -> "Service":
        """Return the service once it listens; raises what kept it from that."""
        return self._ready.result()

    def submit(self, coroutine: Coroutine[Any, Any, _T]) -> "asyncio.Future[_T]":
        """Run a coroutine on the proxy's loop; awaited on the caller's."""
        return asyncio.wrap_future(asyncio.run_coroutine_threadsafe(coroutine, self._loop))

    def finish(self, patience: float) -> None:
        """Let running calls end for up to `patience` seconds, and wait until all is closed."""
        self._patience = patience
        self._loop.call_soon_threadsafe(self._stopping.set)
        self.join()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        try:
            service = self._make_service()
            await service.open()
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            self._ready.set_exception(error)
            return
        self._ready.set_result(service)
        companion = None if self._with_it is None else asyncio.ensure_future(self._with_it(service))
        await self._stopping.wait()
        if companion is not None:
            companion.cancel()
            await asyncio.wait({companion})
        await service.close(self._patience)


Companion = Callable[["Service"], Coroutine[Any, Any, None]]


class GatewayUpstreams:
    """Questions of the picture to upstreams, asked on the proxy's thread."""

    def __init__(self, thread: ServingThread, service: "Service") -> None:
        self._thread = thread
        self._service = service

    async def list_models(self, provider: Provider) -> list[str]:
        """Ask for the models that the provider lists; raises `UpstreamsError`."""
        from ccproxy_tui.gateway import probe
        from ccproxy_tui.gateway.errors import UpstreamError

        try:
            return await self._thread.submit(probe.list_models(self._service.upstream, provider))
        except UpstreamError as error:
            raise UpstreamsError(error.failure.message) from error

    async def probe(self, provider: Provider, model: str) -> Probe:
        """Send a tiny request to a model."""
        from ccproxy_tui.gateway import probe

        candidate = probe.first_candidate(provider, model)
        answer = await self._thread.submit(probe.ask(self._service.upstream, candidate))
        return Probe(answer.ok, answer.text)


class PoolCandidates:
    """Questions and commands of the picture about candidates, carried out on the proxy's thread."""

    def __init__(self, thread: ServingThread, service: "Service") -> None:
        self._thread = thread
        self._service = service

    async def outlook(self, group: str, model: str, session: str = "") -> Outlook:
        """Tell how the candidates for a model stand; raises `CandidatesError`."""
        from ccproxy_tui.gateway.control import look_ahead
        from ccproxy_tui.gateway.errors import RefusedError

        async def look() -> Outlook:
            service = self._service
            return look_ahead(service.live.snapshot, service.pool, group, model, session)

        try:
            return await self._thread.submit(look())
        except RefusedError as error:
            raise CandidatesError(error.failure.message) from error

    async def reset(self, candidate: CandidateId) -> None:
        """Make a candidate ready."""

        async def reset() -> None:
            self._service.pool.reset(candidate)

        await self._thread.submit(reset())

    async def switch(self, candidate: CandidateId, *, on: bool) -> None:
        """Disable a candidate, or enable it."""

        async def switch() -> None:
            self._service.pool.switch(candidate, on=on)

        await self._thread.submit(switch())

    async def probe(self, candidate: CandidateId) -> Probe:
        """Send a tiny request; an answer makes the candidate ready."""
        from ccproxy_tui.gateway.probe import ask

        service = self._service

        async def probe() -> Probe:
            found = service.pool.find(service.live.snapshot.routes, candidate)
            if found is None:
                return Probe(False, "it is no longer in the configuration")
            answer = await ask(service.upstream, found)
            if answer.ok:
                service.pool.recovered(candidate)
            return Probe(answer.ok, answer.text)

        return await self._thread.submit(probe())


class GatewayCallControl:
    """Commands of the picture about calls, carried out on the proxy's thread."""

    def __init__(self, thread: ServingThread, service: "Service") -> None:
        self._thread = thread
        self._gateway = service.gateway

    async def cancel(self, call_id: int) -> bool:
        """End a running call with an error that its client understands; False if it was over."""

        async def cancel() -> bool:
            return self._gateway.calls.stop(call_id)

        return await self._thread.submit(cancel())

    async def replay(self, replay: Replay) -> int:
        """Send a call again and return the new call's id; raises `ReplayError`."""
        from ccproxy_tui.gateway.replay import Again, CannotReplayError

        again = Again(**{one.name: getattr(replay, one.name) for one in fields(replay)})
        try:
            return await self._thread.submit(self._gateway.replays.send(again))
        except CannotReplayError as error:
            raise ReplayError(str(error)) from error


class GatewayPreviews:
    """Previews for the picture, worked out in a thread of their own: no call waits for one."""

    def __init__(self, service: "Service") -> None:
        self._lessons = service.pool.lessons

    async def preview(
        self, configuration: Configuration, group: str, call: Call, request: Message
    ) -> Preview:
        """Tell what a call's request would become in a group; nothing is sent."""
        from ccproxy_tui.config.snapshot import Snapshot
        from ccproxy_tui.gateway.preview import Recorded, preview

        body = request.body
        recorded = Recorded(call.method, call.path, call.protocol, request.headers, body)

        def look() -> Preview:
            told = preview(Snapshot(configuration, 0), self._lessons, group, recorded)
            return Preview(**{one.name: getattr(told, one.name) for one in fields(told)})

        return await asyncio.to_thread(look)


def run(home: Home, host: str | None, port: int | None) -> None:
    """Run the app; returns when the user quits, or after a hang-up when the process is stopped.

    Raises what `Service.open` raises.
    """

    def make_service() -> "Service":
        from ccproxy_tui.runtime import Overrides, Service

        return Service(home, Overrides(host, port))

    _run(ServingThread(make_service), demo=False, picture=home.picture)


def run_demo(host: str | None, port: int | None) -> None:
    """Run the app with scripted traffic and data in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="ccproxy-demo-") as folder:

        def make_service() -> "Service":
            from ccproxy_tui.config.first import demo_configuration
            from ccproxy_tui.demo.lively import Lively
            from ccproxy_tui.demo.upstream import ScriptedUpstream
            from ccproxy_tui.runtime import Overrides, Service

            return Service(
                Home(Path(folder)),
                Overrides(host, port or 0),
                first=demo_configuration(),
                scripted=ScriptedUpstream(Lively(), keep=0),
            )

        _run(ServingThread(make_service, _demo_client), demo=True)


async def _demo_client(service: "Service") -> None:
    from ccproxy_tui.demo.client import DemoClient

    token = service.live.value.keys[0].token
    await DemoClient(service.url, token, prefixes=("/qwen", "", "/night")).run()


def _run(thread: ServingThread, *, demo: bool, picture: Path | None = None) -> None:
    sys.setswitchinterval(_SWITCH_INTERVAL)
    thread.start()
    from ccproxy_tui.tui.app import CcproxyApp
    from ccproxy_tui.tui.remembered import Memory
    from ccproxy_tui.tui.status import ProxyStatus

    service = thread.wait_until_ready()
    reason = None
    try:
        app = CcproxyApp(
            service.live,
            service.feed,
            service.journal,
            GatewayUpstreams(thread, service),
            PoolCandidates(thread, service),
            GatewayPreviews(service),
            GatewayCallControl(thread, service),
            ProxyStatus(
                address=service.url.removeprefix("http://"),
                base_url=service.url,
                note=_note(service, demo=demo),
            ),
            demo=demo,
            first_run=service.first_start and not demo,
            memory=None if picture is None else Memory.load(picture),
        )
        reason = app.run()
        if not demo:
            _go_on_without_screen(service, reason)
    finally:
        thread.finish(_PATIENCE_AFTER_QUIT if reason == "quit" else _PATIENCE_WITHOUT_SCREEN)


def _note(service: "Service", *, demo: bool) -> str:
    if demo:
        return "demo: data in a temporary folder"
    aside = service.journal.aside
    return "" if aside is None else f"the journal was damaged; it is {aside.name} now"


def _go_on_without_screen(service: "Service", reason: str | None) -> None:
    """Serve on until SIGTERM or SIGINT, unless the user has quit: agents out there depend on it."""
    if reason == "hangup" and service.live.value.settings.on_hangup == "serve":
        _let_go_of_the_terminal()
    elif reason is None:
        print(f"the screen failed; {service.url} is still served, ctrl+c stops it", file=sys.stderr)  # noqa: T201
    else:
        return
    from ccproxy_tui import headless

    async def wait() -> None:
        async with headless.following(service.live):
            with headless.stop_signals() as came:
                await came.acquire()

    asyncio.run(wait())


def _let_go_of_the_terminal() -> None:
    """Point the standard streams to nowhere, so that nothing can fail or block on the dead one."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        with contextlib.suppress(OSError):
            os.dup2(nowhere, stream)
    os.close(nowhere)
