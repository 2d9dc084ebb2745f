"""What a conversation that fits its target is like, written down apart from the code that fits it."""

import re
from collections.abc import Iterator
from itertools import pairwise

from ccproxy_tui.protocols.hub import (
    Audio,
    Block,
    Document,
    Image,
    Opaque,
    RedactedThinking,
    Text,
    Thinking,
    ToolResult,
    ToolUse,
    Turn,
)
from ccproxy_tui.protocols.profiles import Profile


def user(*content: Block | str) -> Turn:
    return Turn("user", [Text(one) if isinstance(one, str) else one for one in content])


def model(*content: Block | str) -> Turn:
    return Turn("assistant", [Text(one) if isinstance(one, str) else one for one in content])


def system(*content: Block | str) -> Turn:
    return Turn("system", [Text(one) if isinstance(one, str) else one for one in content])


def call(id_: str) -> ToolUse:
    return ToolUse(id_, "A", {})


def result(id_: str, *content: Block | str) -> ToolResult:
    return ToolResult(id_, [Text(one) if isinstance(one, str) else one for one in content])


def ids_of(turns: list[Turn]) -> list[str]:
    return [block.id for turn in turns for block in turn.content if isinstance(block, ToolUse)]


def texts_of(turns: list[Turn]) -> Iterator[Text | Document]:
    """All texts and documents, those of results included."""
    for turn in turns:
        for block in turn.content:
            inside = block.content if isinstance(block, ToolResult) else [block]
            yield from (one for one in inside if isinstance(one, Text | Document))


def assert_order(turns: list[Turn], profile: Profile) -> None:
    roles = [turn.role for turn in turns]
    assert all(one != other for one, other in pairwise(roles)), "two turns of the same role"
    assert profile.system_in_turns or "system" not in roles
    if profile.user_first and turns:
        assert roles[0] == "user"
    for turn in turns:
        kinds = [isinstance(block, ToolResult) for block in turn.content]
        assert kinds == sorted(kinds, reverse=True), "a result does not stand first"


def assert_calls_answered(turns: list[Turn]) -> None:
    """Each turn's calls are answered by the next one, each once; nothing else is."""
    open_calls: list[str] = []
    ids = ids_of(turns)
    assert len(set(ids)) == len(ids), "two calls have the same id"
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,40}", id_) for id_ in ids)
    for turn in turns:
        results = [block.tool_use_id for block in turn.content if isinstance(block, ToolResult)]
        assert sorted(results) == sorted(open_calls)
        calls = [block for block in turn.content if isinstance(block, ToolUse)]
        assert all(isinstance(block.input, dict) for block in calls)
        open_calls = [block.id for block in calls]
        assert not open_calls or turn.role == "assistant"
    assert not open_calls


def assert_nothing_blank(turns: list[Turn]) -> None:
    for turn in turns:
        assert turn.content
        assert any(not isinstance(b, Thinking | RedactedThinking) for b in turn.content)
    for block in texts_of(turns):
        whole = isinstance(block, Document) and (block.data or block.url)
        assert whole or block.text.strip()


def assert_kinds(turns: list[Turn], profile: Profile) -> None:
    allowed: dict[str, tuple[type, ...]] = {
        "system": (Text,),
        "user": (Text, ToolResult, Image, Audio, Document, Opaque),
        "assistant": (Text, ToolUse, Thinking, RedactedThinking, Opaque),
    }
    for turn in turns:
        assert all(isinstance(block, allowed[turn.role]) for block in turn.content)
        for block in turn.content:
            assert_taken(block, profile)
            for one in block.content if isinstance(block, ToolResult) else []:
                assert isinstance(one, Text) or profile.tool_images
                assert isinstance(one, Text | Image | Audio | Document | Opaque)
                assert_taken(one, profile)


def assert_taken(block: Block, profile: Profile) -> None:
    match block:
        case ToolUse() | ToolResult():
            assert profile.tools
        case Image():
            assert profile.images
        case Audio():
            assert profile.audio
        case Document():
            assert profile.documents
        case Thinking(text, signature, maker):
            assert text or signature
            assert not signature or maker == profile.protocol
        case RedactedThinking(maker=maker) | Opaque(maker=maker):
            assert maker
            assert maker == profile.protocol


def assert_nothing_lost(before: list[Turn], after: list[Turn]) -> None:
    """All texts are there still, in their order within a turn's results and its other blocks."""
    left = "\0".join(block.text for block in texts_of(after))
    for turn in before:
        for block in texts_of([turn]):
            text = block.text.strip()
            note = turn.role == "system" and text.startswith("x-anthropic-billing-header")
            whole = isinstance(block, Document) and (block.data or block.url)
            if text and not note and not whole:
                assert text in left
