"""A journal whose batches a test writes itself."""

import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ccproxy_tui.traffic.call import Call, Exchange, Message, Phase, Tokens
from ccproxy_tui.traffic.feed import Feed, Listener
from ccproxy_tui.traffic.journal import Journal


@dataclass
class Desk:
    journal: Journal
    feed: Feed
    listener: Listener

    async def write(self, *calls: Call) -> None:
        """Tell of calls and write a batch."""
        for call in calls:
            self.feed.tell(call)
        await self.journal._write(self.listener)

    async def rows(self, sql: str) -> list[Any]:
        def read(connection: sqlite3.Connection) -> list[Any]:
            return connection.execute(sql).fetchall()

        return await self.journal._reader.run(read)


@asynccontextmanager
async def open_desk(path: Path) -> AsyncIterator[Desk]:
    journal, feed = await Journal.open(path), Feed()
    try:
        yield Desk(journal, feed, feed.listen())
    finally:
        await journal.close()


def begun(number: int, **fields: Any) -> Call:
    """A call that runs and has sent its request."""
    call = Call(id=number, started_at=time.time(), group="qwen", key="dev", **fields)
    request = Message("POST /v1/messages", (("accept", "*/*"),), [b'{"hello": 1}'])
    call.exchange = Exchange(client_request=request)
    return call


def ended(number: int, body: bytes = b"body", **fields: Any) -> Call:
    request = Message("POST /v1/messages", (("a", "b"),), [body[:2], body[2:]])
    facts: dict[str, Any] = {
        "started_at": time.time(),
        "group": "qwen",
        "phase": Phase.DONE,
        "status": 200,
        "ttft": 0.5,
        "notes": ["temperature 1.0 → 0.7"],
        **fields,
    }
    return Call(
        id=number,
        tokens=Tokens(1, 2, 3, 4, estimated=True),
        exchange=Exchange(client_request=request),
        **facts,
    )


def says(message: Message, *pieces: bytes) -> None:
    for piece in pieces:
        message.keep(piece)


def exchange_of(call: Call) -> Exchange:
    assert call.exchange is not None
    return call.exchange
