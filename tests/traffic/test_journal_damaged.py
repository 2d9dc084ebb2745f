"""A journal that cannot be read makes room for another."""

import sqlite3
from pathlib import Path

import pytest

from ccproxy_tui.migrations import NewerDatabaseError
from ccproxy_tui.traffic.journal import Journal
from tests.traffic.writing import ended, open_desk


async def damaged(path: Path, how: str) -> bytes:
    async with open_desk(path) as desk:
        await desk.write(*(ended(number) for number in range(1, 200)))
    data = bytearray(path.read_bytes())
    if how == "no database":
        data[:100] = b"x" * 100
    elif how == "half of it":
        del data[len(data) // 2 :]
    else:
        data[4096:] = b"\xff" * (len(data) - 4096)
    path.write_bytes(data)
    return bytes(data)


@pytest.mark.parametrize("how", ["no database", "half of it", "all but the first page"])
async def test_it_is_set_aside(tmp_path: Path, how: str, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "journal.db"
    content = await damaged(path, how)
    async with open_desk(path) as desk:
        await desk.write(ended(1))
        assert [call.id for call in await desk.journal.recent(9)] == [1]
        (aside,) = tmp_path.glob("journal-damaged-*.db")
        assert desk.journal.aside == aside
        assert aside.read_bytes()[100:] == content[100:]
        assert aside.name in caplog.text
    assert path.stat().st_mode & 0o777 == 0o600
    journal = await Journal.open(path)
    assert journal.aside is None
    assert len(await journal.recent(9)) == 1
    await journal.close()


async def test_what_is_not_damaged_stays(tmp_path: Path) -> None:
    newer = tmp_path / "newer.db"
    with sqlite3.connect(newer) as connection:
        connection.execute("pragma user_version = 99")
    connection.close()
    with pytest.raises(NewerDatabaseError):
        await Journal.open(newer)
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as connection:
        connection.execute("create table call (somebody text)")
    connection.close()
    with pytest.raises(sqlite3.OperationalError):
        await Journal.open(other)
    assert newer.exists()
    assert other.exists()
    assert not list(tmp_path.glob("*damaged*"))
