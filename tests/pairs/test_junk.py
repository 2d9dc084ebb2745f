"""Whatever a client sends over HTTP: a 400 or a reply, in its own protocol's shape, never a 500."""

from collections.abc import AsyncIterator

import aiohttp
import orjson
import pytest
import pytest_asyncio

from ccproxy_tui.demo.reply import Reply
from tests.pairs.conftest import PROTOCOLS, TOKEN, Stage
from tests.pairs.test_routes import GENERATE, SHAPES
from tests.protocols.examples import REQUESTS
from tests.protocols.test_junk import spoiled

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}) as session:
        yield session


@pytest.mark.parametrize("client", PROTOCOLS)
async def test_no_request_breaks_a_handler(
    stage: Stage, session: aiohttp.ClientSession, client: str
) -> None:
    stage.upstream.script = Reply(text="fine")
    stage.upstream.strict = False
    statuses: dict[int, int] = {}
    try:
        for number, body in enumerate(spoiled(REQUESTS[client])):
            upstream = PROTOCOLS[number % len(PROTOCOLS)]
            url = f"{stage.url}/{upstream}{GENERATE[client][0]}"
            async with session.post(url, data=orjson.dumps(body)) as reply:
                data = await reply.read()
                statuses[reply.status] = statuses.get(reply.status, 0) + 1
                assert reply.status < 500, (upstream, body, data)
                if reply.status == 400:
                    assert SHAPES[client](orjson.loads(data))[1], data
    finally:
        stage.upstream.strict = True
    assert statuses[200] > 50
    assert statuses[400] > 50
