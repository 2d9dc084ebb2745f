"""The questions that each protocol module answers; `registry` lists the modules."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final, Literal, Protocol

from ccproxy_tui.protocols.hub import Conversation, Embedding, Event, JsonObject, Usage, Vectors
from ccproxy_tui.protocols.profiles import Profile
from ccproxy_tui.protocols.tool_names import ToolNames

Framing = Literal["sse", "ndjson"]
"""How a protocol's streams are cut into events: as server-sent events, or a line of JSON each."""


class Operation(Enum):
    """What a route does."""

    GENERATE = "generate"
    COMPLETE = "complete"
    """Generate from a bare prompt; converted, it is the same as `GENERATE`."""
    COUNT_TOKENS = "count tokens"
    EMBED = "embed"
    LIST_MODELS = "list models"
    DESCRIBE_MODEL = "describe model"
    LIST_RUNNING = "list running models"
    TELL_VERSION = "tell version"
    OPEN_SOCKET = "open socket"
    """A WebSocket, which is refused so that clients fall back to HTTP."""
    SAY_HELLO = "say hello"


@dataclass(frozen=True, slots=True)
class Route:
    """One of a protocol's client routes, without the group's prefix.

    A parameter such as `{model}` stands for one or more characters, slashes included.
    """

    method: str
    path: str
    operation: Operation


@dataclass(frozen=True, slots=True)
class Address:
    """What a client's request says outside of its body."""

    route: Route
    parameters: Mapping[str, str] = field(default_factory=dict)
    """The parameters of the route's path, decoded."""
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names are found in any case."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a client wants, read before its body is changed and let go."""

    operation: Operation = Operation.GENERATE
    model: str = ""
    stream: bool = False
    session: str = ""
    """The session that the call belongs to; empty if the client does not say."""
    opening: Any = field(default=None, compare=False)
    """What the user said first, by which a session can be told that has no name."""
    form: Any = None
    """What the protocol itself has to remember so as to write the reply."""
    idle: bool = False
    """There is nothing to answer: the client only wants the model to be ready."""


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What is known of a model that a client may ask for."""

    id: str
    owner: str = "ccproxy"
    """The provider of its first target."""
    images: bool = True
    thinking: bool = False
    context_window: int | None = None
    """Tokens."""
    max_output_tokens: int | None = None


class BadRequestError(Exception):
    """A client's request cannot be understood; `field` says where, as in `messages[2].role`."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field


@dataclass(frozen=True, slots=True)
class Failure:
    """An error, whoever's: of the proxy itself, or read from an upstream."""

    status: int
    message: str
    kind: str = ""
    """The vendor's own word for it, when it gave one, or one of the kinds of `failures`."""
    retry: bool | None = None
    """False tells the client not to try again."""
    request_id: str = ""
    """The upstream's name for the request."""
    retry_after: float | None = None
    """Seconds; the upstream's own word on when to come back. None: it gave none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a group asks to be done to a request."""

    replacements: tuple[tuple[str, str], ...] = ()
    """What to look for in the client's system prompt, and what to put in its place: first of all,
    in this order, in each block by itself, so that whatever a block carries stays."""
    inject: str = ""
    """Text to add; empty for none."""
    position: Literal["system", "user"] = "system"
    """Where `inject` goes: into the system prompt, or to the front of the last user message, after
    its tool results."""
    replace: bool = False
    """Whether `inject` takes the system prompt's place; at the other position that one stays."""
    inject_always: bool = False
    """Whether calls without tools are changed as well."""
    tool_filter: tuple[str, ...] = ()
    """Tools to take away, by name or wildcard (* and ?)."""
    temperature_ratio: float = 1.0


MOST_TOOLS: Final = 200
"""How many tools that a reply calls are told apart."""


@dataclass(slots=True)
class TapState:
    """What a tap has seen so far of a reply that passes by."""

    usage: Usage = field(default_factory=Usage)
    stop_reason: str = ""
    started: bool = False
    """Whether the first event of the protocol has come."""
    finished: bool = False
    """Whether the protocol's own last event has come."""
    error: str = ""
    """Text of an error event."""
    tools: list[str] = field(default_factory=list)
    """Names of the client's tools that are called, each once, in their order; not endlessly many."""

    def calls(self, name: Any) -> None:
        """Note that a tool is called."""
        fits = len(self.tools) < MOST_TOOLS and name and isinstance(name, str)
        if fits and name not in self.tools:
            self.tools.append(name)


class Tap(Protocol):
    """Passes a stream on in whole frames, and reads usage and the end from it."""

    state: TapState
    content_type: str
    characters: int
    """About how many the model has written so far."""
    begun: bool
    """Whether an event has come that does more than announce a reply, and that is no error."""

    def feed(self, data: bytes) -> bytes:
        """Take more bytes of the stream, cut anywhere, and give those that may go on to the client.

        A frame that is not complete is held back, so that an error can still follow, unless it
        is very long. Raises `FrameTooLongError`.
        """

    def end(self) -> bytes:
        """Say that the upstream has closed, and give what was held back if it is a whole frame."""

    def ping(self) -> bytes:
        """Give what keeps a silent stream alive; empty where the protocol has no such thing."""

    def frame_end(self) -> bytes:
        """Give what ends a frame of which the client has a part, so that another one can follow."""

    def broken(self, failure: Failure) -> bytes:
        """Give the bytes that end a broken stream, so that no client takes it for complete."""


class Decoder(Protocol):
    """Turns an upstream's stream into valid hub events."""

    def feed(self, data: bytes) -> list[Event]:
        """Take more bytes, cut anywhere, and give the events that they complete."""

    def end(self) -> list[Event]:
        """Say that the upstream has closed; gives a `ReplyError` unless it had finished."""


class Encoder(Protocol):
    """Turns hub events into the client's stream."""

    content_type: str

    def encode(self, events: Iterable[Event]) -> bytes:
        """Give the bytes for these events, to be written at once.

        After a `ReplyError` no client must take the stream for complete.
        """

    def ping(self) -> bytes:
        """Give what keeps a silent stream alive; empty where the protocol has no such thing."""


class ProtocolModule(Protocol):
    """One protocol, as spoken by clients and by upstreams."""

    name: str
    routes: tuple[Route, ...]
    framing: Framing
    headers: Mapping[str, str]
    """What every request upstream must have, unless the client says otherwise."""

    # as a client speaks it
    def claims(self, address: Address) -> bool:
        """Whether a request is this protocol's, on a path that other protocols have as well."""

    def check_request(self, body: Any, operation: Operation = Operation.GENERATE) -> JsonObject:
        """Check the few fields that the proxy itself needs, the same for both lanes.

        Raises `BadRequestError` naming the field.
        """

    def read_asked(self, body: JsonObject, address: Address) -> Asked:
        """Read from a checked request what the client wants."""

    def apply_rules(self, body: JsonObject, rules: Rules) -> list[str]:
        """Change `body` (shallowly, in place) as the group asks; say what was changed."""

    def read_request(self, body: JsonObject) -> Conversation:
        """Read a checked request; raises `BadRequestError`.

        `model` and `stream` are left to the caller, who knows them from `read_asked`.
        """

    def write_reply(
        self, events: Iterable[Event], asked: Asked, input_estimate: int = 0
    ) -> JsonObject:
        """Write a whole reply; raises `ReplyBrokeError` unless a `ReplyStop` comes."""

    def encoder(self, asked: Asked, input_estimate: int = 0) -> Encoder:
        """Make a writer of a stream; `input_estimate` (tokens) stands until usage is known."""

    def write_failure(self, failure: Failure) -> tuple[int, JsonObject]:
        """Give status and body of an error reply."""

    def write_token_count(self, count: int) -> JsonObject:
        """Write the reply to a count."""

    def describe(self, address: Address, models: Sequence[ModelCard]) -> JsonObject:
        """Answer a question about the proxy itself: its models, one of them, its version.

        For one model there is one card.
        """

    # as an upstream speaks it
    def url(self, base_url: str, model: str, operation: Operation, *, stream: bool) -> str | None:
        """Give the address of an operation, None where the protocol has none."""

    def credentials(self, api_key: str) -> dict[str, str]:
        """Give the headers that show an API key."""

    def retarget(self, body: JsonObject, model: str) -> None:
        """Turn a client's request into one for `model` at an upstream of the same protocol.

        Takes out what only the proxy or another vendor understands, such as foreign signatures.
        """

    def write_request(
        self, conversation: Conversation, profile: Profile
    ) -> tuple[JsonObject, ToolNames]:
        """Write a request; what cannot be said is noted on the conversation.

        The names have to be given to whatever reads the reply.
        """

    def decoder(self, names: ToolNames | None = None) -> Decoder:
        """Make a reader of a stream; `names` came with the request."""

    def read_reply(self, body: JsonObject, names: ToolNames | None = None) -> list[Event]:
        """Read a whole reply; ends with a `ReplyStop`, or is a single `ReplyError`."""

    def tap(self, asked: Asked) -> Tap:
        """Make a reader of a stream that is relayed as it is."""

    def tap_reply(self, body: JsonObject) -> TapState:
        """Read usage and the end from a whole reply that is relayed as it is."""

    def read_failure(self, status: int, body: bytes, headers: Mapping[str, str]) -> Failure:
        """Read an upstream's error reply; a context overflow gets kind `context_overflow`."""

    def read_models(self, body: JsonObject) -> list[str]:
        """Read the ids of a model list."""

    def read_token_count(self, body: JsonObject) -> int | None:
        """Read the reply to a count; None when it holds none."""


class EmbeddingModule(Protocol):
    """The embeddings of a protocol that has them."""

    def read_embedding(self, body: JsonObject) -> Embedding:
        """Read a checked request; raises `BadRequestError`."""

    def write_vectors(self, vectors: Vectors, asked: Asked) -> JsonObject:
        """Write the reply to a client."""

    def write_embedding(self, embedding: Embedding) -> JsonObject:
        """Write a request to an upstream; what cannot be said is noted on the embedding."""

    def read_vectors(self, body: JsonObject) -> Vectors:
        """Read an upstream's reply; raises `ValueError` when it is none."""
