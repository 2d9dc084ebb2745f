"""The response object that surrounds a reply's items, and the items themselves."""

import time
from collections.abc import Iterable
from secrets import token_hex
from typing import Any, Final

from ccproxy_tui.protocols.base import Asked
from ccproxy_tui.protocols.hub import JsonObject, StopReason
from ccproxy_tui.protocols.responses import reasoning
from ccproxy_tui.protocols.responses.tools import Form, ToolForm

_DEFAULTS: Final[JsonObject] = {
    "instructions": None,
    "max_output_tokens": None,
    "max_tool_calls": None,
    "metadata": {},
    "parallel_tool_calls": True,
    "previous_response_id": None,
    "reasoning": {"effort": None, "summary": None},
    "service_tier": "default",
    "store": False,
    "temperature": 1.0,
    "text": {"format": {"type": "text"}},
    "tool_choice": "auto",
    "tools": [],
    "top_logprobs": 0,
    "top_p": 1.0,
    "truncation": "disabled",
    "background": False,
    "user": None,
}
"""What the vendor says of a request that leaves these open; clients' types insist on some."""
_INCOMPLETE: Final[dict[StopReason, str]] = {
    "max_tokens": "max_output_tokens",
    "overflow": "max_output_tokens",
    "refusal": "content_filter",
}


class Envelope:
    """Writes the response object of one reply, in each of its states."""

    def __init__(self, asked: Asked) -> None:
        self.form = asked.form if isinstance(asked.form, Form) else Form()
        said = {name: value for name, value in self.form.echo.items() if value is not None}
        self._head = {
            "id": f"resp_{token_hex(24)}",
            "object": "response",
            "created_at": int(time.time()),
            "model": asked.model,
            **_DEFAULTS,
            **said,
        }

    def write(self, status: str, output: Iterable[JsonObject] = (), **fields: Any) -> JsonObject:
        """Write it with these items; `fields` are those that only some states have."""
        return {
            **self._head,
            "status": status,
            "error": None,
            "incomplete_details": None,
            "output": list(output),
            "usage": None,
            **fields,
        }

    def write_stop(
        self, reason: StopReason, output: Iterable[JsonObject], usage: JsonObject
    ) -> JsonObject:
        """Write it as it is at the end."""
        cut = _INCOMPLETE.get(reason)
        if cut is None:
            now = int(time.time())
            return self.write("completed", output, usage=usage, completed_at=now)
        details = {"reason": cut}
        return self.write("incomplete", output, usage=usage, incomplete_details=details)


def text_part(text: str) -> JsonObject:
    """Write the one part of a message."""
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def message_item(id_: str, text: str) -> JsonObject:
    """Write a message that is complete."""
    return {
        "id": id_,
        "type": "message",
        "status": "completed",
        "role": "assistant",
        "content": [text_part(text)],
    }


def reasoning_item(id_: str, text: str, kept: str) -> JsonObject:
    """Write reasoning that is complete; `kept` is what proves it, if anything does."""
    item: JsonObject = {"id": id_, "type": "reasoning", "summary": reasoning.summary(text)}
    return {**item, "encrypted_content": kept} if kept else item


def call_item(id_: str, call: str, tool: ToolForm, said: str, status: str) -> JsonObject:
    """Write a call; `said` is its JSON, or the text of a tool that takes free text."""
    item: JsonObject = {
        "id": id_,
        "type": "custom_tool_call" if tool.free_text else "function_call",
        "status": status,
        "call_id": call,
        "name": tool.name,
        "input" if tool.free_text else "arguments": said,
    }
    return {**item, "namespace": tool.namespace} if tool.namespace else item


def new_id(kind: str) -> str:
    """Make an item's id, which begins with its kind: msg, fc, ctc, or what marks reasoning as written here."""
    return f"{kind}_{token_hex(24)}"
