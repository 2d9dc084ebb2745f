"""The items of a streamed reply, each with the events that open it, go on with it and close it."""

from collections.abc import Iterable, Iterator
from typing import Final

import orjson

from ccproxy_tui.protocols.free_text import unpacked
from ccproxy_tui.protocols.hub import BlockStart, JsonObject
from ccproxy_tui.protocols.responses import reasoning
from ccproxy_tui.protocols.responses.envelope import (
    call_item,
    message_item,
    new_id,
    reasoning_item,
    text_part,
)
from ccproxy_tui.protocols.responses.tools import Form, ToolForm

Events = Iterable[tuple[str, JsonObject]]
"""Types of events with their own fields."""

_ADDED: Final = "response.output_item.added"
_DONE: Final = "response.output_item.done"


class Item:
    """An item that comes in one piece, and what all have in common."""

    delta = b""
    """Form of the event that goes on with it, for its number and a JSON string."""

    def __init__(self, index: int, raw: JsonObject) -> None:
        self._index = index
        self._raw = raw

    def opening(self) -> Events:
        """Give the events that open it."""
        return [(_ADDED, {"output_index": self._index, "item": self._raw})]

    def beginning(self) -> Events:
        """Give the events that come before its first delta."""
        return ()

    def closing(self, said: str) -> tuple[Events, JsonObject]:
        """Give the events that close it, and the whole item."""
        return [(_DONE, {"output_index": self._index, "item": self._raw})], self._raw

    def sign(self, signature: str, maker: str) -> None:
        """Take a signature, which only reasoning has."""


class _Spoken(Item):
    """One whose content comes piece by piece."""

    def __init__(self, index: int, raw: JsonObject, **part: int) -> None:
        super().__init__(index, raw)
        self._place: JsonObject = {"item_id": raw["id"], "output_index": index, **part}

    def _delta(self, kind: bytes, **fields: object) -> bytes:
        place = orjson.dumps({**self._place, **fields})[1:-1]
        form = b'event: %b\ndata: {"type":"%b",%b,"sequence_number":%%d,"delta":%%b}\n\n'
        return form % (kind, kind, place)

    def _finished(
        self, item: JsonObject, *events: tuple[str, JsonObject]
    ) -> tuple[Events, JsonObject]:
        placed = [(f"response.{kind}", {**self._place, **fields}) for kind, fields in events]
        return [*placed, (_DONE, {"output_index": self._index, "item": item})], item


class _Message(_Spoken):
    def __init__(self, index: int) -> None:
        id_ = new_id("msg")
        raw = {**message_item(id_, ""), "status": "in_progress", "content": []}
        super().__init__(index, raw, content_index=0)
        self._id = id_
        self.delta = self._delta(b"response.output_text.delta", logprobs=[])

    def opening(self) -> Events:
        part = {**self._place, "part": text_part("")}
        return [*super().opening(), ("response.content_part.added", part)]

    def closing(self, said: str) -> tuple[Events, JsonObject]:
        return self._finished(
            message_item(self._id, said),
            ("output_text.done", {"text": said, "logprobs": []}),
            ("content_part.done", {"part": text_part(said)}),
        )


class _Reasoning(_Spoken):
    def __init__(self, index: int, kept: str = "") -> None:
        self._id = new_id(reasoning.OWN_ID)
        self._kept = kept
        self._signed: list[str] = []
        self._maker = ""
        super().__init__(index, reasoning_item(self._id, "", ""), summary_index=0)
        self.delta = self._delta(b"response.reasoning_summary_text.delta")

    def beginning(self) -> Events:
        part = {"type": "summary_text", "text": ""}
        return [("response.reasoning_summary_part.added", {**self._place, "part": part})]

    def sign(self, signature: str, maker: str) -> None:
        self._signed.append(signature)
        self._maker = maker

    def closing(self, said: str) -> tuple[Events, JsonObject]:
        kept = self._kept or reasoning.kept_signature("".join(self._signed), self._maker)
        item = reasoning_item(self._id, said, kept)
        if not said:
            return self._finished(item)
        return self._finished(
            item,
            ("reasoning_summary_text.done", {"text": said}),
            ("reasoning_summary_part.done", {"part": {"type": "summary_text", "text": said}}),
        )


class _Call(_Spoken):
    """A call; one of a tool that takes free text is held until its JSON can be unpacked."""

    def __init__(self, index: int, call: str, tool: ToolForm) -> None:
        self._id = new_id("ctc" if tool.free_text else "fc")
        self._call = call
        self._tool = tool
        super().__init__(index, call_item(self._id, call, tool, "", "in_progress"))
        if not tool.free_text:
            self.delta = self._delta(b"response.function_call_arguments.delta")

    def closing(self, said: str) -> tuple[Events, JsonObject]:
        if self._tool.free_text:
            said = unpacked(said)
        item = call_item(self._id, self._call, self._tool, said, "completed")
        return self._finished(item, *self._said(said))

    def _said(self, said: str) -> Iterator[tuple[str, JsonObject]]:
        if not self._tool.free_text:
            yield "function_call_arguments.done", {"arguments": said, "name": self._tool.name}
            return
        if said:
            yield "custom_tool_call_input.delta", {"delta": said}
        yield "custom_tool_call_input.done", {"input": said}


def open_item(start: BlockStart, index: int, form: Form) -> Item | None:
    """Make the item for a block that opens; None for one that only other protocols have."""
    raw = start.raw or {}
    match start.kind:
        case "text":
            return _Message(index)
        case "thinking":
            return _Reasoning(index)
        case "redacted_thinking":
            kept = reasoning.kept_redacted(str(raw.get("data", "")), start.maker)
            return _Reasoning(index, kept)
        case "tool_use":
            return _Call(index, start.id, form.tool(start.name))
        case "opaque":
            return Item(index, raw) if start.maker == reasoning.NAME else None
