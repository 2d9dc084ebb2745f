"""A reply's calls, in the form that its client knows: of functions, of custom tools, or the older one."""

import orjson

from ccproxy_tui.protocols.free_text import unpacked
from ccproxy_tui.protocols.hub import JsonObject, ToolUse
from ccproxy_tui.protocols.openai.client import Form


class StreamedCall:
    """A call that comes piece by piece; free text is held until its JSON can be unpacked."""

    def __init__(self, index: int, id_: str, name: str, form: Form) -> None:
        self._held: list[str] | None = [] if name in form.free_text else None
        self.opening: JsonObject
        """The delta that opens it."""
        self.delta: bytes
        """Form of those that go on with it, for a JSON string."""
        if form.older_calls:
            self.opening = {"function_call": {"name": name, "arguments": ""}}
            self.delta = b'{"function_call":{"arguments":%b}}'
            return
        kind, said = ("function", "arguments") if self._held is None else ("custom", "input")
        call = {"index": index, "id": id_, "type": kind, kind: {"name": name, said: ""}}
        self.opening = {"tool_calls": [call]}
        delta = f'{{"tool_calls":[{{"index":{index},"{kind}":{{"{said}":%b}}}}]}}'
        self.delta = delta.encode()

    def take(self, text: str) -> str:
        """Take a piece of its JSON; give what can be said now."""
        if self._held is None:
            return text
        self._held.append(text)
        return ""

    def rest(self) -> str:
        """Give what is left to be said at its end."""
        return unpacked("".join(self._held)) if self._held else ""


def write_calls(uses: list[ToolUse], form: Form) -> JsonObject:
    """Write the fields of a message that hold its calls; the older form has room for one only."""
    if not uses:
        return {}
    if form.older_calls:
        return {"function_call": {"name": uses[0].name, "arguments": _arguments(uses[0])}}
    return {"tool_calls": [_write_call(use, form) for use in uses]}


def _write_call(use: ToolUse, form: Form) -> JsonObject:
    said = _arguments(use)
    if use.name in form.free_text:
        custom = {"name": use.name, "input": unpacked(said)}
        return {"id": use.id, "type": "custom", "custom": custom}
    return {"id": use.id, "type": "function", "function": {"name": use.name, "arguments": said}}


def _arguments(use: ToolUse) -> str:
    return use.input if isinstance(use.input, str) else orjson.dumps(use.input).decode()
