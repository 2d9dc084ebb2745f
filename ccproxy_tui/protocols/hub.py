"""What all protocols are converted through: a conversation, and the events of a reply.

Block-shaped like Anthropic's content blocks, the richest of the protocols. Types only; what makes
a row of events valid is in `stream`.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

JsonObject = dict[str, Any]

Role = Literal["user", "assistant", "system"]
StopReason = Literal[
    "end_turn", "tool_use", "max_tokens", "stop_sequence", "refusal", "pause_turn", "overflow"
]

# --- blocks -------------------------------------------------------------------------------------


@dataclass(slots=True)
class Text:
    """Plain text."""

    text: str
    cache_control: JsonObject | None = None


@dataclass(slots=True)
class Image:
    """An image, by its data (base64) or its address."""

    media_type: str = ""
    data: str = ""
    url: str = ""


@dataclass(slots=True)
class Document:
    """A document such as a PDF: base64 data, an address, or its text."""

    media_type: str = ""
    data: str = ""
    url: str = ""
    text: str = ""
    title: str = ""


@dataclass(slots=True)
class ToolUse:
    """A call of a tool by the model."""

    id: str
    name: str
    input: Any
    """Usually an object; kept as text when the model's JSON was broken."""


@dataclass(slots=True)
class ToolResult:
    """What a tool gave back."""

    tool_use_id: str
    content: list["Block"] = field(default_factory=list)
    is_error: bool = False


@dataclass(slots=True)
class Thinking:
    """The model's reasoning; the signature belongs to the vendor that made it."""

    text: str
    signature: str = ""


@dataclass(slots=True)
class RedactedThinking:
    """Reasoning that only its vendor can read."""

    data: str


@dataclass(slots=True)
class Opaque:
    """A block of one protocol that no other has (server tools, search results, …)."""

    raw: JsonObject

    @property
    def type(self) -> str:
        """Its type, for a note."""
        return str(self.raw.get("type", "unknown"))


Block = Text | Image | Document | ToolUse | ToolResult | Thinking | RedactedThinking | Opaque

# --- conversation -------------------------------------------------------------------------------


@dataclass(slots=True)
class Turn:
    """One message; `system` in the middle of a conversation is allowed."""

    role: Role
    content: list[Block]


@dataclass(slots=True)
class Tool:
    """A tool that the client offers; a server tool (the vendor's own) has its `raw` form only."""

    name: str
    description: str = ""
    schema: JsonObject = field(default_factory=dict)
    strict: bool | None = None
    raw: JsonObject | None = None


@dataclass(slots=True)
class ToolChoice:
    """How freely the model may use tools."""

    mode: Literal["auto", "any", "none", "tool"] = "auto"
    name: str = ""
    parallel: bool = True


@dataclass(slots=True)
class Reasoning:
    """How much the model shall think."""

    mode: Literal["off", "on", "adaptive"] = "adaptive"
    budget: int | None = None
    """Tokens."""
    effort: str = ""
    """low, medium, high, … as the client said it."""


@dataclass(slots=True)
class Conversation:
    """A request, whoever's protocol it came in."""

    model: str
    system: list[Text] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)
    tools: list[Tool] = field(default_factory=list)
    tool_choice: ToolChoice | None = None
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    stop: list[str] = field(default_factory=list)
    stream: bool = False
    reasoning: Reasoning | None = None
    output_schema: JsonObject | None = None
    """JSON schema that the reply's text must follow."""
    user: str = ""
    notes: list[str] = field(default_factory=list)
    """What could not be said on the way, in words for the call's record."""


# --- events of a reply --------------------------------------------------------------------------


@dataclass(slots=True)
class Usage:
    """Tokens; `input` leaves out the cached ones. None: the upstream did not say."""

    input: int | None = None
    cache_read: int | None = None
    cache_write: int | None = None
    output: int | None = None


BlockKind = Literal["text", "thinking", "tool_use", "redacted_thinking", "opaque"]


@dataclass(slots=True)
class ReplyStart:
    """The reply begins."""

    id: str = ""
    model: str = ""
    usage: Usage = field(default_factory=Usage)


@dataclass(slots=True)
class BlockStart:
    """A block opens; indexes are dense and one block is open at a time."""

    index: int
    kind: BlockKind
    id: str = ""
    name: str = ""
    raw: JsonObject | None = None
    """The whole block, for redacted thinking and opaque ones."""


@dataclass(slots=True)
class TextDelta:
    """More text."""

    index: int
    text: str


@dataclass(slots=True)
class ThinkingDelta:
    """More reasoning."""

    index: int
    text: str


@dataclass(slots=True)
class SignatureDelta:
    """The signature of a thinking block."""

    index: int
    signature: str


@dataclass(slots=True)
class ArgumentsDelta:
    """More of a tool call's JSON."""

    index: int
    json: str


@dataclass(slots=True)
class BlockStop:
    """The open block closes."""

    index: int


@dataclass(slots=True)
class ReplyStop:
    """The reply is complete."""

    reason: StopReason
    usage: Usage
    stop_sequence: str | None = None


@dataclass(slots=True)
class ReplyError:
    """The reply broke; nothing follows."""

    status: int
    message: str
    kind: str = ""
    """The vendor's own word for it, when it gave one."""


Event = (
    ReplyStart
    | BlockStart
    | TextDelta
    | ThinkingDelta
    | SignatureDelta
    | ArgumentsDelta
    | BlockStop
    | ReplyStop
    | ReplyError
)


@dataclass(slots=True)
class Reply:
    """A whole reply, as read from or written to a call that does not stream."""

    id: str = ""
    model: str = ""
    content: list[Block] = field(default_factory=list)
    stop_reason: StopReason = "end_turn"
    stop_sequence: str | None = None
    usage: Usage = field(default_factory=Usage)
