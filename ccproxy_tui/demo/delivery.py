"""Sends a prepared reply over HTTP with the pace and the faults that it asks for."""

import asyncio
from collections.abc import Sequence

from aiohttp import web

from ccproxy_tui.demo.received import ReceivedRequest
from ccproxy_tui.demo.reply import Reply

_FRAMES_BETWEEN_YIELDS = 32


class ConnectionDropped(Exception):  # noqa: N818 it is meant, not an error
    """The reply asked for the connection to be dropped, and it was."""


async def deliver(
    http: web.Request,
    request: ReceivedRequest,
    reply: Reply,
    frames: Sequence[bytes],
    headers: dict[str, str],
) -> web.StreamResponse:
    """Answer with `frames` (one whole body counts as one frame) and do what `reply` says."""
    await _before_headers(http, request, reply)
    response = web.StreamResponse(status=reply.status, headers=headers)
    if len(frames) == 1 and headers["Content-Type"].startswith("application/json"):
        response.content_length = sum(map(len, frames))
    await response.prepare(http)
    if reply.first_event_delay:
        await asyncio.sleep(reply.first_event_delay)
    if reply.one_write:
        await response.write(b"".join(frames))
    else:
        await _write_frames(http, request, reply, frames, response)
    if reply.cut_after is not None and reply.cut_after >= len(frames):
        _drop(http)
    await response.write_eof()
    return response


async def _before_headers(http: web.Request, request: ReceivedRequest, reply: Reply) -> None:
    if reply.delay:
        await asyncio.sleep(reply.delay)
    if reply.hang_before_headers:
        await request.release.wait()
    if reply.close_before_headers:
        _drop(http)


async def _write_frames(
    http: web.Request,
    request: ReceivedRequest,
    reply: Reply,
    frames: Sequence[bytes],
    response: web.StreamResponse,
) -> None:
    for number, frame in enumerate(frames):
        if number == reply.hang_after:
            await request.release.wait()
        if number == reply.cut_after:
            _drop(http)
        if number and reply.pace:
            await asyncio.sleep(reply.pace)
        elif number % _FRAMES_BETWEEN_YIELDS == 0:
            await asyncio.sleep(0)
        if reply.byte_by_byte:
            for at in range(len(frame)):
                await response.write(frame[at : at + 1])
                await asyncio.sleep(0)
        else:
            await response.write(frame)
    if reply.hang_after is not None and reply.hang_after >= len(frames):
        await request.release.wait()


def _drop(http: web.Request) -> None:
    if http.transport is not None:
        http.transport.abort()
    raise ConnectionDropped
