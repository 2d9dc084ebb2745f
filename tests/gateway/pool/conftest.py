from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.gateway.pool.scene import Scene, open_scene


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with open_scene(tmp_path) as running:
        yield running
