"""How the log is kept to a filter as it is typed, as time passes, and as bodies are searched."""

import time

import pytest

from ccproxy_tui.traffic.call import Call, Phase
from ccproxy_tui.tui.call_log import CallLog
from ccproxy_tui.tui.filters.filtering import Filtering
from tests.tui.fake import FakeRecords, made_call, made_exchange


def shown(log: CallLog) -> list[int]:
    return [call.id for call in log.calls_shown()]


def filtered(*calls: Call) -> tuple[CallLog, Filtering, FakeRecords]:
    log, records = CallLog(), FakeRecords()
    log.take(calls)
    return log, Filtering(log, records), records


def test_what_was_right_stays_while_something_wrong_is_typed() -> None:
    log, filtering, _ = filtered(made_call(1), made_call(2, key="ci", status=500))
    for text, ids in (
        ("stat", [1, 2]),
        ("status:", [1, 2]),
        ("status:>=400", [2]),
        ("status:>=400 ke", [2]),
        ("status:>=400 key:", [2]),
        ("status:>=400 kex", []),
        ("status:>=400 kex:", [2]),
        ("status:>=400 kex:ci", [2]),
        ("status:4zz", [2]),
        ("status:200", [1]),
        ("", [1, 2]),
    ):
        filtering.read(text, typing=True)
        assert shown(log) == ids, text
        assert (filtering.problem is not None) == ((":" in text and "kex:" in text) or "zz" in text)


def test_a_word_that_begins_a_field_counts_once_it_is_whole() -> None:
    log, filtering, _ = filtered(made_call(1), made_call(2, error="no key in it"))
    filtering.read("key", typing=True)
    assert shown(log) == [1, 2]
    filtering.read("key", typing=False)
    assert shown(log) == [2]
    assert filtering.read("key ", typing=True)
    assert shown(log) == [2]


def test_the_same_filter_is_not_put_on_twice() -> None:
    _, filtering, _ = filtered(made_call(1))
    assert filtering.read("done", typing=True)
    assert filtering.read("colour:x", typing=True)
    assert not filtering.read("colour:xy", typing=True)


def test_ages_move_on(monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    log, filtering, _ = filtered(
        made_call(1, started_at=now - 595), made_call(2, started_at=now - 500), made_call(3)
    )
    filtering.read("since:10m", typing=False)
    assert shown(log) == [1, 2, 3]
    assert not filtering.tick(())
    monkeypatch.setattr(time, "time", lambda: now + 7)
    assert filtering.tick(())
    assert shown(log) == [2, 3]
    filtering.read("until:10m", typing=False)
    assert shown(log) == [1]
    monkeypatch.setattr(time, "time", lambda: now + 150)
    assert filtering.tick(())
    assert shown(log) == [1, 2]


def test_running_calls_are_judged_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    running = made_call(1, phase=Phase.WAITING, duration=None, started_at=now)
    log, filtering, _ = filtered(running, made_call(2))
    filtering.read("dur:>5s", typing=False)
    assert shown(log) == []
    monkeypatch.setattr(time, "time", lambda: now + 6)
    assert not filtering.tick(())
    assert filtering.tick([running])
    assert shown(log) == [1]


async def search(filtering: Filtering) -> None:
    async for _ in filtering.search():
        pass


async def test_older_calls_that_come_late_are_searched_too() -> None:
    log, filtering, records = filtered(made_call(7))
    records.exchanges = {number: made_exchange("wombat") for number in (3, 7)}
    filtering.read("body:wombat", typing=False)
    assert shown(log) == []
    await search(filtering)
    assert shown(log) == [7]
    log.remember([made_call(number) for number in (2, 3)])
    filtering.look_again()
    assert filtering.searches
    await search(filtering)
    assert shown(log) == [3, 7]
    assert not filtering.progress


async def test_only_calls_that_pass_all_other_terms_are_searched() -> None:
    log, filtering, records = filtered(
        made_call(1, key="ci"), made_call(2), made_call(3, phase=Phase.STREAMING)
    )
    records.exchanges = {number: made_exchange("wombat") for number in (1, 2, 3)}
    filtering.read("key:ci,dev body:wombat,x", typing=False)
    filtering.read('key:ci body:"wombat",nothing body:hello', typing=False)
    filtering.read('key:ci body:"wombat",nothing !body:absent', typing=False)
    await search(filtering)
    assert shown(log) == [1]
    filtering.read("!body:wombat", typing=False)
    await search(filtering)
    assert shown(log) == []
    filtering.read("!body:absent", typing=False)
    await search(filtering)
    assert shown(log) == [1, 2]


async def test_a_call_is_searched_in_memory_before_it_is_written() -> None:
    running = made_call(1, phase=Phase.STREAMING, exchange=made_exchange('a "wombat"'))
    log, filtering, _ = filtered(running)
    filtering.read(r'body:"a \"wombat\""', typing=False)
    await search(filtering)
    assert not filtering.take([running])
    running.phase = Phase.DONE
    assert filtering.take([running])
    await search(filtering)
    assert shown(log) == [1]
