"""What the picture remembers between runs."""

import stat
from pathlib import Path

import pytest

from ccproxy_tui.tui.remembered import Memory, Remembered


async def test_what_changes_is_there_the_next_time(tmp_path: Path) -> None:
    path = tmp_path / "picture.json"
    memory = Memory.load(path)
    assert memory.value == Remembered()
    memory.change(sort="$")
    memory.change(filter_history=("is:error", "dur:>5s"), saved_filters={"slow": "dur:>5s"})
    await memory.settle()
    again = Memory.load(path)
    assert again.value == memory.value
    assert (again.value.sort, again.value.filter_history[-1]) == ("$", "dur:>5s")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


async def test_nothing_is_written_when_nothing_changes(tmp_path: Path) -> None:
    path = tmp_path / "picture.json"
    memory = Memory.load(path)
    memory.change(grouped=False)
    await memory.settle()
    assert not path.exists()


@pytest.mark.parametrize("text", [b"", b"{", b"\xff\xfe", b"[1, 2]", b'"words"', b"null"])
def test_a_broken_file_is_as_good_as_none(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "picture.json"
    path.write_bytes(text)
    assert Memory.load(path).value == Remembered()


def test_what_is_right_of_a_file_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "picture.json"
    path.write_text('{"sort": 7, "grouped": true, "of_a_later_version": 1, "hidden": ["key", 2]}')
    assert Memory.load(path).value == Remembered(grouped=True)


async def test_where_nothing_can_be_written_it_is_remembered_until_the_end(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    memory = Memory.load(tmp_path / "no such folder" / "picture.json")
    memory.change(grouped=True)
    await memory.settle()
    assert memory.value.grouped
    assert "cannot be remembered" in caplog.text


def test_without_a_file_it_needs_no_loop() -> None:
    memory = Memory()
    memory.change(newest_first=True)
    assert memory.value == Remembered(newest_first=True)
