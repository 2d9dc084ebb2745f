"""The costs of the hot path, each with room for a slow machine."""

from collections.abc import Callable
from time import perf_counter

from ccproxy_tui.protocols import claude, openai
from ccproxy_tui.protocols.base import Asked
from tests.protocols.chunks import DONE, chunk, tool, usage_chunk

FRAMES = [
    chunk(role="assistant", content=None),
    *[chunk(reasoning_content=f"thought {i} ") for i in range(60)],
    *[chunk(content=f"word {i} ") for i in range(200)],
    tool(0, "", "c", "Write"),
    *[tool(0, piece) for piece in ['{"text":"', *["it's \\n"] * 34, '"}']],
    chunk(finish="tool_calls"),
    usage_chunk(60_000, 300, 50_000),
    DONE,
]


def converted() -> list[bytes]:
    decoder, encoder = openai.decoder(), claude.encoder(Asked(model="claude-x"), 9)
    written = [encoder.encode(decoder.feed(frame)) for frame in FRAMES]
    return [data for data in written if data]


def best(run: Callable[[], object], times: int = 15) -> float:
    """Give the seconds of the fastest of some runs."""
    found = []
    for _ in range(times):
        begin = perf_counter()
        run()
        found.append(perf_counter() - begin)
    return min(found)


def test_a_stream_of_300_events_is_converted_in_well_under_3_ms() -> None:
    assert len(FRAMES) >= 300
    assert best(converted) < 3e-3


def test_a_tap_costs_microseconds_a_chunk() -> None:
    chunks = converted()

    def tap_claude() -> None:
        tap = claude.tap(Asked())
        for data in chunks:
            tap.feed(data)
        assert tap.state.finished

    def tap_openai() -> None:
        tap = openai.tap(Asked())
        for data in FRAMES:
            tap.feed(data)
        assert tap.state.finished

    assert best(tap_claude) / len(chunks) < 4e-6
    assert best(tap_openai) / len(FRAMES) < 6e-6
