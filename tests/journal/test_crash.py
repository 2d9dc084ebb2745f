from pathlib import Path

from tests.journal.crash import crash


async def test_a_kill_leaves_a_sound_journal_that_lacks_the_last_moment_only(
    tmp_path: Path,
) -> None:
    figures = await crash(tmp_path, kills=2, seed=5, longest=1.5)
    assert figures.problems == []
    assert figures.calls > 50
    assert figures.pieces > 100
    assert figures.never_ended > 10
    assert figures.oldest_loss < 4, "a second, on a machine that does nothing else"
