"""What the agents of the story said and were told, as it crossed the wires."""

from typing import Any, Final

import orjson

from ccproxy_tui.demo import claude_wire, openai_wire
from ccproxy_tui.demo.ids import IdMaker
from ccproxy_tui.demo.received import Dialect, ReceivedRequest
from ccproxy_tui.demo.reply import Reply, ToolCall, Usage
from ccproxy_tui.protocols.profiles import Profile
from ccproxy_tui.protocols.registry import PROTOCOLS
from ccproxy_tui.traffic.call import Exchange, Headers, Message

_SYSTEM: Final = (
    "You are a coding agent in a terminal.\n"
    "Read a file before you change it. Say what you have seen, not what you expect.\n"
    "Answer briefly: the person reads in a narrow window.\n"
    "Of the project's rules, the ones that matter here:\n"
    + "\n".join(
        f"Rule {number}. Leave what nobody asked you to change." for number in range(1, 250)
    )
)
_CODE: Final = '''\
def history(store: Store, parcel: Parcel) -> list[Event]:
    """Return what has happened to the parcel, the oldest first."""
    events = store.events(parcel.carrier_number)
    return sorted(events, key=lambda event: event.at)
''' + "".join(
    f"\n\ndef step_{number}(event: Event) -> str:\n    return event.kind\n" for number in range(150)
)
_FIX: Final = {
    "file_path": "/home/dev/courier/parcel.py",
    "old_string": "    events = store.events(parcel.carrier_number)",
    "new_string": "    events = store.events(parcel.number)",
}
_TEST: Final = {
    "file_path": "/home/dev/courier/tests/test_parcel.py",
    "content": (
        "def test_history_survives_a_change_of_carrier(store: Store) -> None:\n"
        "    parcel = store.add(Parcel(carrier='north'))\n"
        "    store.tell(parcel, 'picked up')\n"
        "    parcel.hand_over('south')\n"
        "    assert [event.kind for event in history(store, parcel)] == ['picked up']\n"
    ),
}
_THOUGHT: Final = (
    "The history hangs on the carrier's own number, and that one changes at the hub. "
    "Our own number stays the same on the whole way."
)
_TOOLS: Final = {
    "Read": ("file_path",),
    "Edit": ("file_path", "old_string", "new_string"),
    "Write": ("file_path", "content"),
    "WebSearch": ("query",),
}
_JSON: Final = ("content-type", "application/json")
_STREAM: Final = ("content-type", "text/event-stream; charset=utf-8")
_OF_CLIENT: Final[Headers] = (
    ("host", "127.0.0.1:11435"),
    ("authorization", "Bearer cs-A1…x9Yx"),
    ("user-agent", "claude-cli/2.1.330 (external, cli)"),
    _JSON,
)
_STILL_TO_COME: Final = 10
"""Events that the running call has yet to bring."""


def exchanges() -> dict[int, Exchange]:
    """Return the messages of the calls that are looked into, by their numbers."""
    begun = _parcels()[:1]
    fix = (ToolCall("Edit", _FIX),)
    return {
        104: _plain(
            _body(_exported(), f"Today is Friday.\n{_SYSTEM}"),
            Reply("I look at the exporter first."),
        ),
        105: _plain(
            _body(_exported(2), f"Today is Saturday.\n{_SYSTEM}"),
            Reply("The flag reaches the writer now. I run the tests."),
        ),
        112: _converted(_body(begun), Reply("I read the code first.")),
        114: _converted(
            _body(_parcels()),
            Reply(thinking=_THOUGHT, signature="", tools=fix, usage=Usage(1_180, 268, 10_280)),
        ),
        116: _converted(_body(_parcels()), Reply("One word is wrong.", tools=fix)),
    }


def running_exchange() -> Exchange:
    """Return the messages of the running call: its reply breaks off in the middle of a file."""
    done = [
        _turn("assistant", _use("t2", "Edit", _FIX)),
        _turn("user", _result("t2", "The file has been updated.")),
    ]
    thought = "The change is local. A test has to fail without it."
    reply = Reply(
        "Now a test for it.", thinking=thought, signature="", tools=(ToolCall("Write", _TEST),)
    )
    exchange = _converted(_body([*_parcels(), *done]), reply)
    for message in (exchange.upstream_reply, exchange.client_reply):
        del message.chunks[-_STILL_TO_COME:], message.times[-_STILL_TO_COME:]
    return exchange


def _turn(role: str, *blocks: dict[str, Any]) -> dict[str, Any]:
    return {"role": role, "content": list(blocks)}


def _text(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "text", "text": text, **more}


def _use(number: str, name: str, arguments: dict[str, str]) -> dict[str, Any]:
    return {"type": "tool_use", "id": number, "name": name, "input": arguments}


def _result(number: str, text: str) -> dict[str, Any]:
    return {"type": "tool_result", "tool_use_id": number, "content": text}


def _parcels() -> list[dict[str, Any]]:
    reminder = "<system-reminder>\nThe list of open tasks is empty.\n</system-reminder>"
    task = "Parcels that change carrier lose their history. Find out why and fix it."
    read = _use("t1", "Read", {"file_path": "/home/dev/courier/parcel.py"})
    return [
        _turn("user", _text(reminder), _text(task)),
        _turn("assistant", _text("I read the code first."), read),
        _turn("user", _result("t1", _CODE)),
    ]


def _exported(more: int = 0) -> list[dict[str, Any]]:
    task = "Add a --since option to the export command, with a test."
    turns = [
        _turn("user", _text(task)),
        _turn("assistant", _text("I look at the exporter first.")),
        _turn("user", _text("Good. Go on.")),
    ]
    return turns[: 1 + more]


def _body(turns: list[dict[str, Any]], system: str = _SYSTEM) -> dict[str, Any]:
    tools = [
        {
            "name": name,
            "description": f"{name}, as the agent's client does it.",
            "input_schema": {
                "type": "object",
                "properties": {field: {"type": "string"} for field in fields},
                "required": list(fields),
            },
        }
        for name, fields in _TOOLS.items()
    ]
    return {
        "model": "claude-sonnet-4-5",
        "max_tokens": 32_000,
        "temperature": 1.0,
        "system": [_text(system, cache_control={"type": "ephemeral"})],
        "messages": turns,
        "tools": tools,
        "stream": True,
    }


def _plain(body: dict[str, Any], said: Reply) -> Exchange:
    """Return the messages of a call that only got another model's name."""
    upstream = {**body, "model": "sonnet"}
    return Exchange(
        _request("POST /v1/messages?beta=true", _OF_CLIENT, body, 0.0),
        _request("POST https://api.example.com/v1/messages", (_JSON,), upstream, 0.01),
        _reply("200 OK", claude_wire.frames(said, _received(upstream, "claude"), IdMaker(1))),
        _reply("200", claude_wire.frames(said, _received(body, "claude"), IdMaker(1))),
    )


def _converted(body: dict[str, Any], said: Reply) -> Exchange:
    """Return the messages of a call that its group's rules and another protocol have changed."""
    asked = PROTOCOLS["claude"].read_request(body)
    asked.model, asked.stream, asked.temperature = "qwen3-coder", True, 0.7
    asked.tools = [tool for tool in asked.tools if tool.name != "WebSearch"]
    asked.system[0].text += "\n\nBe brief."
    upstream, _ = PROTOCOLS["openai"].write_request(asked, Profile(protocol="openai"))
    address = "POST http://127.0.0.1:8080/v1/chat/completions"
    return Exchange(
        _request("POST /qwen/v1/messages?beta=true", _OF_CLIENT, body, 0.0),
        _request(address, (_JSON,), upstream, 0.02),
        _reply("200 OK", openai_wire.frames(said, _received(upstream, "openai"), IdMaker(1))),
        _reply("200", claude_wire.frames(said, _received(body, "claude"), IdMaker(1))),
    )


def _received(body: dict[str, Any], dialect: Dialect) -> ReceivedRequest:
    return ReceivedRequest("POST", "", "", {}, orjson.dumps(body), dialect)


def _request(head: str, headers: Headers, body: dict[str, Any], time: float) -> Message:
    data = orjson.dumps(body)
    return Message(head, headers, [data], len(data), times=[time])


def _reply(head: str, frames: list[bytes]) -> Message:
    """Return a stream whose events come at an even pace, with one pause."""
    times = [0.74 + 0.05 * number + (0.8 if number > 6 else 0) for number in range(len(frames))]
    return Message(head, (_STREAM,), frames, sum(map(len, frames)), times=times)
