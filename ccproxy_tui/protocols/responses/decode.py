"""Replies of a Responses upstream, whole or streamed, read into hub events."""

from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from ccproxy_tui.protocols.base import Failure
from ccproxy_tui.protocols.decoding import StreamDecoder
from ccproxy_tui.protocols.failures import classified, read_error
from ccproxy_tui.protocols.hub import Event, JsonObject
from ccproxy_tui.protocols.responses import reasoning
from ccproxy_tui.protocols.responses.tools import flat_name
from ccproxy_tui.protocols.responses.usage import read_usage
from ccproxy_tui.protocols.tool_names import ToolNames

_STATUSES: Final = {
    "rate_limit_exceeded": 429,
    "insufficient_quota": 429,
    "invalid_prompt": 400,
    "context_length_exceeded": 400,
    "server_is_overloaded": 503,
    "slow_down": 503,
}
"""Status that an error would have had, by its code."""
_UNTOLD: Final = 502
"""Status of an error that does not say its own."""
_ENDS: Final = ("completed", "incomplete")


@dataclass(slots=True, eq=False)
class _Item:
    """What has been said of one output item so far."""

    said: set[Any] = field(default_factory=set)
    """Numbers of the parts that came piece by piece; None where the server does not number them."""
    source: str = ""
    """Whether an item's summary or the reasoning itself is taken."""
    finished: JsonObject | None = None
    """The whole item, once it has come."""

    def has(self, part: int) -> bool:
        return part in self.said or None in self.said


class ResponsesDecoder(StreamDecoder):
    """Reads a stream of response events.

    Some servers number neither events nor items, or change an item's id on the way: an item is
    known by its place, else by its id or its call's, else it is the last one.
    """

    maker = reasoning.NAME

    def __init__(self, names: ToolNames | None = None) -> None:
        super().__init__()
        self._names = names or ToolNames()
        self._items: dict[object, _Item] = {}
        self._last = _Item(finished={"type": "none"})

    def read(self, event: str, content: JsonObject) -> None:
        """Tell the machine what one event says."""
        kind = content.get("type") or event
        if kind == "response.output_text.delta":
            self._text(content, "output_text", content.get("delta"))
            return
        if kind in ("error", "response.failed") or ("type" not in content and content.get("error")):
            self._failed(content)
            return
        match str(kind).removeprefix("response.").split("."):
            case ["output_text" | "refusal" as what, "delta"]:
                self._text(content, what, content.get("delta"))
            case ["output_text" | "refusal" as what, "done"]:
                if not self._item(content).has(content.get("content_index") or 0):
                    said = content.get("text") if what == "output_text" else content.get("refusal")
                    self._text(content, what, said)
            case ["reasoning_summary_text" | "reasoning_text" as what, "delta"]:
                self._thought(content, what)
            case ["function_call_arguments", "delta"]:
                self._arguments(self._item(content), content.get("delta"))
            case ["function_call_arguments", "done"]:
                item = self._item(content)
                if not item.said:
                    self._arguments(item, content.get("arguments"))
            case ["output_item", "added"]:
                self._added(content)
            case ["output_item", "done"]:
                self._done(content)
            case ["created" | "in_progress" | "queued"]:
                self._start(content.get("response"))
            case ["completed" | "incomplete" as status]:
                self._end(content.get("response") or {}, status)

    def read_whole(self, body: JsonObject) -> None:
        """Tell the machine what a whole reply says."""
        status = body.get("status") or "completed"
        if body.get("error") or status == "failed":
            self._failed({"response": body})
        elif not isinstance(body.get("output"), list):
            self.fail(read_error(body, 502))
        elif status not in _ENDS:
            self.machine.fail(502, f"the upstream did not finish its reply: it is {status}")
        else:
            self._start(body)
            self._end(body, status)

    def _start(self, response: Any) -> None:
        if isinstance(response, dict) and not self.machine.started:
            self.machine.start(str(response.get("id") or ""), str(response.get("model") or ""))

    def _item(self, content: JsonObject) -> _Item:
        """Find the item that an event is about, or begin one."""
        place = content.get("output_index")
        found = self._items.get(place) if isinstance(place, int) else None
        if found is not None:
            return found
        found = next((self._items[key] for key in _keys(content) if key in self._items), None)
        if found is None and "item" not in content and not self._last.finished:
            found = self._last
        return self._begin(content) if found is None else found

    def _begin(self, content: JsonObject) -> _Item:
        """Begin an item; some servers give each of them the same place."""
        item = self._last = _Item()
        self._items |= dict.fromkeys(_keys(content), item)
        return item

    def _added(self, content: JsonObject) -> None:
        raw, item = content["item"], self._begin(content)
        if raw.get("type") == "function_call":
            self._call(item, raw)

    def _done(self, content: JsonObject) -> None:
        raw, item = content["item"], self._item(content)
        if item.finished:
            if item.finished == raw:
                return
            item = self._begin(content)
        item.finished = raw
        self._finished(item, raw)

    def _text(self, content: JsonObject, what: str, said: Any) -> None:
        self._item(content).said.add(content.get("content_index"))
        if isinstance(said, str):
            self.machine.text(said)
        if what == "refusal":
            self.machine.finish("refusal")

    def _thought(self, content: JsonObject, what: str) -> None:
        item = self._item(content)
        item.source = item.source or what
        if item.source != what:
            return
        part = content.get("summary_index" if what == "reasoning_summary_text" else "content_index")
        said = content.get("delta")
        if not isinstance(said, str):
            return
        if item.said and part not in item.said:
            said = f"\n\n{said}"
        item.said.add(part)
        self.machine.thinking(said)

    def _call(self, item: _Item, raw: JsonObject) -> None:
        id_ = str(raw.get("call_id") or raw.get("id") or "")
        name = self._names.original(str(raw.get("name") or ""))
        self.machine.tool(item, id_, flat_name(name, raw.get("namespace")))

    def _arguments(self, item: _Item, said: Any) -> None:
        if said:
            item.said.add(0)
            text = said if isinstance(said, str) else orjson.dumps(said).decode()
            self.machine.arguments(item, text)

    def _finished(self, item: _Item, raw: JsonObject) -> None:
        """Take a whole item, of which all or nothing may have been said already."""
        match raw.get("type"):
            case "message":
                for at, part in enumerate(raw.get("content") or []):
                    if not item.has(at):
                        self._part(part)
                self.machine.close()
            case "reasoning":
                if not item.said:
                    said = reasoning.summary_text(raw) or reasoning.content_text(raw)
                    self.machine.thinking(said)
                if content := raw.get("encrypted_content"):
                    self.machine.signature(reasoning.sign(raw.get("id"), str(content)))
                self.machine.close()
            case "function_call":
                self._call(item, raw)
                if not item.said:
                    self._arguments(item, raw.get("arguments"))
                self.machine.close(item)
            case "custom_tool_call":
                self._call(item, raw)
                self._arguments(item, {"input": str(raw.get("input") or "")})
                self.machine.close(item)
            case str():
                self.machine.whole("opaque", raw)

    def _part(self, part: JsonObject) -> None:
        if part.get("type") == "refusal":
            self.machine.text(str(part.get("refusal") or ""))
            self.machine.finish("refusal")
        else:
            self.machine.text(str(part.get("text") or ""))

    def _end(self, response: JsonObject, status: str) -> None:
        """Take the last event, whose items count where no others came."""
        machine = self.machine
        self._start(response)
        if not self._items:
            for raw in response.get("output") or []:
                self._finished(_Item(), raw)
        if usage := read_usage(response.get("usage")):
            machine.usage(usage)
        details = response.get("incomplete_details")
        if status == "completed" and response.get("status") != "incomplete":
            machine.finish("end_turn")
        elif isinstance(details, dict) and details.get("reason") == "content_filter":
            machine.finish("refusal")
        else:
            machine.finish("max_tokens")
        machine.done()

    def _failed(self, content: JsonObject) -> None:
        """Break the reply off with the error of an event, or of a response that failed."""
        response = content.get("response")
        failed = isinstance(response, dict) or content.get("type") == "response.failed"
        error = (response or {}).get("error") if failed else content.get("error", content)
        if not error:
            self.machine.fail(502, "the upstream's reply failed, and it does not say why")
            return
        failure = read_error({"error": error}, _UNTOLD)
        code = error.get("code") if isinstance(error, dict) else None
        if isinstance(code, str) and code in _STATUSES and failure.status == _UNTOLD:
            failure = classified(Failure(_STATUSES[code], failure.message, code))
        self.fail(failure)


def _keys(content: JsonObject) -> list[object]:
    """Give what an event says of its item: place and ids, the best first."""
    raw = content.get("item") or {}
    ids = (content.get("item_id"), raw.get("id"), raw.get("call_id"))
    keys: list[object] = [key for key in ids if isinstance(key, str) and key]
    place = content.get("output_index")
    return [place, *keys] if isinstance(place, int) else keys


def decoder(names: ToolNames | None = None) -> ResponsesDecoder:
    """Make a reader of a stream; `names` came with the request."""
    return ResponsesDecoder(names)


def read_reply(body: JsonObject, names: ToolNames | None = None) -> list[Event]:
    """Read a whole reply; ends with a `ReplyStop`, or is a single `ReplyError`."""
    return ResponsesDecoder(names).take_whole(body)
