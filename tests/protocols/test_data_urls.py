import pytest

from ccproxy_tui.protocols import openai, responses
from ccproxy_tui.protocols.data_urls import split_data_url
from ccproxy_tui.protocols.hub import Image


@pytest.mark.parametrize(
    ("address", "parts"),
    [
        ("data:image/png;base64,iVBO", ("image/png", "iVBO")),
        ("DATA:Image/PNG;BASE64,iVBO", ("image/png", "iVBO")),
        ("data:image/png;charset=utf-8;base64,iVBO", ("image/png", "iVBO")),
        ("data:image/png;base64,%2B%2F8%3D", ("image/png", "+/8=")),
        ("data:image/svg+xml,%3Csvg/%3E", ("image/svg+xml", "PHN2Zy8+")),
        ("data:text/plain;charset=utf-8,a,b", ("text/plain", "YSxi")),
        ("data:text/plain,\ud83d", ("text/plain", "7aC9")),
        ("data:,a", ("", "YQ==")),
        ("data:image/png;base64", ("", "")),
        ("https://x/a,b", ("", "")),
    ],
)
def test_data_urls(address: str, parts: tuple[str, str]) -> None:
    assert split_data_url(address) == parts


def test_both_protocols_read_them_alike() -> None:
    address = "data:image/svg+xml;charset=utf-8,%3Csvg/%3E"
    part = {"type": "image_url", "image_url": {"url": address}}
    chat = openai.read_request({"model": "m", "messages": [{"role": "user", "content": [part]}]})
    part = {"type": "input_image", "image_url": address}
    other = responses.read_request({"model": "m", "input": [{"role": "user", "content": [part]}]})
    assert chat.turns == other.turns
    assert chat.turns[0].content == [Image("image/svg+xml", "PHN2Zy8+")]
