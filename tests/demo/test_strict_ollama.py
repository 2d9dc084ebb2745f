"""A strict upstream refuses what Ollama refuses, which is little."""

from typing import Any

import aiohttp
import pytest

from ccproxy_tui.demo.strict import find_fault
from ccproxy_tui.demo.upstream import ScriptedUpstream
from tests.demo.asking import asked

USER = {"role": "user", "content": "?"}


def fault(*messages: Any, **body: Any) -> str:
    return find_fault(asked("ollama", {"model": "m", "messages": [*messages] or [USER]} | body))


def call(arguments: Any) -> dict[str, Any]:
    function = {"name": "Read", "arguments": arguments}
    return {"role": "assistant", "content": "", "tool_calls": [{"function": function}]}


def tool(**more: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": "Read"} | more}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"model": ""}, "model is required"),
        ({"stream": "yes"}, "stream of type bool"),
        ({"think": "hard"}, "invalid think value"),
        ({"format": "xml"}, "invalid format"),
        ({"options": {"num_ctx": "8k"}}, "num_ctx"),
        ({"options": {"num_predict": 1.5}}, "num_predict"),
        ({"options": {"temperature": "0"}}, "temperature"),
        ({"options": {"stop": "x"}}, "stop"),
        ({"options": []}, "options"),
        ({"tools": {}}, "api.Tools"),
        ({"tools": [{"name": "Read"}]}, "tools.function"),
        ({"tools": [tool(name="")]}, "tools.function.name"),
        ({"tools": [tool(parameters=[])]}, "parameters"),
        ({"tools": [tool(parameters={"properties": {"a": True}})]}, "ToolProperty"),
        ({"tools": [tool(parameters={"properties": {"a": {"type": {}}}})]}, "PropertyType"),
    ],
)
def test_refuses_fields(body: dict[str, Any], words: str) -> None:
    assert words in fault(**body)


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ({"role": "developer", "content": "x"}, "invalid role: 'developer'"),
        ({"role": "user", "content": [{"type": "text", "text": "x"}]}, "content of type string"),
        ({"role": "assistant", "thinking": {}}, "thinking of type string"),
        (call("{}"), "arguments"),
        (call(None), "arguments"),
        (USER | {"images": "aGk="}, "api.ImageData"),
        (USER | {"images": ["data:image/png;base64,aGk="]}, "illegal base64"),
        (USER | {"images": ["https://example.org/a.png"]}, "illegal base64"),
        (USER | {"images": [{"data": "aGk="}]}, "illegal base64"),
    ],
)
def test_refuses_messages(message: dict[str, Any], words: str) -> None:
    assert words in fault(message)


def test_lets_in_a_tool_loop_and_ignores_what_it_does_not_know() -> None:
    property_ = {"type": ["string", "null"], "const": "x"}
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "assistant", "content": None},
        USER | {"images": ["aGk="]},
        call({"path": "a"}) | {"thinking": "Hm."},
        {"role": "tool", "content": "x", "tool_name": "Read"},
    ]
    body = {
        "tools": [tool(parameters={"type": "object", "properties": {"path": property_}})],
        "tool_choice": "any",
        "think": "high",
        "format": {"type": "object"},
        "options": {"num_ctx": 8192, "temperature": 0, "unheard_of": {}, "stop": ["x"]},
        "keep_alive": -1,
    }
    assert fault(*messages, **body) == ""
    assert fault(think=True, format="json", stream=False) == ""


async def test_models_that_cannot_think(
    upstream: ScriptedUpstream, http: aiohttp.ClientSession
) -> None:
    async def status(model: str, think: object) -> int:
        body = {"model": model, "messages": [USER], "think": think, "stream": False}
        async with http.post(f"{upstream.ollama_url}/api/chat", json=body) as response:
            return response.status

    assert await status("m", True) == 200
    upstream.think_by_name = True
    assert [await status("m", True), await status("m", "low")] == [400, 400]
    assert [await status("m", False), await status("m-thinking", True)] == [200, 200]
