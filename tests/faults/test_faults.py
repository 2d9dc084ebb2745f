"""Each fault on each lane: what the client sees, who was tried, and how the candidate stands then.

With another candidate to go on with, and alone.
"""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from ccproxy_tui.config.models import Protocol
from tests.faults.promises import broken_promises
from tests.faults.stage import Stage, open_stage
from tests.faults.table import FAULTS, Fault

pytestmark = pytest.mark.asyncio(loop_scope="module")

WHOLLY: tuple[Protocol, ...] = ("claude", "openai")
"""One for each lane; the others are converted as well."""
OTHERS: tuple[Protocol, ...] = ("gemini",)
"""`python -m tests.faults` takes the rest as well."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with open_stage(tmp_path_factory.mktemp("faults")) as running:
        yield running


CASES = [
    pytest.param(fault, upstream, streamed, id=f"{fault.name}-{upstream}-{how}")
    for fault in FAULTS
    for upstream in (*WHOLLY, *OTHERS)
    for streamed, how in ((True, "streamed"), (False, "whole"))
    if streamed or not fault.streams_only
]


@pytest.mark.parametrize(("fault", "upstream", "streamed"), CASES)
async def test_a_fault_is_moved_on_from_or_said(
    stage: Stage, fault: Fault, upstream: Protocol, streamed: bool
) -> None:
    for alone in (False, True) if upstream in WHOLLY else (not streamed,):
        seen = await stage.observe(fault, upstream, streamed=streamed, alone=alone)
        broken = broken_promises(seen, fault, upstream, streamed=streamed, alone=alone)
        assert broken == [], "alone" if alone else "with another candidate"
