"""No secret reaches the journal: neither the client's key nor the provider's, in whatever place."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import zstandard

from ccproxy_tui.demo.reply import Reply
from ccproxy_tui.traffic.call import Call, Phase
from ccproxy_tui.traffic.journal import Journal
from tests.gateway.five import KEY, PROTOCOLS, ask, lead_to_all
from tests.gateway.proxy import TOKEN, Answer, RunningProxy, request

SAID = f"Incorrect API key provided: {KEY}."
FAULTS = (
    Reply(status=401, error=SAID),
    Reply(text="a b c d e f g h i j k l m n", error_after=3, error=SAID),
    Reply(raw_body=SAID.encode(), content_type="text/plain"),
    Reply(text="fine", headers={"x-quoted": f"used {KEY}", "set-cookie": f"key={KEY}"}),
)
CREDENTIALS: tuple[dict[str, str], ...] = (
    {"Authorization": f"Bearer {TOKEN}"},
    {"x_api_key": TOKEN},
    {"x_goog_api_key": TOKEN},
)


class Kept:
    """A journal that writes what the proxy's feed tells, when a test wants it."""

    def __init__(self, proxy: RunningProxy, journal: Journal, path: Path) -> None:
        self.proxy = proxy
        self.journal = journal
        self._path = path

    async def write(self) -> None:
        await self.journal._write(self.proxy.listener)

    def everything(self) -> bytes:
        """All bytes on disk, and those that were compressed."""
        files = [file for file in self._path.parent.iterdir() if file.name.startswith("journal")]
        return b"".join(file.read_bytes() for file in files)

    async def unpacked(self) -> bytes:
        blobs = await self.journal._reader.run(
            lambda connection: connection.execute(
                "select bodies from exchange union all select bodies from piece"
            ).fetchall()
        )
        unpack = zstandard.ZstdDecompressor().decompress
        return b"".join(unpack(blob) for (blob,) in blobs)

    async def check(self) -> bytes:
        """Make sure that there is no secret, and return all bodies."""
        bodies = await self.unpacked()
        for text in (self.everything(), bodies):
            for secret in (TOKEN, KEY, KEY.replace("/", r"\/")):
                assert secret.encode() not in text
        return bodies


@pytest.fixture
async def kept(proxy: RunningProxy, tmp_path: Path) -> AsyncIterator[Kept]:
    path = tmp_path / "journal.db"
    journal = await Journal.open(path)
    await lead_to_all(proxy)
    yield Kept(proxy, journal, path)
    await journal.close()


@pytest.mark.parametrize("lane", PROTOCOLS)
async def test_none_of_whatever_goes_wrong_is_kept(kept: Kept, lane: str) -> None:
    for client in PROTOCOLS:
        for fault in FAULTS:
            kept.proxy.upstream.script = fault
            await ask(kept.proxy, client, lane, stream=True)
    await kept.write()
    calls = await kept.journal.recent(100)
    assert len(calls) == len(PROTOCOLS) * len(FAULTS)
    assert "Incorrect API key provided: •••" in "".join(call.error for call in calls)
    assert "Incorrect API key provided: •••".encode() in await kept.check()


async def test_none_of_what_a_client_shows_is_kept(kept: Kept) -> None:
    for headers in CREDENTIALS:
        answer = await kept.proxy.post("/claude/v1/messages", request(), token=None, **headers)
        assert answer.status == 200
    body = {"contents": [{"role": "user", "parts": [{"text": "a question"}]}]}
    path = f"/gemini/v1beta/models/asked:generateContent?key={TOKEN}"
    assert (await kept.proxy.post(path, body, token=None)).status == 200
    for wrong in ({"Authorization": f"Basic {TOKEN}"}, {"Cookie": f"key={TOKEN}"}):
        await kept.proxy.post("/claude/v1/messages", request(), token=None, **wrong)
    await kept.write()
    assert len(await kept.journal.recent(100)) == 6
    assert b"a question" in await kept.check()


async def test_none_that_has_come_half_is_kept_while_the_call_runs(kept: Kept) -> None:
    """Whoever reads the file of a running proxy, or of one that was killed, finds no part of it."""
    asking = await _hang_in_an_error(kept, KEY[:15], KEY[15:])
    await kept.write()
    bodies = await kept.unpacked()
    assert b"hello" in bodies, "the call is being written"
    assert KEY[:15].encode() not in bodies + kept.everything()
    kept.proxy.upstream.calls[-1].release.set()
    await asking
    await kept.write()
    assert "the key ••• is wrong".encode() in await kept.check()


async def test_none_is_kept_when_the_client_goes_away_in_the_middle_of_an_error(kept: Kept) -> None:
    asking = await _hang_in_an_error(kept, KEY, "")
    asking.cancel()
    async with asyncio.timeout(20):
        while not (calls := await kept.journal.recent(1)):
            await kept.write()
            await asyncio.sleep(0.01)
    assert calls[0].phase is Phase.CANCELLED
    assert "the key •••".encode() in await kept.check()


async def _hang_in_an_error(kept: Kept, *said: str) -> "asyncio.Task[Answer]":
    """Ask an upstream that has said the first part of its error and of the key, no more."""
    begun, rest = (text.encode() for text in said)
    chunks = [
        b'event: message_start\ndata: {"type": "message_start", "message": {"id": "m"}}\n\n',
        b'event: error\ndata: {"type": "error", "error": {"message": "the key ' + begun,
        rest + b' is wrong", "type": "authentication_error"}}\n\n',
    ]
    kept.proxy.upstream.script = Reply(raw_chunks=chunks, hang_after=2)
    asking = asyncio.ensure_future(ask(kept.proxy, "openai", "claude", stream=True))
    async with asyncio.timeout(20):
        while begun not in await _came(kept):
            await asyncio.sleep(0.01)
    return asking


async def _came(kept: Kept) -> bytes:
    """Write a batch, and return what has come for the call."""
    await kept.write()
    exchanges = (one.call.exchange for one in kept.journal._running.values())
    return b"".join(one.upstream_reply.body for one in exchanges if one is not None)


@pytest.mark.parametrize(
    ("capture", "wanted"), [("full", [True, True]), ("errors", [False, True]), ("off", [False] * 2)]
)
async def test_a_group_says_whose_messages_are_kept(
    kept: Kept, capture: str, wanted: list[bool]
) -> None:
    await kept.proxy.set_group("claude", capture=capture)
    await ask(kept.proxy, "claude", "claude", stream=True)
    broken = await kept.proxy.post("/claude/v1/messages", b"{not JSON, but private")
    assert broken.status == 400
    await kept.write()
    calls: list[Call] = await kept.journal.recent(9)
    assert [call.phase for call in calls] == [Phase.DONE, Phase.FAILED]
    exchanges = [await kept.journal.exchange(call.id) for call in calls]
    assert [exchange is not None for exchange in exchanges] == wanted
