"""Looking for a text in the bodies of many calls."""

import asyncio
from pathlib import Path

import pytest

from tests.traffic.writing import begun, ended, exchange_of, open_desk, says


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('say "hi"', {1, 2}),
        ("ÜBER", {2, 3}),
        ("first second", {4}),
        ("nowhere", set()),
        ("path", set()),
    ],
)
async def test_it_finds_a_text_however_json_has_it(
    tmp_path: Path, text: str, found: set[int]
) -> None:
    bodies = (
        rb'{"text": "say \"hi\""}',
        r'{"text": "Say \"Hi\" über"}'.encode(),
        rb'{"text": "\u00dcber"}',
    )
    running = begun(4, path="path")
    async with open_desk(tmp_path / "journal.db") as desk:
        await desk.write(*(ended(number, body) for number, body in enumerate(bodies, 1)), running)
        says(
            exchange_of(running).client_reply,
            b'data: {"text": "first "}\n\n',
            b'data: {"text": "second"}\n\n',
        )
        await desk.write()
        assert await desk.journal.containing(text, [1, 2, 3, 4, 99]) == found
        assert await desk.journal.containing(text, []) == set()


async def test_a_search_can_be_given_up_and_holds_up_nobody(tmp_path: Path) -> None:
    async with open_desk(tmp_path / "journal.db") as desk:
        journal = desk.journal
        await desk.write(*(ended(number, b"x" * 50_000) for number in range(1, 101)))
        searched = 0

        async def search() -> None:
            nonlocal searched
            for _ in range(1000):
                await journal.containing("y", range(1, 101))
                searched += 1

        searching = asyncio.ensure_future(search())
        while not searched:
            await asyncio.sleep(0.001)
        assert len(await journal.recent(10)) == 10
        await desk.write(ended(101))
        assert not searching.done()
        searching.cancel()
        await asyncio.wait({searching})
        assert searched < 1000
        assert await journal.containing("xxx", [1]) == {1}
