"""A client's `contents`, read into turns."""

from typing import Any, Final

from ccproxy_tui import json_bytes
from ccproxy_tui.protocols.base import BadRequestError
from ccproxy_tui.protocols.checking import need
from ccproxy_tui.protocols.gemini.fields import NAME, find, listed
from ccproxy_tui.protocols.gemini.media import read_media
from ccproxy_tui.protocols.gemini.signed import unseal
from ccproxy_tui.protocols.hub import (
    Block,
    JsonObject,
    Opaque,
    Role,
    Text,
    Thinking,
    ToolResult,
    ToolUse,
    Turn,
)

_ROLES: Final[dict[str, Role]] = {
    "": "user",
    "user": "user",
    "function": "user",
    "tool": "user",
    "model": "assistant",
    "system": "system",
}


def read_contents(contents: Any) -> list[Turn]:
    """Read checked contents; raises `BadRequestError`."""
    reader = _Reader()
    for index, content in enumerate(listed(contents)):
        reader.content(content, f"contents[{index}]")
    return reader.turns


def read_texts(content: Any, field: str) -> list[str]:
    """Read the texts of a content object, a list of parts or a plain string."""
    parts = content.get("parts") if isinstance(content, dict) else content
    texts = []
    for index, part in enumerate(listed(parts)):
        text = part.get("text") if isinstance(part, dict) else part
        need(text is None or isinstance(text, str), f"{field}.parts[{index}].text", "a string")
        if text:
            texts.append(text)
    return texts


class _Reader:
    """Reads contents one after the other, pairing results with calls.

    Most clients send no ids: then a result belongs to the first call of its name, in the turn
    before, that has none yet. Ids are made up by counting, so that they stay from call to call.
    """

    def __init__(self) -> None:
        self.turns: list[Turn] = []
        self._open: list[tuple[str, ToolUse]] = []
        """Calls of the last turn without a result, with the client's own ids."""
        self._ids: set[str] = set()
        self._number = 0

    def content(self, content: JsonObject, field: str) -> None:
        role = _ROLES.get(content.get("role") or "")
        if role is None:
            raise BadRequestError(f"{field}.role", "must be user or model")
        if role == "assistant" and self.turns and self.turns[-1].role == role:
            # google-genai for Python keeps each chunk of a stream as a content of its own
            blocks = self.turns[-1].content
        else:
            blocks = []
            self.turns.append(Turn(role, blocks))
            if role == "assistant":
                self._open = []
        for index, part in enumerate(listed(content.get("parts"))):
            self._part(part, f"{field}.parts[{index}]", blocks, role)

    def _part(self, part: JsonObject, field: str, blocks: list[Block], role: Role) -> None:
        text, signature = part.get("text"), find(part, "thoughtSignature")
        need(text is None or isinstance(text, str), f"{field}.text", "a string")
        signed = signature is None or isinstance(signature, str)
        need(signed, f"{field}.thoughtSignature", "base64 text")
        if part.get("thought") is True:
            _think(blocks, text or "", signature or "")
            return
        if text is not None:
            _say(blocks, text, role)
            return
        if signature and find(part, "functionCall"):
            _sign(blocks, signature)
        if block := self._block(part, field):
            blocks.append(block)

    def _block(self, part: JsonObject, field: str) -> Block | None:
        if (call := find(part, "functionCall")) is not None:
            return self._call(call, f"{field}.functionCall")
        if (response := find(part, "functionResponse")) is not None:
            return self._result(response, f"{field}.functionResponse")
        media = read_media(part, field)
        told = any(key not in ("thoughtSignature", "thought_signature") for key in part)
        return media if media or not told else Opaque(part, NAME)

    def _call(self, call: Any, field: str) -> ToolUse:
        need(isinstance(call, dict), field, "an object")
        name, own, arguments = call.get("name"), call.get("id") or "", call.get("args")
        need(isinstance(name, str) and name, f"{field}.name", "a non-empty string")
        need(isinstance(own, str), f"{field}.id", "a string")
        need(arguments is None or isinstance(arguments, dict), f"{field}.args", "an object")
        self._number += 1
        given = own or f"call_{self._number}"
        while given in self._ids:
            given += f"_{self._number}"
        self._ids.add(given)
        use = ToolUse(given, name, arguments or {})
        self._open.append((own, use))
        return use

    def _result(self, result: Any, field: str) -> ToolResult:
        need(isinstance(result, dict), field, "an object")
        name, own = result.get("name") or "", result.get("id") or ""
        need(isinstance(name, str), f"{field}.name", "a string")
        need(isinstance(own, str), f"{field}.id", "a string")
        content, failed = _read_response(result.get("response"))
        for index, part in enumerate(listed(result.get("parts"))):
            place = f"{field}.parts[{index}]"
            need(isinstance(part, dict), place, "an object")
            content.append(read_media(part, place) or Opaque(part, NAME))
        return ToolResult(self._answered(own, name), content, failed)

    def _answered(self, own: str, name: str) -> str:
        by_id = [entry for entry in self._open if own and entry[0] == own]
        by_name = [entry for entry in self._open if entry[1].name == name or not name]
        for entry in (*by_id, *by_name):
            self._open.remove(entry)
            return entry[1].id
        return own or name


def _think(blocks: list[Block], text: str, kept: str) -> None:
    """Add to the thought that is open: a signature closes it."""
    last = blocks[-1] if blocks else None
    signature, maker = unseal(kept)
    if isinstance(last, Thinking) and not last.signature:
        last.text += text
        last.signature, last.maker = signature, maker
    elif text or signature:
        blocks.append(Thinking(text, signature, maker))


def _sign(blocks: list[Block], kept: str) -> None:
    """Put the signature of a call before it: the vendor's own is of the thought there.

    One of a text is left out: it fits the very same parts only, and none is missed.
    """
    signature, maker = unseal(kept)
    if not signature:
        return
    last = blocks[-1] if blocks else None
    if maker == NAME and isinstance(last, Thinking) and not last.signature:
        last.signature, last.maker = signature, maker
    else:
        blocks.append(Thinking("", signature, maker))


def _say(blocks: list[Block], text: str, role: Role) -> None:
    """Add text; what the model says in a row is one text, as it may be in chunks."""
    last = blocks[-1] if blocks else None
    if role == "assistant" and isinstance(last, Text):
        last.text += text
    elif text:
        blocks.append(Text(text))


def _read_response(response: Any) -> tuple[list[Block], bool]:
    """Give a function's response as text, and whether it is an error.

    `output` and `error` are the keys that the API names for the two.
    """
    match response:
        case None | "":
            return [], False
        case {"output": str(text)} | {"result": str(text)} if len(response) == 1:
            return ([Text(text)] if text else []), False
        case {"error": said} if len(response) == 1:
            return [Text(said if isinstance(said, str) else _json(said))], True
        case str(text):
            return [Text(text)], False
    return [Text(_json(response))] if response != {} else [], False


def _json(value: Any) -> str:
    return json_bytes.write(value).decode()
