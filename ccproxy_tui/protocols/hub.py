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
    detail: str = ""
    """low, high, … where a protocol knows such a thing."""


@dataclass(slots=True)
class Audio:
    """Sound, as base64 data."""

    media_type: str
    data: str


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
    """The model's reasoning.

    The signature proves it to the protocol (`maker`) whose vendor made it, and means nothing to
    the others. One that stands right before a `ToolUse` may be that call's own.
    """

    text: str
    signature: str = ""
    maker: str = ""


@dataclass(slots=True)
class RedactedThinking:
    """Reasoning that only its vendor can read."""

    data: str
    maker: str = "claude"


@dataclass(slots=True)
class Opaque:
    """A block of one protocol that no other has (server tools, search results, …)."""

    raw: JsonObject
    maker: str = ""
    """The protocol."""

    @property
    def type(self) -> str:
        """Its type, for a note; some protocols name it by the only key."""
        return str(self.raw.get("type") or next(iter(self.raw), "unknown"))


Block = (
    Text | Image | Audio | Document | ToolUse | ToolResult | Thinking | RedactedThinking | Opaque
)

# --- conversation -------------------------------------------------------------------------------


@dataclass(slots=True)
class Turn:
    """One message; `system` in the middle of a conversation is allowed."""

    role: Role
    content: list[Block]


@dataclass(slots=True)
class Tool:
    """A tool that the client offers; a server tool (the vendor's own) has its `raw` form only.

    A tool that takes free text is one with a single string, `input`.
    """

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
    seed: int | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    stream: bool = False
    reasoning: Reasoning | None = None
    output_schema: JsonObject | None = None
    """JSON schema that the reply's text must follow; `{"type": "object"}` means any object."""
    output_name: str = ""
    """Name of that schema."""
    output_strict: bool | None = None
    input_estimate: int = 0
    """About how many tokens the prompt has; 0 when nobody has guessed."""
    user: str = ""
    shared: JsonObject = field(default_factory=dict)
    """Fields that some protocols have under one name and with one meaning (`SHARED`)."""
    notes: list[str] = field(default_factory=list)
    """What could not be said on the way, in words for the call's record."""


SHARED = frozenset(
    {
        "metadata",
        "prompt_cache_key",
        "prompt_cache_retention",
        "safety_identifier",
        "service_tier",
        "store",
        "verbosity",
    }
)
"""Names that may stand in `Conversation.shared`; chat completions and Responses have them."""


@dataclass(slots=True)
class Embedding:
    """A request to embed texts (or rows of token ids), whoever's protocol it came in."""

    model: str
    inputs: list[str | list[int]]
    dimensions: int | None = None
    task: str = ""
    """Gemini's `taskType`."""
    title: str = ""
    user: str = ""
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Vectors:
    """The reply to an `Embedding`: a row of floats for each input, in their order."""

    rows: list[list[float]]
    input_tokens: int | None = None


# --- events of a reply --------------------------------------------------------------------------


@dataclass(slots=True)
class Usage:
    """Tokens; `input` leaves out the cached ones. None: the upstream did not say."""

    input: int | None = None
    cache_read: int | None = None
    cache_write: int | None = None
    output: int | None = None
    """All that the model wrote, its reasoning included."""
    reasoning: int | None = None
    """The part of `output` that was reasoning."""


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
    maker: str = ""
    """The protocol that those, and signatures, belong to."""


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
    maker: str = ""


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
    cut: bool = field(default=False, compare=False)
    """Whether nobody said so: the stream just ended, or fell silent."""


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
