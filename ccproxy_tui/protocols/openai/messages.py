"""A conversation's turns, written as chat messages.

A chat message is either the user's, the model's or one tool's result, and results have to follow
the calls that they answer; turns of the hub are free in all this.
"""

from typing import Any, Final

from ccproxy_tui import json_bytes
from ccproxy_tui.protocols.hub import (
    Block,
    Conversation,
    Document,
    Image,
    JsonObject,
    Opaque,
    RedactedThinking,
    Text,
    Thinking,
    ToolResult,
    ToolUse,
    Turn,
)
from ccproxy_tui.protocols.profiles import Profile
from ccproxy_tui.protocols.tool_names import ToolNames

_ATTRIBUTION: Final = "x-anthropic-billing-header"
_NO_ANSWER: Final = "This call was interrupted and has no result."
_LONGEST_JSON: Final = 20_000
_NOTHING: Final = "(no output)"


def write_messages(
    conversation: Conversation, profile: Profile, names: ToolNames
) -> list[JsonObject]:
    """Write the messages; what cannot be said is noted on the conversation."""
    writer = _Writer(profile, names)
    system = [text.text for text in conversation.system if not text.text.startswith(_ATTRIBUTION)]
    if system:
        writer.messages.append({"role": "system", "content": "\n\n".join(system)})
    for turn in conversation.turns:
        writer.turn(turn)
    writer.end()
    conversation.notes += [f"{what}: {count}" for what, count in writer.left_out.items()]
    return writer.messages


class _Writer:
    """Keeps what the user said until it is known that no tool result has to stand before it."""

    def __init__(self, profile: Profile, names: ToolNames) -> None:
        self.messages: list[JsonObject] = []
        self.left_out: dict[str, int] = {}
        self._profile = profile
        self._names = names
        self._said: list[JsonObject] = []
        self._unanswered: dict[str, None] = {}

    def turn(self, turn: Turn) -> None:
        if turn.role == "assistant":
            self._assistant(turn.content)
        elif turn.role == "system":
            self._system(turn.content)
        else:
            self._user(turn.content)

    def end(self) -> None:
        self._flush()

    def _system(self, content: list[Block]) -> None:
        texts = [block.text for block in content if isinstance(block, Text)]
        text = "\n\n".join(text for text in texts if not text.startswith(_ATTRIBUTION))
        if not text:
            return
        if self._profile.system_in_turns and not self._unanswered:
            self._flush()
            self.messages.append({"role": "system", "content": text})
        else:
            self._say(Text(f"<system-reminder>\n{text}\n</system-reminder>"))

    def _user(self, content: list[Block]) -> None:
        for block in content:
            if isinstance(block, ToolResult):
                self._result(block)
        for block in content:
            if not isinstance(block, ToolResult):
                self._say(block)

    def _assistant(self, content: list[Block]) -> None:
        texts, thoughts, calls = [], [], []
        for block in content:
            match block:
                case Text(text):
                    texts.append(text)
                case Thinking(text):
                    thoughts.append(text)
                case ToolUse():
                    calls.append(self._call(block))
                case RedactedThinking():
                    self._leave_out("redacted thinking left out")
                case Opaque():
                    self._leave_out(f"{block.type} left out")
                case _:
                    self._leave_out(f"assistant {type(block).__name__.lower()} left out")
        text = "\n\n".join(text for text in texts if text)
        message: JsonObject = {"role": "assistant", "content": text or None}
        replay = self._profile.reasoning_replay
        if replay != "none" and any(thoughts):
            message[replay] = "\n\n".join(thoughts)
        elif replay != "none" and calls:
            message[replay] = ""
        if calls:
            message["tool_calls"] = calls
        elif not text:
            return
        self._flush()
        self.messages.append(message)
        self._unanswered = {call["id"]: None for call in calls}

    def _call(self, block: ToolUse) -> JsonObject:
        arguments = block.input
        if not isinstance(arguments, dict):
            arguments = {"malformed_arguments": arguments}
        return {
            "id": block.id,
            "type": "function",
            "function": {
                "name": self._names.wire(block.name),
                "arguments": json_bytes.write(arguments).decode(),
            },
        }

    def _result(self, result: ToolResult) -> None:
        texts: list[str] = []
        images: list[Block] = []
        for block in result.content:
            if isinstance(block, Image) or (isinstance(block, Document) and not block.text):
                images.append(block)
            else:
                texts.append(self._plain(block))
        text = "\n\n".join(text for text in texts if text)
        if images and not text:
            text = "(see the attachment that follows)"
        if result.is_error and not text.lower().startswith(("error", "<tool_use_error>")):
            text = f"Error: {text}" if text else "Error: the tool failed"
        if result.tool_use_id in self._unanswered:
            del self._unanswered[result.tool_use_id]
            self.messages.append(
                {"role": "tool", "tool_call_id": result.tool_use_id, "content": text or _NOTHING}
            )
        else:
            self._say(Text(f"Result of an earlier tool call:\n{text or _NOTHING}"))
        if images:
            self._say(Text(f"Attachment of tool result {result.tool_use_id}:"))
            for image in images:
                self._say(image)

    def _say(self, block: Block) -> None:
        match block:
            case Image() if self._profile.images:
                address = block.url or f"data:{block.media_type};base64,{block.data}"
                self._said.append({"type": "image_url", "image_url": {"url": address}})
            case Document() if block.data and self._profile.documents:
                file = {
                    "filename": block.title or "document.pdf",
                    "file_data": f"data:{block.media_type};base64,{block.data}",
                }
                self._said.append({"type": "file", "file": file})
            case _:
                if text := self._plain(block):
                    self._said.append({"type": "text", "text": text})

    def _plain(self, block: Block) -> str:
        """Say a block in words."""
        match block:
            case Text(text):
                return text
            case Image():
                self._leave_out("images left out (the model takes none)")
                return "[an image was here, which this model cannot see]"
            case Document(text=text, title=title) if text:
                return f"{title}\n{text}" if title else text
            case Document(title=title, url=address):
                self._leave_out("documents left out (the model takes none)")
                named = title or address
                return f"[a document was here, which this model cannot read{': ' + named if named else ''}]"
            case Opaque(raw) if raw.get("type") == "tool_reference":
                return f"The tool {raw.get('tool_name')} is available now."
            case Opaque(raw):
                said = json_bytes.write(raw).decode()
                if len(said) > _LONGEST_JSON:
                    self._leave_out(f"{block.type} left out")
                    return f"[a block of type {block.type} was here]"
                self._leave_out(f"{block.type} said as JSON")
                return said
        return ""

    def _flush(self) -> None:
        """Write what waits: answers for calls that have none, then what the user said."""
        for call in self._unanswered:
            self.messages.append({"role": "tool", "tool_call_id": call, "content": _NO_ANSWER})
        if self._unanswered:
            self.left_out["unanswered tool calls closed"] = len(self._unanswered)
        self._unanswered = {}
        if not self._said:
            return
        content: Any = self._said
        if all(part["type"] == "text" for part in self._said):
            content = "\n\n".join(part["text"] for part in self._said)
        self.messages.append({"role": "user", "content": content})
        self._said = []

    def _leave_out(self, what: str) -> None:
        self.left_out[what] = self.left_out.get(what, 0) + 1
