"""A fitted conversation written as the messages of a chat."""

from collections import Counter
from collections.abc import Sequence

from ccproxy_tui.protocols.fitting import plain_result
from ccproxy_tui.protocols.hub import (
    Audio,
    Block,
    Conversation,
    Document,
    Image,
    JsonObject,
    Text,
    Thinking,
    ToolResult,
    ToolUse,
)
from ccproxy_tui.protocols.profiles import Profile
from ccproxy_tui.protocols.tool_names import ToolNames


def write_messages(
    conversation: Conversation, profile: Profile, names: ToolNames
) -> list[JsonObject]:
    """Write the messages, system first; what cannot be said is noted on the conversation."""
    writer = _Writer(profile, names)
    if system := "\n\n".join(text.text for text in conversation.system):
        writer.messages.append({"role": "system", "content": system})
    for turn in conversation.turns:
        if turn.role == "assistant":
            writer.assistant(turn.content)
        else:
            writer.asked(turn.role, turn.content)
    conversation.notes += [f"{count} {what}" for what, count in writer.left_out.items()]
    return writer.messages


class _Writer:
    def __init__(self, profile: Profile, names: ToolNames) -> None:
        self.messages: list[JsonObject] = []
        self.left_out: Counter[str] = Counter()
        self._profile = profile
        self._names = names
        self._called: dict[str, str] = {}
        """Names of the tools by the ids of their calls."""

    def assistant(self, content: list[Block]) -> None:
        texts = [block.text for block in content if isinstance(block, Text)]
        thoughts = [block.text for block in content if isinstance(block, Thinking) and block.text]
        uses = [block for block in content if isinstance(block, ToolUse)]
        message: JsonObject = {"role": "assistant", "content": "\n\n".join(texts)}
        if thoughts:
            message["thinking"] = "\n\n".join(thoughts)
        if uses:
            message["tool_calls"] = [self._call(use) for use in uses]
        self.messages.append(message)

    def asked(self, role: str, content: list[Block]) -> None:
        """Write a turn that is not the model's, its tool results first."""
        for block in content:
            if isinstance(block, ToolResult):
                self._result(block)
        said = [block for block in content if not isinstance(block, ToolResult)]
        if said:
            self.messages.append({"role": role, **self._content(said)})

    def _call(self, use: ToolUse) -> JsonObject:
        name = self._called[use.id] = self._names.wire(use.name)
        return {"id": use.id, "function": {"name": name, "arguments": use.input}}

    def _result(self, result: ToolResult) -> None:
        inside = self._content([b for b in result.content if not isinstance(b, Text)])
        message = {"role": "tool", **inside, "content": plain_result(result)}
        # Older servers know results by name only, newer ones by id as well.
        message["tool_name"] = self._called.get(result.tool_use_id, "")
        message["tool_call_id"] = result.tool_use_id
        self.messages.append(message)

    def _content(self, blocks: Sequence[Block]) -> JsonObject:
        texts = [text for block in blocks if (text := self._text(block))]
        images = [block.data for block in blocks if isinstance(block, Image) and block.data]
        content: JsonObject = {"content": "\n\n".join(texts)}
        if images:
            content["images"] = images
        return content

    def _text(self, block: Block) -> str:
        """Give a block's text, or what stands for one that the protocol cannot say."""
        match block:
            case Text(text):
                return text
            case Image(data="", url=url):
                self.left_out["image addresses replaced by a note: not in this protocol"] += 1
                return f"[an image was here, at {url}]"
            case Audio():
                self.left_out["sounds replaced by a note: not in this protocol"] += 1
                return "[a sound was here, which this model cannot hear]"
            case Document(text=text, title=title, url=url):
                if text:
                    return f"{title}\n{text}" if title else text
                self.left_out["documents replaced by a note: not in this protocol"] += 1
                return f"[a document was here, which this model cannot read: {title or url}]"
        return ""
