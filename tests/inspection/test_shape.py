"""A body's shape: its keys and what belongs to the protocol, and of each text only the length."""

import orjson
import pytest

from ccproxy_tui.inspection.shape import shape


def test_texts_become_lengths_and_the_structure_stays() -> None:
    body = {
        "model": "claude-sonnet-4-5[1m]",
        "max_tokens": 100,
        "system": "You are terse.",
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "My name is Ada."}]},
            {
                "role": "assistant",
                "content": [
                    {
                        "type": "tool_use",
                        "name": "Bash",
                        "input": {"type": "secret", "cmd": "ls", "n": 3},
                    }
                ],
            },
        ],
        "metadata": None,
    }
    assert orjson.loads(shape(orjson.dumps(body))) == {
        "model": "claude-sonnet-4-5[1m]",
        "max_tokens": 100,
        "system": "[14 characters]",
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "[15 characters]"}]},
            {
                "role": "assistant",
                "content": [
                    {
                        "type": "tool_use",
                        "name": "[4 characters]",
                        "input": {"type": "[6 characters]", "cmd": "[2 characters]", "n": 3},
                    }
                ],
            },
        ],
        "metadata": None,
    }


def test_what_is_said_where_a_word_is_expected_goes_too() -> None:
    body = orjson.dumps({"role": "my secret story", "type": "x" * 41, "model": "m"})
    assert orjson.loads(shape(body)) == {
        "role": "[15 characters]",
        "type": "[41 characters]",
        "model": "m",
    }


def test_streams_keep_their_events() -> None:
    stream = (
        'event: content_block_delta\ndata: {"type":"content_block_delta","delta":{"text":"Hello"}}'
        "\n\ndata: [DONE]\n\n: a comment\n"
    )
    assert shape(stream.encode()).decode() == (
        'event: content_block_delta\ndata: {"type":"content_block_delta","delta":{"text":'
        '"[5 characters]"}}\n\ndata: [DONE]\n\n[11 characters]\n'
    )


def test_of_what_is_no_json_only_the_size_stays() -> None:
    assert shape(b"Bad gateway") == b"[11 characters]"
    assert shape(b"\xff\x00\x01") == b"[3 bytes]"


@pytest.mark.parametrize(
    "line", ["event: my secret words", "event: geheim-wort", "event: " + "x" * 41, "event: 秘密"]
)
def test_of_an_event_whose_name_is_none_only_the_length_stays(line: str) -> None:
    assert shape(f"{line}\ndata: [DONE]\n".encode()).decode() == (
        f"[{len(line)} characters]\ndata: [DONE]\n"
    )


@pytest.mark.parametrize("said", ["我的秘密故事", "my\nsecret", "my\u00a0secret", "it's,private!"])
def test_where_a_word_is_expected_only_plain_ones_stay(said: str) -> None:
    assert orjson.loads(shape(orjson.dumps({"role": said}))) == {
        "role": f"[{len(said)} characters]"
    }
