"""The yardstick for the faithful lane: as bare a relay as aiohttp allows."""

from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

UPSTREAM: web.AppKey[str] = web.AppKey("upstream", str)
SESSION: web.AppKey[aiohttp.ClientSession] = web.AppKey("session", aiohttp.ClientSession)


async def relay(request: web.Request) -> web.StreamResponse:
    body = await request.read()
    async with request.app[SESSION].post(
        request.app[UPSTREAM] + request.path,
        data=body,
        headers={"content-type": "application/json"},
    ) as reply:
        response = web.StreamResponse(
            status=reply.status, headers={"content-type": reply.headers.get("content-type", "")}
        )
        await response.prepare(request)
        async for chunk in reply.content.iter_any():
            await response.write(chunk)
        await response.write_eof()
        return response


def application(upstream: str, handler: Handler) -> web.Application:
    async def session(app: web.Application) -> AsyncIterator[None]:
        app[SESSION] = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        yield
        await app[SESSION].close()

    app = web.Application(client_max_size=64 * 1024 * 1024)
    app[UPSTREAM] = upstream
    app.cleanup_ctx.append(session)
    app.router.add_post("/{path:.*}", handler)
    return app
