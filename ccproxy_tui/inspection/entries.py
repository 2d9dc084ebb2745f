"""What a conversation is shown as: entries that have a name, a text, and others inside."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from ccproxy_tui.traffic.call import plain_text

Kind = Literal[
    "system",
    "tools",
    "tool",
    "user",
    "assistant",
    "thinking",
    "call",
    "argument",
    "result",
    "aside",
    "media",
    "other",
    "end",
    "error",
    "problem",
    "heading",
    "earlier",
]
"""What an entry is: `aside` is what a client has wrapped into tags and put between a user's words,
`end` tells how a reply ended, `problem` why something cannot be shown."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A thing that was said, asked for or given."""

    key: Hashable
    """What it is known by among its siblings, however much the conversation grows."""
    kind: Kind
    label: str
    """Its role in words: `user`, `Bash`, `result of Bash`."""
    text: str = ""
    brief: str = ""
    """A few words on it, beside the label."""
    hint: str = ""
    """A few words on what is inside, while that is not seen."""
    parts: "Sequence[Entry] | Callable[[], Sequence[Entry]]" = ()
    """A function is called when they are looked at."""
    written: Callable[[], str] | None = None
    """What copying gives, where that is neither the text nor what the parts say."""
    failed: bool = False
    running: bool = False
    """Whether more of it may come, or should have come."""

    def inside(self) -> Sequence["Entry"]:
        """Return the entries inside."""
        return self.parts() if callable(self.parts) else self.parts

    def full(self) -> str:
        """Return all that it says."""
        if self.written is not None:
            return plain_text(self.written())
        return plain_text("\n".join(_told(self)))


def _told(entry: Entry) -> Iterator[str]:
    inside = entry.inside()
    if entry.text or not inside:
        yield entry.text or entry.brief or entry.label
    for part in inside:
        yield f"--- {part.label} ---"
        yield part.full()
