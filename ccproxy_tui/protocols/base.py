"""The questions that each protocol module answers; `registry` lists the modules."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol

from ccproxy_tui.protocols.hub import Conversation, Event, JsonObject, Usage
from ccproxy_tui.protocols.profiles import Profile
from ccproxy_tui.protocols.tool_names import ToolNames


class Operation(Enum):
    """What a route does."""

    GENERATE = "generate"
    COUNT_TOKENS = "count tokens"
    LIST_MODELS = "list models"
    SAY_HELLO = "say hello"


@dataclass(frozen=True, slots=True)
class Route:
    """One of a protocol's client routes, without the group's prefix."""

    method: str
    path: str
    operation: Operation


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


@dataclass(frozen=True, slots=True)
class Rules:
    """What a group asks to be done to a request."""

    inject: str = ""
    """Text to add to the system prompt; empty for none."""
    replace: bool = False
    """Whether `inject` takes the system prompt's place."""
    inject_always: bool = False
    """Whether calls without tools are changed as well."""
    tool_filter: tuple[str, ...] = ()
    """Tools to take away, by name or wildcard (* and ?)."""
    temperature_ratio: float = 1.0


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


class Tap(Protocol):
    """Reads usage and the end from a stream that is relayed as it is."""

    state: TapState

    def feed(self, data: bytes) -> None:
        """Look at more bytes of the stream, cut anywhere."""


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
        """Give the bytes for these events, to be written at once."""

    def ping(self) -> bytes:
        """Give what keeps a silent stream alive; empty where the protocol has no such thing."""


class ProtocolModule(Protocol):
    """One protocol, as spoken by clients and by upstreams."""

    name: str
    routes: tuple[Route, ...]
    headers: Mapping[str, str]
    """What every request upstream must have, unless the client says otherwise."""

    # as a client speaks it
    def check_request(self, body: Any, operation: Operation = Operation.GENERATE) -> JsonObject:
        """Check the few fields that the proxy itself needs, the same for both lanes.

        Raises `BadRequestError` naming the field.
        """

    def requested_model(self, body: JsonObject) -> str:
        """Give the model that the client asks for."""

    def wants_stream(self, body: JsonObject) -> bool:
        """Whether the reply shall be streamed."""

    def session(self, body: JsonObject, headers: Mapping[str, str]) -> str:
        """Name the session that the call belongs to, empty if it does not say."""

    def apply_rules(self, body: JsonObject, rules: Rules) -> list[str]:
        """Change `body` (shallowly, in place) as the group asks; say what was changed."""

    def read_request(self, body: JsonObject) -> Conversation:
        """Read a client's request; raises `BadRequestError`."""

    def write_reply(
        self, events: Iterable[Event], model: str, input_estimate: int = 0
    ) -> JsonObject:
        """Write a whole reply, as `model`; raises `ReplyBrokeError` unless a `ReplyStop` comes."""

    def encoder(
        self, model: str, input_estimate: int, request: JsonObject | None = None
    ) -> Encoder:
        """Make a writer of a stream; `input_estimate` (tokens) stands until usage is known.

        Some clients say in their request what the stream shall hold.
        """

    def write_failure(self, failure: Failure) -> tuple[int, JsonObject]:
        """Give status and body of an error reply."""

    def write_failure_event(self, failure: Failure) -> bytes:
        """Give the bytes that end a broken stream, so that no client takes it for complete."""

    def write_models(self, models: Iterable[str], *, discovery: bool) -> JsonObject:
        """List the models that a client may ask for."""

    # as an upstream speaks it
    def url(self, base_url: str, model: str, operation: Operation, *, stream: bool) -> str | None:
        """Give the address of an operation, None where the protocol has none."""

    def credentials(self, api_key: str) -> dict[str, str]:
        """Give the headers that show an API key."""

    def retarget(self, body: JsonObject, model: str) -> None:
        """Put the target's model into a request of this protocol."""

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

    def tap(self) -> Tap:
        """Make a reader of a stream that is relayed as it is."""

    def tap_reply(self, body: JsonObject) -> TapState:
        """Read usage and the end from a whole reply that is relayed as it is."""

    def read_failure(self, status: int, body: bytes, headers: Mapping[str, str]) -> Failure:
        """Read an upstream's error reply; a context overflow gets kind `context_overflow`."""

    def read_models(self, body: JsonObject) -> list[str]:
        """Read the ids of a model list."""

    def read_token_count(self, body: JsonObject) -> int | None:
        """Read the reply to a count; None when it holds none."""
