"""A tiny HTTP proxy that remembers whom it was asked for, and with which password."""

import asyncio
import contextlib
from base64 import b64decode
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web


@dataclass
class ForwardProxy:
    address: str = ""
    refuse: int = 0
    """A status to answer everything with; 0 passes requests on."""
    seen: list[tuple[str, str, str]] = field(default_factory=list)
    """Method, target as in the request's first line, and `user:password`."""

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        given = request.headers.get("Proxy-Authorization", "").removeprefix("Basic ")
        self.seen.append((request.method, request.raw_path, b64decode(given).decode()))
        if self.refuse:
            return web.Response(status=self.refuse, text="Proxy says no")
        headers = request.headers.copy()
        headers.pop("Proxy-Authorization", None)
        async with (
            aiohttp.ClientSession() as session,
            session.request(
                request.method, request.raw_path, headers=headers, data=await request.read()
            ) as reply,
        ):
            body = await reply.read()
            return web.Response(status=reply.status, body=body, content_type=reply.content_type)


@contextlib.asynccontextmanager
async def forward_proxy(*, refuse: int = 0) -> AsyncIterator[ForwardProxy]:
    proxy = ForwardProxy(refuse=refuse)
    server = web.Server(proxy.handle, access_log=None)
    listening = await asyncio.get_running_loop().create_server(server, "127.0.0.1", 0)
    host, port = listening.sockets[0].getsockname()
    proxy.address = f"{host}:{port}"
    try:
        yield proxy
    finally:
        listening.close()
        await server.shutdown(0.01)
