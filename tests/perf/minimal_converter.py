"""The yardstick for the converted lane: the least that turns one protocol into the other.

It knows text only, checks nothing, records nothing and forgives nothing.
"""

from typing import Any

import orjson
from aiohttp import web

from tests.perf.relay import SESSION, UPSTREAM


def to_openai(body: dict[str, Any]) -> dict[str, Any]:
    system = "\n\n".join(block["text"] for block in body.get("system", ()))
    messages: list[dict[str, Any]] = [{"role": "system", "content": system}]
    for message in body["messages"]:
        content = message["content"]
        if isinstance(content, str):
            messages.append({"role": message["role"], "content": content})
            continue
        for block in content:
            if block["type"] == "text":
                messages.append({"role": message["role"], "content": block["text"]})
            elif block["type"] == "tool_result":
                result = {"role": "tool", "tool_call_id": block["tool_use_id"]}
                messages.append({**result, "content": str(block["content"])})
            elif block["type"] == "tool_use":
                function = {
                    "name": block["name"],
                    "arguments": orjson.dumps(block["input"]).decode(),
                }
                call = {"id": block["id"], "type": "function", "function": function}
                messages.append({"role": "assistant", "content": None, "tool_calls": [call]})
    tools = [
        {
            "type": "function",
            "function": {
                "name": tool["name"],
                "description": tool.get("description", ""),
                "parameters": tool["input_schema"],
            },
        }
        for tool in body.get("tools", ())
        if "input_schema" in tool
    ]
    return {
        "model": "m",
        "messages": messages,
        "tools": tools,
        "max_tokens": body["max_tokens"],
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def frame(name: str, data: dict[str, Any]) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (name.encode(), orjson.dumps({"type": name, **data}))


async def convert(request: web.Request) -> web.StreamResponse:
    body = orjson.loads(await request.read())
    async with request.app[SESSION].post(
        request.app[UPSTREAM] + "/v1/chat/completions",
        data=orjson.dumps(to_openai(body)),
        headers={"content-type": "application/json"},
    ) as reply:
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await response.prepare(request)
        message = {"id": "msg_1", "role": "assistant", "content": [], "usage": {"input_tokens": 0}}
        out = [
            frame("message_start", {"message": message}),
            frame(
                "content_block_start", {"index": 0, "content_block": {"type": "text", "text": ""}}
            ),
        ]
        rest = b""
        usage: dict[str, Any] = {}
        async for chunk in reply.content.iter_any():
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                if not line.startswith(b"data: ") or line == b"data: [DONE]":
                    continue
                data = orjson.loads(line[6:])
                usage = data.get("usage") or usage
                if data["choices"] and (text := data["choices"][0]["delta"].get("content")):
                    delta = {"type": "text_delta", "text": text}
                    out.append(frame("content_block_delta", {"index": 0, "delta": delta}))
            if out:
                await response.write(b"".join(out))
                out = []
        counted = {"output_tokens": usage.get("completion_tokens", 0)}
        end = {"delta": {"stop_reason": "end_turn", "stop_sequence": None}, "usage": counted}
        await response.write(
            frame("content_block_stop", {"index": 0})
            + frame("message_delta", end)
            + frame("message_stop", {})
        )
        await response.write_eof()
        return response
