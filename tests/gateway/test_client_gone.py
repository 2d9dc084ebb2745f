"""A client that goes away while a piece of its reply is being written."""

import aiohttp
import pytest

from ccproxy_tui.gateway.client_reply import ClientStream
from ccproxy_tui.traffic.call import Phase
from tests.gateway.proxy import RunningProxy

write = ClientStream.write


async def gone(stream: ClientStream, data: bytes) -> None:
    await write(stream, b"")
    raise aiohttp.ClientConnectionResetError("Cannot write to closing transport")


@pytest.mark.parametrize("lane", ["claude", "openai"])
async def test_it_is_on_record_and_no_error_in_the_log(
    proxy: RunningProxy,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    lane: str,
) -> None:
    monkeypatch.setattr(ClientStream, "write", gone)
    with pytest.raises(aiohttp.ClientError):
        await proxy.ask(lane)
    call = proxy.last_call()
    assert call.phase is Phase.CANCELLED
    assert call.error == "the client went away"
    assert [record.getMessage() for record in caplog.records] == []
