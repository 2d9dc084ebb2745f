"""A scripted upstream: real HTTP, the Anthropic and the OpenAI dialect, and faults on demand."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from types import ModuleType, TracebackType
from typing import Self

import orjson
from aiohttp import web

from ccproxy_tui.demo import claude_wire, openai_wire
from ccproxy_tui.demo.assistant import assistant
from ccproxy_tui.demo.delivery import ConnectionDropped, deliver
from ccproxy_tui.demo.ids import IdMaker
from ccproxy_tui.demo.received import Dialect, ReceivedRequest
from ccproxy_tui.demo.reply import JsonObject, Reply
from ccproxy_tui.demo.strict import find_fault
from ccproxy_tui.demo.usage import count_input

Script = Callable[[ReceivedRequest], Reply | Awaitable[Reply]]

DEMO_MODELS = ("demo-model",)
_WIRES: dict[Dialect, ModuleType] = {"claude": claude_wire, "openai": openai_wire}
_BODY_LIMIT = 256 * 1024 * 1024


class ScriptedUpstream:
    """An HTTP server on loopback that answers as `script` says and remembers what it was asked.

    `strict` refuses requests that the real vendors would refuse, in their words.
    """

    def __init__(
        self,
        script: Script | Reply | Iterable[Reply] = assistant,
        *,
        models: Sequence[str] = DEMO_MODELS,
        accepted_keys: Iterable[str] = (),
        strict: bool = False,
        keep: int = 200,
        seed: int | None = None,
    ) -> None:
        self.script = script
        self.models: Sequence[str] | Reply = models
        """A reply instead of ids answers the list request, faults included."""
        self.token_count: int | Reply | None = None
        """Answer of `count_tokens`; None estimates from the request's size."""
        self.accepted_keys = frozenset(accepted_keys)
        """API keys that are let in; empty lets everyone in."""
        self.strict = strict
        self.requests: list[ReceivedRequest] = []
        """All requests of any kind, the latest `keep` of them."""
        self.port = 0
        self._host = ""
        self._keep = keep
        self._new_id = IdMaker(seed)
        self._arrived = asyncio.Condition()
        self._runner: web.AppRunner | None = None

    @property
    def script(self) -> Script:
        """What chooses the reply; set it to a callable, a reply, or replies in their order."""
        return self._script

    @script.setter
    def script(self, script: Script | Reply | Iterable[Reply]) -> None:
        if isinstance(script, Reply):
            self._script: Script = lambda _: script
        elif callable(script):
            self._script = script
        else:
            self._script = _in_order(iter(script))

    @property
    def base_url(self) -> str:
        """Address with the version segment, as an OpenAI client wants it."""
        return f"{self.origin}/v1"

    @property
    def origin(self) -> str:
        """Address without any path, as an Anthropic client wants it."""
        return f"http://{self._host}:{self.port}"

    @property
    def calls(self) -> list[ReceivedRequest]:
        """The requests that asked a model for an answer."""
        return [one for one in self.requests if one.path.endswith(("/messages", "/completions"))]

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen; port 0 takes a free one, which `port` then tells."""
        app = web.Application(client_max_size=_BODY_LIMIT)
        app.router.add_post("/v1/messages", self._answer)
        app.router.add_post("/v1/chat/completions", self._answer)
        app.router.add_post("/v1/messages/count_tokens", self._count_tokens)
        app.router.add_get("/v1/models", self._list_models)
        app.router.add_route("*", "/{rest:.*}", self._unknown)
        self._runner = web.AppRunner(
            app, handler_cancellation=True, access_log=None, shutdown_timeout=0.1
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        self._host = host
        self.port = int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Stop listening and drop what is still running."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    async def wait_for_calls(self, count: int = 1, within: float = 10.0) -> list[ReceivedRequest]:
        """Wait until `count` model calls have arrived; `TimeoutError` after `within` seconds."""
        async with asyncio.timeout(within), self._arrived:
            await self._arrived.wait_for(lambda: len(self.calls) >= count)
        return self.calls

    async def _answer(self, http: web.Request) -> web.StreamResponse:
        dialect: Dialect = "claude" if http.path.endswith("/messages") else "openai"
        request = await self._receive(http, dialect)
        refusal = self._refuse(request)
        if refusal is None:
            chosen = self._script(request)
            reply = await chosen if inspect.isawaitable(chosen) else chosen
        else:
            reply = refusal
        return await self._deliver(http, request, reply)

    async def _count_tokens(self, http: web.Request) -> web.StreamResponse:
        request = await self._receive(http, "claude")
        reply = self._refuse(request)
        if reply is None:
            given = self.token_count
            tokens = count_input(request) if given is None else given
            reply = tokens if isinstance(tokens, Reply) else _json(claude_wire.token_count(tokens))
        return await self._deliver(http, request, reply)

    async def _list_models(self, http: web.Request) -> web.StreamResponse:
        is_claude = "anthropic-version" in http.headers or "x-api-key" in http.headers
        request = await self._receive(http, "claude" if is_claude else "openai")
        reply = self._refuse(request)
        if reply is None:
            models = self.models
            listed = _WIRES[request.dialect].model_list
            reply = models if isinstance(models, Reply) else _json(listed(models))
        return await self._deliver(http, request, reply)

    async def _unknown(self, http: web.Request) -> web.StreamResponse:
        request = await self._receive(http, "claude" if "x-api-key" in http.headers else "openai")
        return await self._deliver(http, request, Reply(status=404, error="no such path"))

    async def _receive(self, http: web.Request, dialect: Dialect) -> ReceivedRequest:
        body = await http.read()
        request = ReceivedRequest(
            http.method, http.path, http.query_string, http.headers, body, dialect
        )
        async with self._arrived:
            self.requests.append(request)
            if len(self.requests) > self._keep:
                del self.requests[0]
            self._arrived.notify_all()
        return request

    def _refuse(self, request: ReceivedRequest) -> Reply | None:
        if self.accepted_keys and request.api_key not in self.accepted_keys:
            return Reply(status=401, error="invalid x-api-key")
        try:
            body = request.json
        except (ValueError, TypeError) as error:
            return Reply(status=400, error=f"the body cannot be read: {error}")
        if request.method == "POST" and not isinstance(body.get("messages"), list):
            return Reply(status=400, error="messages: Field required")
        if self.strict and request.method == "POST" and (fault := find_fault(request)):
            return Reply(status=400, error=fault)
        return None

    async def _deliver(
        self, http: web.Request, request: ReceivedRequest, reply: Reply
    ) -> web.StreamResponse:
        content_type, frames = self._prepare(request, reply)
        id_header = "request-id" if request.dialect == "claude" else "x-request-id"
        headers = {"Content-Type": reply.content_type or content_type}
        headers |= {id_header: self._new_id("req_"), **reply.headers}
        try:
            return await deliver(http, request, reply, frames, headers)
        except asyncio.CancelledError:
            request.disconnected = True
            raise
        except ConnectionError:
            request.disconnected = True
            return web.Response()
        except ConnectionDropped:
            return web.Response()
        finally:
            request.ended.set()

    def _prepare(self, request: ReceivedRequest, reply: Reply) -> tuple[str, list[bytes]]:
        wire = _WIRES[request.dialect]
        if reply.raw_body is not None:
            return "application/json", [reply.raw_body]
        if reply.raw_chunks is not None:
            return "text/event-stream", list(reply.raw_chunks)
        if reply.status != 200:
            message = reply.error or "a scripted error"
            body = wire.error_body(reply.status, message, reply.error_kind)
            return "application/json", [orjson.dumps(body)]
        if not (request.streams if reply.streamed is None else reply.streamed):
            return "application/json", [orjson.dumps(wire.whole(reply, request, self._new_id))]
        frames = wire.frames(reply, request, self._new_id)
        if reply.error_after is not None:
            failure = wire.error_frame(reply.error or "a scripted error", reply.error_kind)
            frames = [*frames[: reply.error_after], failure]
        frames = frames[: reply.end_after]
        if reply.crlf:
            frames = [frame.replace(b"\n", b"\r\n") for frame in frames]
        return "text/event-stream", frames


def _json(body: JsonObject) -> Reply:
    return Reply(raw_body=orjson.dumps(body))


def _in_order(replies: Iterator[Reply]) -> Script:
    exhausted = Reply(status=500, error="the script has no more replies")
    return lambda _: next(replies, exhausted)
