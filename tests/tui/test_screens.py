"""The main screens as text, compared with those in `snapshots/`.

`make snapshots` writes them anew; look at the difference before it is committed. The story is always
the same one, and so are its clock and its time zone.
"""

import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from syrupy.location import PyTestLocation
from textual.pilot import Pilot

from ccproxy_tui.tui.app import CcproxyApp
from ccproxy_tui.tui.overlays import ExitReason
from tests.tui.fake import Fake, fake
from tests.tui.screen_text import screen_text, type_text, wait_for
from tests.tui.story import NOW, STORY, calls, nightly, replayed, slots_before, slots_of
from tests.tui.story_messages import exchanges

SIZES = {"80x24": (80, 24), "120x40": (120, 40), "200x60": (200, 60)}


class TextFile(SingleFileSnapshotExtension):
    """A file for each screen."""

    file_extension = "txt"
    _write_mode = WriteMode.TEXT

    @classmethod
    def dirname(cls, *, test_location: PyTestLocation) -> str:
        return str(Path(test_location.filepath).parent / "snapshots" / test_location.basename)


@pytest.fixture
def screen(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(TextFile)


@pytest.fixture(autouse=True)
def still_clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let it be the same moment for ever, in UTC."""
    monkeypatch.setattr(time, "time", lambda: NOW)
    with monkeypatch.context() as zone:
        zone.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


@pytest.fixture
async def story(tmp_path: Path) -> AsyncIterator[Fake]:
    async with fake(tmp_path, STORY) as parts:
        parts.records.calls = list(nightly())
        parts.records.exchanges = exchanges()
        parts.records.slots_kept = slots_before()
        yield parts


async def begin(story: Fake, pilot: Pilot[ExitReason]) -> None:
    """Let the story happen, and go to the log."""
    await wait_for(pilot, "2 calls")
    told = calls()
    story.tell(*told)
    await wait_for(pilot, "15 calls")
    story.records.slots_kept += slots_of(told[:-1])
    await pilot.press("5")


async def inspect(pilot: Pilot[ExitReason], number: int, tab: str, text: str) -> None:
    """Open a call in one of the inspector's tabs, over the whole screen."""
    await pilot.press("G", *"k" * (115 - number), "enter")
    await wait_for(pilot, f"Inspect · #{number}")
    if "1 Groups" in screen_text(pilot.app):
        await pilot.press("z")
    tabs = pilot.app.screen.query_one("#inspect TabLine")
    titles = ("Overview", "Conversation", "What changed", "Raw", "Context", "Cache")
    tabs.current = titles.index(tab)  # type: ignore[attr-defined]
    await wait_for(pilot, text)


async def compare(pilot: Pilot[ExitReason], screen: SnapshotAssertion, *sizes: str) -> None:
    """Compare the screen with its files, in one size after the other."""
    for size in sizes:
        if pilot.app.size != SIZES[size]:
            await pilot.resize_terminal(*SIZES[size])
        assert await still(pilot) == screen(name=size)


async def still(pilot: Pilot[ExitReason]) -> str:
    """Return the screen once nothing works in the background, and it stays as it is."""
    shown, same = "", 0
    app = pilot.app
    assert isinstance(app, CcproxyApp)
    for _ in range(400):
        await pilot.pause(0.02)
        for pane in (app.main.proxies, app.main.keys, app.main.providers):
            pane.rows.repaint_if_changed()  # signs that a clock brings are not waited for
        now = screen_text(pilot.app)
        busy = any(worker.is_running for worker in pilot.app.workers)
        same = same + 1 if now == shown and not busy else 0
        shown = now
        if same == 3:
            return shown + "\n"
    raise AssertionError(f"never still:\n{shown}")


async def test_log(story: Fake, screen: SnapshotAssertion) -> None:
    async with story.run(SIZES["200x60"]) as pilot:
        await begin(story, pilot)
        await compare(pilot, screen, "200x60", "120x40", "80x24")


async def test_sessions(story: Fake, screen: SnapshotAssertion) -> None:
    async with story.run(SIZES["200x60"]) as pilot:
        await begin(story, pilot)
        await pilot.press("S")
        await wait_for(pilot, "turns")
        await compare(pilot, screen, "200x60", "120x40", "80x24")


async def test_filter(story: Fake, screen: SnapshotAssertion) -> None:
    async with story.run(SIZES["80x24"]) as pilot:
        await begin(story, pilot)
        await pilot.press("slash")
        await type_text(pilot, "model:sonnet tool:")
        await wait_for(pilot, "tab takes")
        await compare(pilot, screen, "80x24")


async def test_filter_error(story: Fake, screen: SnapshotAssertion) -> None:
    async with story.run(SIZES["80x24"]) as pilot:
        await begin(story, pilot)
        await pilot.press("slash")
        await type_text(pilot, "key:ci statu:400 dur:>5s")
        await wait_for(pilot, "did you mean")
        await compare(pilot, screen, "80x24")


async def test_overview(story: Fake, screen: SnapshotAssertion) -> None:
    async with story.run(SIZES["120x40"]) as pilot:
        await begin(story, pilot)
        await inspect(pilot, 105, "Overview", "429")
        await compare(pilot, screen, "120x40", "80x24")


async def test_conversation(story: Fake, screen: SnapshotAssertion) -> None:
    async with story.run(SIZES["200x60"]) as pilot:
        await begin(story, pilot)
        await inspect(pilot, 115, "Conversation", "arguments of Write…")
        await compare(pilot, screen, "200x60", "120x40", "80x24")


async def test_changes(story: Fake, screen: SnapshotAssertion) -> None:
    async with story.run(SIZES["200x60"]) as pilot:
        await begin(story, pilot)
        await inspect(pilot, 114, "What changed", "1 from the client")
        await compare(pilot, screen, "200x60", "80x24")


async def test_raw_tree(story: Fake, screen: SnapshotAssertion) -> None:
    async with story.run(SIZES["120x40"]) as pilot:
        await begin(story, pilot)
        await inspect(pilot, 114, "Raw", "Client's request")
        await compare(pilot, screen, "120x40")


async def test_raw_events(story: Fake, screen: SnapshotAssertion) -> None:
    async with story.run(SIZES["80x24"]) as pilot:
        await begin(story, pilot)
        await inspect(pilot, 114, "Raw", "Client's request")
        await pilot.press("G")
        await wait_for(pilot, "message_stop")
        await compare(pilot, screen, "80x24")


async def test_context(story: Fake, screen: SnapshotAssertion) -> None:
    async with story.run(SIZES["120x40"]) as pilot:
        await begin(story, pilot)
        await inspect(pilot, 114, "Context", "of a window of")
        await compare(pilot, screen, "120x40")


async def test_cache(story: Fake, screen: SnapshotAssertion) -> None:
    async with story.run(SIZES["80x24"]) as pilot:
        await begin(story, pilot)
        await inspect(pilot, 105, "Cache", "miss: 0%")
        await compare(pilot, screen, "80x24")


async def test_dashboard(story: Fake, screen: SnapshotAssertion) -> None:
    async with story.run(SIZES["200x60"]) as pilot:
        await begin(story, pilot)
        await pilot.press("7")
        await wait_for(pilot, "requests")
        await compare(pilot, screen, "200x60", "120x40", "80x24")


async def test_compare(story: Fake, screen: SnapshotAssertion) -> None:
    async with story.run(SIZES["120x40"]) as pilot:
        await begin(story, pilot)
        story.tell(replayed())
        await wait_for(pilot, "16 calls")
        await pilot.press("G", "k", "k", "m", "G", "equals_sign")
        await wait_for(pilot, "Compare #114 and #116")
        await wait_for(pilot, "the better one")
        await compare(pilot, screen, "120x40", "80x24")


async def test_columns(story: Fake, screen: SnapshotAssertion) -> None:
    async with story.run(SIZES["80x24"]) as pilot:
        await begin(story, pilot)
        await pilot.press("c")
        await wait_for(pilot, "when it began")
        await compare(pilot, screen, "80x24")
