"""Writes calls through a real journal until it is killed: `python -m tests.journal.writer`.

What it tells the journal it first notes in a file, with the time, so that whoever kills it knows
what had to be kept.
"""

import asyncio
import os
import random
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ccproxy_tui.traffic.attempt import Attempt
from ccproxy_tui.traffic.call import Call, Exchange, Message, Phase, Tokens
from ccproxy_tui.traffic.feed import Feed
from ccproxy_tui.traffic.journal import Journal, Limits

LIMITS = Limits(days=7, megabytes=1024)
TICK = 0.004
STREAMS = 20
"""Calls that stream at the same time."""
OLD = "old"
"""The alias of calls that are to be deleted as soon as they are written."""
NEW = "new"

Event = Literal["began", "piece", "ended"]


def piece_of(number: int, index: int) -> bytes:
    """The pieces of a call's reply, by which it is known again."""
    return b"data: piece %d of call %d\n\n" % (index, number)


@dataclass
class Writer:
    feed: Feed
    notes: int
    """The file descriptor of the notes."""
    next_id: int
    chance: random.Random
    streams: list[tuple[Call, int]] = field(default_factory=list)
    """Those that run, and how many pieces they will have."""

    def note(self, event: Event, number: int, pieces: int = 0) -> None:
        os.write(
            self.notes, b"%.6f %s %d %d\n" % (time.monotonic(), event.encode(), number, pieces)
        )

    def begin(self, *, old: bool = False) -> Call:
        started_at = time.time() - (8 * 86_400 if old else 0)
        call = Call(
            id=self.next_id,
            started_at=started_at,
            group="default",
            key="dev",
            alias=OLD if old else NEW,
            streaming=True,
            attempts=[Attempt("p/m", 0.001)],
            exchange=Exchange(client_request=Message("POST /", (), [self.chance.randbytes(2000)])),
        )
        self.next_id += 1
        return call

    def quick(self) -> None:
        """A call that begins and ends."""
        call = self.begin(old=self.chance.random() < 0.2)
        self.feed.tell(call)
        self.end(call)

    def stream(self) -> None:
        call = self.begin()
        self.streams.append((call, self.chance.choice([5, 50, 500, 5000])))
        self.note("began", call.id)
        self.feed.tell(call)

    def end(self, call: Call) -> None:
        assert call.exchange is not None
        call.phase = self.chance.choice([Phase.DONE, Phase.DONE, Phase.FAILED])
        call.duration, call.tokens = time.time() - call.started_at, Tokens(input=10, output=5)
        if call.alias == NEW:
            self.note("ended", call.id, len(call.exchange.client_reply.chunks))
        self.feed.tell(call)

    def tick(self) -> None:
        for index, (call, length) in reversed(list(enumerate(self.streams))):
            assert call.exchange is not None
            reply = call.exchange.client_reply
            written = len(reply.chunks)
            if written == length:
                del self.streams[index]
                self.end(call)
            elif self.chance.random() < 0.3:
                reply.keep(piece_of(call.id, written))
                self.note("piece", call.id, written + 1)
        while len(self.streams) < STREAMS:
            self.stream()
        self.quick()


async def main(path: Path, notes: Path, seed: int) -> None:
    journal, feed = await Journal.open(path), Feed()
    keeping = asyncio.ensure_future(journal.keep(feed, lambda: LIMITS))
    await asyncio.sleep(0)
    descriptor = os.open(notes, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    writer = Writer(feed, descriptor, journal.last_id + 1, random.Random(seed))
    while not keeping.done():
        writer.tick()
        await asyncio.sleep(TICK)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])))
