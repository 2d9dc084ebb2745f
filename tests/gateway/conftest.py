from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.gateway.proxy import RunningProxy, running_proxy


@pytest.fixture
async def proxy(tmp_path: Path) -> AsyncIterator[RunningProxy]:
    async with running_proxy(tmp_path) as running:
        yield running
