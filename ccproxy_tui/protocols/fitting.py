"""A conversation made to fit its target: what every protocol's writer would have to mend itself.

Afterwards turns alternate; a user's turn has its tool results first, and they answer the calls
right before them, all of them; nothing is blank; and there is no kind of block that the target
cannot take. What had to be replaced is noted on the conversation.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from hashlib import sha256
from typing import Final

from ccproxy_tui import json_bytes
from ccproxy_tui.protocols.hub import (
    Audio,
    Block,
    Conversation,
    Document,
    Image,
    JsonObject,
    Opaque,
    RedactedThinking,
    Role,
    Text,
    Thinking,
    Tool,
    ToolChoice,
    ToolResult,
    ToolUse,
    Turn,
)
from ccproxy_tui.protocols.profiles import Profile, drop_fields, merge_fields

_ATTRIBUTION: Final = "x-anthropic-billing-header"
_NO_ANSWER: Final = "This call was interrupted and has no result."
_CALL_ID: Final = re.compile(r"[a-zA-Z0-9_-]{1,40}")
"""OpenAI refuses longer ids of calls, and Anthropic other characters in them."""
_LONGEST_STEM: Final = 34
"""Characters of an id that are kept when a number is put behind it."""
_OPENING: Final = "(The conversation goes on.)"
_LONGEST_JSON: Final = 20_000
_ANY_OBJECT: Final = {"type": "object"}
_JSON_IN_WORDS: Final = "Reply with one JSON object, and with nothing else."
"""OpenAI refuses to bind a reply to JSON where no message speaks of it."""
_LEAST_ROOM: Final = 1024
"""Tokens that are asked for even where the prompt seems to leave none, as it is only estimated."""
_RUN: Final = re.compile(r"[\w+/=-]{1000}")
"""What no text has, but base64."""
_SCHEMA_IN_WORDS: Final = (
    "Reply with one JSON object that follows this JSON schema, and with nothing else:\n"
)
_KINDS: Final[dict[type[Block], str]] = {
    Image: "images",
    Audio: "sounds",
    Document: "documents",
    ToolUse: "tool calls",
    ToolResult: "tool results",
    Thinking: "thinking blocks",
    RedactedThinking: "redacted thinking blocks",
}
NOTHING: Final = "(no output)"
"""What stands for a tool's empty result."""


def fit(conversation: Conversation, profile: Profile) -> None:
    """Change the conversation's system prompt and turns so that the target can take them."""
    if not profile.tools:
        _leave_tools_out(conversation)
    fitting = _Fitting(profile)
    conversation.system = [text for text in conversation.system if _counts(text.text)]
    conversation.turns = fitting.turns(conversation.turns)
    conversation.notes += fitting.notes()
    if profile.output_schema != "schema":
        say_output_schema(conversation)
    elif conversation.output_schema == _ANY_OBJECT and not _mentions_json(conversation):
        conversation.system = [*conversation.system, Text(_JSON_IN_WORDS)]


def fit_max_tokens(conversation: Conversation, profile: Profile) -> None:
    """Lower `max_tokens` to what the target can write beside the prompt, where that is known."""
    limit, most = conversation.max_tokens, profile.max_output_tokens
    if profile.context_window is not None:
        room = max(profile.context_window - conversation.input_estimate, _LEAST_ROOM)
        most = min(most or room, room)
    if limit is not None and most is not None and limit > most:
        conversation.notes.append(f"max_tokens {limit} → {most}")
        conversation.max_tokens = most


def fit_fields(conversation: Conversation, body: JsonObject, profile: Profile) -> None:
    """Add the profile's own fields to a written request, and take out those that it refuses."""
    merge_fields(body, profile)
    conversation.notes += drop_fields(body, profile)


def _leave_tools_out(conversation: Conversation) -> None:
    if conversation.tools:
        count = len(conversation.tools)
        conversation.notes.append(f"{count} tools left out: the model calls no functions")
    conversation.tools, conversation.tool_choice = [], None


def _mentions_json(conversation: Conversation) -> bool:
    blocks = [*conversation.system, *(one for turn in conversation.turns for one in turn.content)]
    return any(isinstance(block, Text) and "json" in block.text.lower() for block in blocks)


def own_tools(conversation: Conversation) -> list[Tool]:
    """Give the client's tools; those that another vendor would run itself are noted as left out."""
    vendors = [tool.name for tool in conversation.tools if tool.raw is not None]
    if vendors:
        conversation.notes.append("server tools left out: " + ", ".join(vendors))
    return [tool for tool in conversation.tools if tool.raw is None]


def fit_shared(conversation: Conversation, profile: Profile) -> JsonObject:
    """Give the fields that some protocols share, as far as the target knows them."""
    if unknown := [name for name in conversation.shared if name not in profile.shared]:
        said = ", ".join(unknown)
        conversation.notes.append(f"left out, as the target may not know the fields: {said}")
    return {name: value for name, value in conversation.shared.items() if name in profile.shared}


def fit_tool_choice(conversation: Conversation, profile: Profile) -> ToolChoice | None:
    """Give the tool choice as the target takes it; None when there is none to say."""
    choice = conversation.tool_choice
    if choice is None or not any(tool.raw is None for tool in conversation.tools):
        return None
    own = [tool.name for tool in conversation.tools if tool.raw is None]
    offered = choice.name in own
    if choice.mode in profile.tool_choice and (choice.mode != "tool" or offered):
        return choice
    conversation.notes.append(f"tool_choice {choice.mode} → auto")
    return replace(choice, mode="auto", name="")


def say_output_schema(conversation: Conversation) -> None:
    """Ask in words for a reply that follows the schema, where a target has no field for it."""
    schema = conversation.output_schema
    if schema is not None:
        said = json_bytes.write(schema).decode()
        conversation.system = [*conversation.system, Text(_SCHEMA_IN_WORDS + said)]
        conversation.notes.append("the reply's JSON schema is said in words")


def note_left_out(conversation: Conversation, unsaid: Iterable[str]) -> None:
    """Note the fields in `unsaid` that the client has set: the target has no word for them."""
    found = [name for name in unsaid if getattr(conversation, name) not in (None, [], {})]
    if "shared" in found:
        found = [name for name in found if name != "shared"] + [*conversation.shared]
    if found:
        conversation.notes.append("left out, as the target has no such field: " + ", ".join(found))


def plain_result(result: ToolResult) -> str:
    """Give a fitted tool result as text, for protocols that know no flag for an error."""
    text = _joined(result.content)
    if result.is_error and not text.lower().startswith(("error", "<tool_use_error>")):
        text = f"Error: {text}" if text else "Error: the tool failed"
    return text or NOTHING


def _joined(content: list[Block]) -> str:
    return "\n\n".join(block.text for block in content if isinstance(block, Text))


def _counts(text: str) -> bool:
    """Whether a text is worth sending; the client's note to its own vendor is not."""
    return bool(text.strip()) and not text.startswith(_ATTRIBUTION)


class _Fitting:
    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._replaced: Counter[str] = Counter()
        self._turns: list[Turn] = []
        self._open: dict[str, str] = {}
        """Calls of the last assistant turn that have no result yet: their ids, and the client's."""
        self._ids: Counter[str] = Counter()

    def turns(self, turns: list[Turn]) -> list[Turn]:
        for turn in turns:
            if turn.role == "assistant":
                self._assistant(turn.content)
            elif turn.role == "system":
                self._system(turn.content)
            else:
                self._user(turn.content)
        self._close_calls()
        if not self._turns or (self._profile.user_first and self._turns[0].role != "user"):
            self._turns.insert(0, Turn("user", [Text(_OPENING)]))
        return self._turns

    def notes(self) -> list[str]:
        return [f"{count} {what}" for what, count in self._replaced.items()]

    def _assistant(self, content: list[Block]) -> None:
        said = [(block, fitted) for block in content for fitted in self._said(block)]
        if all(isinstance(fitted, Thinking | RedactedThinking) for _, fitted in said):
            return
        if self._turns and self._turns[-1].role != "assistant":
            self._close_calls()
        self._add("assistant", [fitted for _, fitted in said])
        for block, fitted in said:
            if isinstance(block, ToolUse) and isinstance(fitted, ToolUse):
                self._open[fitted.id] = block.id

    def _said(self, block: Block) -> Iterator[Block]:
        """Give what remains of a block of the model's own."""
        match block:
            case Text(text) if text.strip():
                yield block
            case ToolUse(id, name, arguments):
                fine = isinstance(arguments, dict)
                given = arguments if fine else {"malformed_arguments": arguments}
                if self._profile.tools:
                    yield ToolUse(self._call_id(id), name, given)
                else:
                    self._replace(block, "said as text: the model calls no functions")
                    yield Text(f"[called {name} with {json_bytes.write(given).decode()}]")
            case Thinking(text, signature, maker):
                if signature and maker == self._profile.protocol:
                    yield block
                elif text and self._profile.reasoning_replay != "none":
                    yield Thinking(text)
                elif text or signature:
                    self._replace(block, "left out: the target takes back only its own")
            case RedactedThinking(maker=maker) | Opaque(maker=maker):
                if maker and maker == self._profile.protocol:
                    yield block
                else:
                    self._replace(block, "left out: the target cannot read them")
            case Image() | Audio() | Document():
                self._replace(block, "of the model's own left out: no target takes them")
            case ToolResult():
                self._replace(block, "of the model's own left out")

    def _system(self, content: list[Block]) -> None:
        for block in content:
            if not isinstance(block, Text):
                self._replace(block, "of the system left out")
        texts = [block.text for block in content if isinstance(block, Text) and _counts(block.text)]
        if not texts:
            return
        text = "\n\n".join(texts)
        if self._profile.system_in_turns and not self._open:
            self._add("system", [Text(text)])
        else:
            self._add("user", [Text(f"<system-reminder>\n{text}\n</system-reminder>")])

    def _user(self, content: list[Block]) -> None:
        results: list[Block] = []
        others: list[Block] = []
        for block in content:
            if isinstance(block, ToolResult):
                fitted, attached = self._result(block)
                if fitted.tool_use_id:
                    del self._open[fitted.tool_use_id]
                    results.append(fitted)
                else:
                    others.append(Text(f"Result of an earlier tool call:\n{plain_result(fitted)}"))
                    others += [one for one in fitted.content if not isinstance(one, Text)]
                others += attached
            else:
                others += self._taken(block)
        if results or others:
            self._add("user", [*results, *others])

    def _result(self, result: ToolResult) -> tuple[ToolResult, list[Block]]:
        """Give a result as the target takes it, and what has to follow it instead.

        Its id is that of its call, or empty when no call waits for it.
        """
        given = result.tool_use_id
        id_ = next((fitted for fitted, asked in self._open.items() if asked == given), "")
        inside: list[Block] = []
        attached: list[Block] = []
        for block in result.content:
            for fitted in self._taken(block):
                if isinstance(fitted, Text) or self._profile.tool_images:
                    inside.append(fitted)
                else:
                    attached.append(fitted)
        if attached:
            if not inside:
                inside.append(Text("(see the attachment that follows)"))
            attached.insert(0, Text(f"Attachment of tool result {id_ or given}:"))
        return ToolResult(id_, inside, result.is_error), attached

    def _taken(self, block: Block) -> Iterator[Block]:
        """Give a block of the user's or a tool's as the target takes it."""
        profile = self._profile
        match block:
            case Text(text):
                if text.strip():
                    yield block
            case Image() if profile.images:
                yield block
            case Audio() if profile.audio:
                yield block
            case Document() if profile.documents and (
                block.text.strip() or block.data or block.url
            ):
                yield block
            case Document(text=text, title=title) if text.strip():
                yield Text(f"{title}\n{text}" if title else text)
            case Image() | Audio() | Document():
                yield self._word(block)
            case Opaque(maker=maker) if maker and maker == profile.protocol:
                yield block
            case Opaque(raw):
                said = json_bytes.write(raw).decode()
                if len(said) > _LONGEST_JSON or _RUN.search(said):
                    self._replace(block, "replaced by a note: the target cannot read them")
                    yield Text(f"[a block of type {block.type} was here]")
                else:
                    self._replace(block, "said as JSON")
                    yield Text(said)
            case _:
                self._replace(block, "of the user's left out")

    def _word(self, block: Image | Audio | Document) -> Text:
        """Say in words that there was something which the target cannot take."""
        self._replace(block, "replaced by a note: the target takes none")
        match block:
            case Image():
                return Text("[an image was here, which this model cannot see]")
            case Audio():
                return Text("[a sound was here, which this model cannot hear]")
        named = block.title or block.url
        return Text(
            f"[a document was here, which this model cannot read{': ' + named if named else ''}]"
        )

    def _call_id(self, given: str) -> str:
        """Give an id that every vendor takes and no other call has, the same each time."""
        digest = sha256(given.encode("utf-8", "surrogatepass")).hexdigest()[:24]
        plain = given if _CALL_ID.fullmatch(given) else f"call_{digest}"
        id_ = plain
        while self._ids[id_]:
            self._ids[plain] += 1
            id_ = f"{plain[:_LONGEST_STEM]}_{self._ids[plain]}"
        self._ids[id_] += 1
        return id_

    def _replace(self, block: Block, how: str) -> None:
        kind = f"{block.type} blocks" if isinstance(block, Opaque) else _KINDS[type(block)]
        self._replaced[f"{kind} {how}"] += 1

    def _close_calls(self) -> None:
        """Answer the calls that nobody answered, in the turn that should have."""
        if not self._open:
            return
        self._replaced["unanswered tool calls closed"] += len(self._open)
        answers: list[Block] = [ToolResult(id_, [Text(_NO_ANSWER)]) for id_ in self._open]
        self._open = {}
        self._add("user", answers)

    def _add(self, role: Role, content: list[Block]) -> None:
        """Add content to the last turn if that is the same one's; results stay in front."""
        if not self._turns or self._turns[-1].role != role:
            self._turns.append(Turn(role, content))
            return
        if role == "system":
            self._turns[-1] = Turn(role, [Text(_joined([*self._turns[-1].content, *content]))])
            return
        last = self._turns[-1].content
        results = sum(1 for block in last if isinstance(block, ToolResult))
        first = [block for block in content if isinstance(block, ToolResult)]
        last[results:results] = first
        last += [block for block in content if not isinstance(block, ToolResult)]
