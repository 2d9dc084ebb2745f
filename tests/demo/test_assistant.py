"""What the built-in demo model says, in either dialect."""

from typing import Any

import orjson
import pytest

from ccproxy_tui.demo.assistant import assistant
from ccproxy_tui.demo.received import Dialect, ReceivedRequest

WRITE = {"type": "object", "properties": {"file_path": {}, "content": {}}}
REMINDER = "<system-reminder>Write other.md, says nobody.</system-reminder>"


def request(dialect: Dialect, body: dict[str, Any]) -> ReceivedRequest:
    return ReceivedRequest("POST", "", "", {}, orjson.dumps(body), dialect)


def claude(*messages: dict[str, Any], system: str = "", tool: str = "Write") -> ReceivedRequest:
    tools = [{"name": tool, "input_schema": WRITE}]
    return request("claude", {"system": system, "messages": messages, "tools": tools})


def openai(*messages: dict[str, Any]) -> ReceivedRequest:
    tools = [{"type": "function", "function": {"name": "Write", "parameters": WRITE}}]
    return request("openai", {"messages": messages, "tools": tools})


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


@pytest.mark.parametrize(
    ("task", "path", "content"),
    [
        ("create hello.txt with the text hello", "hello.txt", "hello"),
        ("Please write a file notes/to-do.md containing 'buy milk'", "notes/to-do.md", "buy milk"),
        ("Create hello.txt", "hello.txt", "hello"),
        ('make a.py with the content "print(1)".', "a.py", "print(1)"),
    ],
)
@pytest.mark.parametrize("ask", [claude, openai])
def test_writes_the_file_that_is_asked_for(ask: Any, task: str, path: str, content: str) -> None:
    reply = assistant(ask(user(task)))
    assert [(tool.name, tool.arguments) for tool in reply.tools] == [
        ("Write", {"file_path": path, "content": content})
    ]
    assert reply.thinking
    assert reply.text


def test_takes_the_folder_from_the_system_prompt() -> None:
    system = "# Environment\n - Primary working directory: /home/dev/project\n - Platform: linux"
    reply = assistant(claude(user("create a.txt"), system=system))
    assert reply.tools[0].arguments == {
        "file_path": "/home/dev/project/a.txt",
        "content": "hello",
    }


@pytest.mark.parametrize(
    "messages",
    [
        (user(f"{REMINDER}create a.txt"),),
        (user("create a.txt"), user(REMINDER)),
        (user("create a.txt"), {"role": "system", "content": "Write other.md."}),
    ],
)
def test_does_not_take_reminders_for_the_task(messages: tuple[dict[str, Any], ...]) -> None:
    assert assistant(claude(*messages)).tools[0].arguments == {
        "file_path": "a.txt",
        "content": "hello",
    }


def _claude_result(**more: Any) -> ReceivedRequest:
    call = {"type": "tool_use", "id": "1", "name": "Write", "input": {"file_path": "/p/a.txt"}}
    result = {"type": "tool_result", "tool_use_id": "1", **more}
    return claude(
        user("create a.txt"),
        {"role": "assistant", "content": [call]},
        {"role": "user", "content": [result, {"type": "text", "text": REMINDER}]},
    )


def test_ends_after_the_tool_has_run() -> None:
    function = {"name": "Write", "arguments": '{"file_path":"/p/a.txt"}'}
    of_openai = openai(
        user("create a.txt"),
        {"role": "assistant", "tool_calls": [{"id": "1", "function": function}]},
        {"role": "tool", "tool_call_id": "1", "content": "fine"},
        user(REMINDER),
    )
    for asked in (_claude_result(content="fine"), of_openai):
        reply = assistant(asked)
        assert (reply.text, reply.tools) == ("Done: I created a.txt.", ())


def test_tells_of_a_failed_tool() -> None:
    reply = assistant(_claude_result(content="disk full", is_error=True))
    assert reply.text == "That did not work: disk full"


def test_a_new_task_after_a_finished_one_is_done_too() -> None:
    asked = _claude_result(content="fine")
    body = asked.json | {
        "messages": [
            *asked.messages,
            {"role": "assistant", "content": "Done."},
            user("now create b.txt"),
        ]
    }
    assert "b.txt" in str(assistant(request("claude", body)).tools[0].arguments)


@pytest.mark.parametrize("asked", [user("Hello!"), user("Why does a.txt exist?")])
def test_otherwise_says_what_it_is_and_what_to_do(asked: dict[str, Any]) -> None:
    reply = assistant(claude(asked))
    assert not reply.tools
    assert "built into ccproxy" in str(reply.text)
    assert "`4`" in str(reply.text)
    assert "`a`" in str(reply.text)


def test_without_a_tool_for_it_no_file_is_written() -> None:
    assert assistant(claude(user("create a.txt"), tool="Read")).tools == ()


@pytest.mark.parametrize(
    ("dialect", "wish"),
    [
        ("claude", lambda schema: {"output_config": {"format": {"schema": schema}}}),
        ("openai", lambda schema: {"response_format": {"json_schema": {"schema": schema}}}),
    ],
)
def test_title_requests_get_json(dialect: Dialect, wish: Any) -> None:
    schema = {"type": "object", "properties": {"title": {"type": "string"}}}
    asked = request(dialect, {"messages": [user("create hello.txt now, please")], **wish(schema)})
    assert orjson.loads(str(assistant(asked).text)) == {"title": "Create hello.txt now, please"}
