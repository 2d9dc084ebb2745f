"""What single models take and refuse, as data: `profiles.toml`, the first entry that fits."""

import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Literal
from urllib.parse import urlsplit

from ccproxy_tui.protocols.hub import JsonObject
from ccproxy_tui.wildcards import compile_pattern


@dataclass(frozen=True, slots=True)
class Profile:
    """How a request has to be written for one model; the defaults fit most."""

    reasoning_replay: Literal["none", "reasoning_content", "reasoning"] = "none"
    """Field of a past assistant message that its reasoning goes back in."""
    system_in_turns: bool = False
    """Whether a system message may stand in the middle of a conversation."""
    max_tokens_field: str = "max_tokens"
    max_output_tokens: int | None = None
    """More is never asked for; None: not known."""
    images: bool = True
    documents: bool = False
    """Whether files can be sent as they are."""
    sampling: bool = True
    """Whether temperature and top_p may be sent."""
    efforts: tuple[str, ...] = ()
    """Levels of `reasoning_effort`, from low to high; empty: it is not sent."""
    thinking_on: JsonObject = field(default_factory=dict)
    """Fields of the request that switch reasoning on, when the client asks for it."""
    thinking_off: JsonObject = field(default_factory=dict)
    """Fields of the request that switch reasoning off."""
    output_schema: Literal["schema", "object", "none"] = "schema"
    """How a JSON schema for the reply is said: itself, as any JSON object, or in words only."""


@cache
def find_profile(protocol: str, base_url: str, model: str) -> Profile:
    """Give the profile of a provider's model."""
    facts = {
        "protocol": protocol,
        "host": urlsplit(base_url).hostname or "",
        "model": model.lower(),
    }
    values: dict[str, Any] = {}
    for entry in _entries():
        if all(_fits(entry.get(name), fact) for name, fact in facts.items()):
            for name, value in entry.items():
                if name not in facts:
                    values.setdefault(name, tuple(value) if isinstance(value, list) else value)
    return Profile(**values)


@cache
def _entries() -> tuple[dict[str, Any], ...]:
    source = resources.files("ccproxy_tui.protocols").joinpath("profiles.toml")
    return tuple(tomllib.loads(source.read_text("utf-8"))["profile"])


def _fits(patterns: str | list[str] | None, fact: str) -> bool:
    if patterns is None:
        return True
    if isinstance(patterns, str):
        patterns = [patterns]
    return any(compile_pattern(pattern).fullmatch(fact) for pattern in patterns)
