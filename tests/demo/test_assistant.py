"""What the built-in demo model says, in every dialect."""

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


def responses(*messages: dict[str, Any]) -> ReceivedRequest:
    tools = [{"type": "function", "name": "Write", "parameters": WRITE}]
    return request("responses", {"input": messages, "tools": tools})


def gemini(*messages: dict[str, Any]) -> ReceivedRequest:
    contents = [{"role": "user", "parts": [{"text": one["content"]}]} for one in messages]
    tools = [{"functionDeclarations": [{"name": "Write", "parametersJsonSchema": WRITE}]}]
    return request("gemini", {"contents": contents, "tools": tools})


def ollama(*messages: dict[str, Any]) -> ReceivedRequest:
    return request("ollama", openai(*messages).json)


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
@pytest.mark.parametrize("ask", [claude, openai, responses, gemini, ollama])
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
    item = {"type": "function_call", "call_id": "1", **function}
    output = {"type": "function_call_output", "call_id": "1", "output": "fine"}
    of_responses = responses(user("create a.txt"), item, output, user(REMINDER))
    told = {"name": "Write", "arguments": {"file_path": "/p/a.txt"}}
    of_ollama = request(
        "ollama",
        {
            "messages": [
                user("create a.txt"),
                {"role": "assistant", "tool_calls": [{"function": told}]},
                {"role": "tool", "content": "fine"},
            ]
        },
    )
    call = {"functionCall": {"name": "Write", "args": {"file_path": "/p/a.txt"}}}
    answer = {"functionResponse": {"name": "Write", "response": {"output": "fine"}}}
    of_gemini = request(
        "gemini",
        {
            "contents": [
                {"role": "user", "parts": [{"text": "create a.txt"}]},
                {"role": "model", "parts": [call]},
                {"role": "user", "parts": [answer, {"text": REMINDER}]},
            ]
        },
    )
    for asked in (_claude_result(content="fine"), of_openai, of_responses, of_gemini, of_ollama):
        reply = assistant(asked)
        assert (reply.text, reply.tools) == ("Done: I created a.txt.", ())


def test_tells_of_a_failed_tool() -> None:
    answer = {"functionResponse": {"name": "Write", "response": {"error": "disk full"}}}
    of_gemini = request("gemini", {"contents": [{"role": "user", "parts": [answer]}]})
    for asked in (_claude_result(content="disk full", is_error=True), of_gemini):
        assert assistant(asked).text == "That did not work: disk full"


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
        ("responses", lambda schema: {"text": {"format": {"schema": schema}}}),
        ("gemini", lambda schema: {"generationConfig": {"responseSchema": schema}}),
        ("gemini", lambda schema: {"generation_config": {"response_json_schema": schema}}),
        ("ollama", lambda schema: {"format": schema}),
    ],
)
def test_title_requests_get_json(dialect: Dialect, wish: Any) -> None:
    schema = {
        "type": "OBJECT",
        "properties": {"title": {"type": "STRING"}, "is_new": {"type": "BOOLEAN"}},
    }
    said = "create hello.txt now, please"
    name = {"responses": "input", "gemini": "contents"}.get(dialect, "messages")
    message = {"role": "user", "parts": [{"text": said}]} if dialect == "gemini" else user(said)
    reply = assistant(request(dialect, {name: [message], **wish(schema)}))
    assert orjson.loads(str(reply.text)) == {
        "title": "Create hello.txt now, please",
        "is_new": False,
    }
