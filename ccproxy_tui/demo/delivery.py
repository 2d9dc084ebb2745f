"""Sends a prepared reply over HTTP with the pace and the faults that it asks for."""

import asyncio
import itertools
import socket
import struct
from collections.abc import Iterable, Sequence

from aiohttp import web

from ccproxy_tui.demo.compression import begin
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
    whole = len(frames) == 1 and headers["Content-Type"].startswith("application/json")
    if reply.encoding:
        response.headers["Content-Encoding"] = reply.encoding
    elif whole and reply.repeat is None:
        response.content_length = sum(map(len, frames))
    compress, finish = begin(reply.encoding)
    await response.prepare(http)
    if reply.first_event_delay:
        await asyncio.sleep(reply.first_event_delay)
    if reply.one_write:
        await response.write(compress(b"".join(frames)))
    else:
        packed = map(compress, _cut(reply, frames))
        await _write_frames(http, request, reply, packed, response)
    if reply.cut_after is not None and reply.cut_after >= len(frames):
        _drop(http, reply)
    if rest := finish():
        await response.write(rest)
    await response.write_eof()
    return response


async def _before_headers(http: web.Request, request: ReceivedRequest, reply: Reply) -> None:
    if reply.delay:
        await asyncio.sleep(reply.delay)
    if reply.hang_before_headers:
        await request.release.wait()
    if reply.close_before_headers:
        _drop(http, reply)


def _cut(reply: Reply, frames: Sequence[bytes]) -> Iterable[bytes]:
    """Give the frames as far as they go: one may be repeated for ever, or end in a character."""
    if reply.repeat is not None:
        last = min(reply.repeat, len(frames) - 1)
        return itertools.chain(frames[:last], itertools.repeat(frames[last]))
    if reply.cut_in_character:
        cut = next(number for number, frame in enumerate(frames) if not frame.isascii())
        within = next(at for at, byte in enumerate(frames[cut]) if byte >= 0x80) + 1
        return [*frames[:cut], frames[cut][:within]]
    return frames


async def _write_frames(
    http: web.Request,
    request: ReceivedRequest,
    reply: Reply,
    frames: Iterable[bytes],
    response: web.StreamResponse,
) -> None:
    number = -1
    for number, frame in enumerate(frames):
        if number == reply.hang_after:
            await request.release.wait()
        if number == reply.cut_after:
            _drop(http, reply)
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
    if reply.cut_in_character:
        _drop(http, reply)
    if reply.hang_after is not None and reply.hang_after > number:
        await request.release.wait()


def _drop(http: web.Request, reply: Reply) -> None:
    if http.transport is not None:
        if reply.reset:
            # closing then throws away what was not sent, and says so to the peer
            connection: socket.socket = http.transport.get_extra_info("socket")
            linger = struct.pack("ii", 1, 0)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        http.transport.abort()
    raise ConnectionDropped
