"""A week of work before the pictures are taken, as the dashboard adds it up."""

import random
import time
from collections.abc import Iterator, Sequence

from ccproxy_tui.traffic.call import Call, Exchange, Phase, Tokens
from ccproxy_tui.traffic.totals import SLOT_SECONDS, Slot, Totals
from ccproxy_tui.tui.records import Records

_HOUR = 3_600
_HOURS = 7 * 24
_TARGETS = (
    ("qwen", "claude-sonnet-*", "demo-openai/demo-large", 0.012),
    ("qwen", "claude-haiku-*", "demo-openai/demo-small", 0.002),
    ("default", "claude-*", "demo-claude/demo-large", 0.028),
)


class WithPast:
    """Records of a demo that has run for a week; messages are those of now."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._past = list(_past(time.time()))

    async def recent(self, limit: int, *, before: int | None = None) -> list[Call]:
        return await self._records.recent(limit, before=before)

    async def exchange(self, call_id: int) -> Exchange | None:
        return await self._records.exchange(call_id)

    async def containing(self, text: str, ids: Sequence[int]) -> set[int]:
        return await self._records.containing(text, ids)

    async def annotate(self, call_id: int, *, marked: bool, remark: str) -> None:
        await self._records.annotate(call_id, marked=marked, remark=remark)

    async def slots(self, since: float) -> list[Slot]:
        past = [slot for slot in self._past if slot.start + SLOT_SECONDS > since]
        return [*past, *await self._records.slots(since)]


def _past(now: float) -> Iterator[Slot]:
    rng = random.Random(8)
    begun = now // _HOUR * _HOUR
    for ago in range(_HOURS, 0, -1):
        busy = max(0.0, 1 - abs(ago % 24 - 6) / 8) * rng.uniform(0.4, 1)
        for group, alias, target, cost in _TARGETS:
            calls = [_call(rng, cost) for _ in range(int(60 * busy))]
            yield Slot(begun - ago * _HOUR, group, alias, target, "ClaudeCode", f"{ago // 6:08x}",
                       Totals.of(calls))  # fmt: skip


def _call(rng: random.Random, cost: float) -> Call:
    tokens = Tokens(rng.randrange(500, 4_000), rng.randrange(9_000, 40_000), 0, rng.randrange(900))
    first = rng.lognormvariate(0, 0.4)
    return Call(
        1, 0.0, operation="generate", streaming=True, tokens=tokens, cost=cost * rng.uniform(0.5, 1.5),
        phase=Phase.FAILED if rng.random() < 0.03 else Phase.DONE,
        ttft=first, duration=first + tokens.output / rng.uniform(40, 90),
    )  # fmt: skip
