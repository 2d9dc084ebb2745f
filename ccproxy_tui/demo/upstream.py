"""A scripted upstream: real HTTP, the dialects of five vendors, and faults on demand."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from types import TracebackType
from typing import Self

import orjson
from aiohttp import web

from ccproxy_tui.demo import gemini_wire
from ccproxy_tui.demo.assistant import assistant
from ccproxy_tui.demo.delivery import ConnectionDropped, deliver
from ccproxy_tui.demo.ids import IdMaker
from ccproxy_tui.demo.received import Dialect, ReceivedRequest
from ccproxy_tui.demo.reply import JsonObject, Reply
from ccproxy_tui.demo.routing import missing_field, route
from ccproxy_tui.demo.strict import find_fault
from ccproxy_tui.demo.strict.ollama import thinking_fault
from ccproxy_tui.demo.usage import count_input
from ccproxy_tui.demo.wires import JSON, WIRES, stream_type

Script = Callable[[ReceivedRequest], Reply | Awaitable[Reply]]

DEMO_MODELS = ("demo-model",)
_WRONG_KEY: dict[Dialect, Reply] = {
    "gemini": Reply(status=400, error="API key not valid. Please pass a valid API key.")
}
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
        """Answer of a count of tokens; None estimates from the request's size."""
        self.embeddings: Reply | None = None
        """Answer of every embedding request; None makes vectors from the texts."""
        self.accepted_keys = frozenset(accepted_keys)
        """API keys that are let in; empty lets everyone in."""
        self.strict = strict
        self.think_by_name = False
        """Whether Ollama refuses `think` for each model without "think" in its name."""
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
    def gemini_url(self) -> str:
        """Address with the version segment, as a Gemini target wants it."""
        return f"{self.origin}/v1beta"

    @property
    def ollama_url(self) -> str:
        """Address without any path, as an Ollama client wants it."""
        return self.origin

    def base_url_of(self, dialect: Dialect) -> str:
        """The address that a provider of this dialect is configured with."""
        match dialect:
            case "gemini":
                return self.gemini_url
            case "ollama":
                return self.ollama_url
        return self.base_url

    @property
    def calls(self) -> list[ReceivedRequest]:
        """The requests that asked a model for an answer."""
        return [one for one in self.requests if one.operation == "answer"]

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen; port 0 takes a free one, which `port` then tells."""
        app = web.Application(client_max_size=_BODY_LIMIT)
        app.router.add_route("*", "/{rest:.*}", self._handle)
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

    async def _handle(self, http: web.Request) -> web.StreamResponse:
        request = await self._receive(http)
        reply = self._refuse(request) or await self._choose(request)
        return await self._deliver(http, request, reply)

    async def _choose(self, request: ReceivedRequest) -> Reply:
        wire = WIRES[request.dialect]
        match request.operation:
            case "answer":
                chosen = self._script(request)
                return await chosen if inspect.isawaitable(chosen) else chosen
            case "count":
                given = self.token_count
                tokens = count_input(request) if given is None else given
                return tokens if isinstance(tokens, Reply) else _json(wire.token_count(tokens))
            case "list":
                models = self.models
                return models if isinstance(models, Reply) else _json(wire.model_list(models))
            case "describe":
                known = isinstance(self.models, Reply) or request.model in self.models
                missing = Reply(status=404, error=f"model '{request.model}' not found")
                return _json(wire.model_card(request.model)) if known else missing
            case "embed":
                given = self.embeddings
                return _json(wire.embeddings(request)) if given is None else given
            case "version":
                return _json(wire.version())
        return Reply(status=404, error="no such path")

    async def _receive(self, http: web.Request) -> ReceivedRequest:
        body = await http.read()
        dialect, operation = route(http.method, http.path, http.headers, http.query)
        request = ReceivedRequest(
            http.method, http.path, http.query_string, http.headers, body, dialect, operation
        )
        async with self._arrived:
            self.requests.append(request)
            if len(self.requests) > self._keep:
                del self.requests[0]
            self._arrived.notify_all()
        return request

    def _refuse(self, request: ReceivedRequest) -> Reply | None:
        if self.accepted_keys and request.api_key not in self.accepted_keys:
            return _WRONG_KEY.get(request.dialect, Reply(status=401, error="invalid x-api-key"))
        if request.method != "POST" or request.operation == "unknown":
            return None
        try:
            body = request.json
        except (ValueError, TypeError) as error:
            return Reply(status=400, error=f"the body cannot be read: {error}")
        if missing := missing_field(request.operation, request.dialect, body):
            return Reply(status=400, error=f"{missing}: Field required")
        fault = find_fault(request) if self.strict else ""
        if not fault and self.think_by_name:
            fault = thinking_fault(request)
        if fault:
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
        wire = WIRES[request.dialect]
        streams = request.streams if reply.streamed is None else reply.streamed
        if reply.raw_body is not None:
            return JSON, [reply.raw_body]
        if reply.raw_chunks is not None:
            return stream_type(request), list(reply.raw_chunks)
        if reply.status != 200:
            body = wire.error_body(reply.status, reply.error_message, reply.error_kind)
            return JSON, [orjson.dumps(body)]
        if not streams:
            return JSON, [orjson.dumps(wire.whole(reply, request, self._new_id))]
        frames = wire.frames(reply, request, self._new_id)
        if reply.error_after is not None:
            frames = [*frames[: reply.error_after], wire.error_frame(reply)]
        frames = frames[: reply.end_after]
        if reply.crlf:
            frames = [one.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") for one in frames]
        if (content_type := stream_type(request)) == JSON:
            frames = gemini_wire.as_array(frames)
        return content_type, frames


def _json(body: JsonObject) -> Reply:
    return Reply(raw_body=orjson.dumps(body))


def _in_order(replies: Iterator[Reply]) -> Script:
    exhausted = Reply(status=500, error="the script has no more replies")
    return lambda _: next(replies, exhausted)
