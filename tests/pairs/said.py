"""A conversation as the tests have it, whichever SDK carries it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00\x90wS\xde"
    b"\x00\x00\x00\x0cIDATx\x9cc\xf8\xcf\xc0\x00\x00\x03\x01\x01\x00\xc9\xfe\x92\xef\x00\x00\x00\x00"
    b"IEND\xaeB`\x82"
)
"""One red pixel."""


class SdkError(Exception):
    """The SDK has raised; `status` is what it took from the reply, 0 in the middle of a stream."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Prompt:
    text: str
    images: Sequence[bytes] = ()


@dataclass(frozen=True)
class Call:
    name: str
    arguments: dict[str, Any]
    id: str = ""


@dataclass
class Answer:
    text: str = ""
    thinking: str = ""
    calls: list[Call] = field(default_factory=list)
    stop: str = ""
    """`end`, `tools` or `length`."""
    input_tokens: int = 0
    """The cached ones included."""
    cached_tokens: int = 0
    output_tokens: int = 0
    history: Any = None
    """What the SDK says is to be sent back."""


@dataclass(frozen=True)
class Result:
    call: Call
    text: str
    images: Sequence[bytes] = ()


@dataclass(frozen=True)
class Results:
    results: Sequence[Result]


Said = Prompt | Answer | Results

TOOLS: tuple[str, ...] = ("get_weather", "read_file")
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "path": {"type": "string"}},
    "required": [],
}


class SdkClient(Protocol):
    """An official SDK, pointed at one group of the proxy."""

    async def ask(
        self, history: Sequence[Said], *, stream: bool, tools: bool = False, thinking: bool = False
    ) -> Answer:
        """Send the conversation and give the answer; raises `SdkError`."""

    async def close(self) -> None:
        """Close its connections."""
