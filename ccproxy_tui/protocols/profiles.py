"""What single models take and refuse, as data: `profiles.toml`, the first entry that fits."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Literal
from urllib.parse import urlsplit

from ccproxy_tui.protocols.hub import JsonObject
from ccproxy_tui.wildcards import compile_pattern

ToolMode = Literal["auto", "any", "none", "tool"]


@dataclass(frozen=True, slots=True)
class Profile:
    """How a request has to be written for one model; the defaults fit most."""

    protocol: str = ""
    """The upstream's."""
    reasoning_replay: Literal["none", "reasoning_content", "reasoning", "thinking"] = "none"
    """Field of a past assistant message that its reasoning goes back in."""
    system_in_turns: bool = False
    """Whether a system message may stand in the middle of a conversation."""
    user_first: bool = False
    """Whether the conversation has to begin with the user."""
    max_tokens_field: str = "max_tokens"
    max_output_tokens: int | None = None
    """More is never asked for; None: not known."""
    context_window: int | None = None
    """Tokens of prompt and answer together; None: not known."""
    images: bool = True
    tool_images: bool = False
    """Whether a tool's result may hold images and documents."""
    documents: bool = False
    """Whether files can be sent as they are."""
    audio: bool = False
    sampling: bool = True
    """Whether temperature and top_p may be sent."""
    tools: bool = True
    """Whether the model can call functions; calls of the past are said as text where it cannot."""
    tool_choice: tuple[ToolMode, ...] = ("auto", "any", "none", "tool")
    """The modes that may be asked for; another one becomes `auto`."""
    efforts: tuple[str, ...] = ()
    """Levels of thinking that can be asked for by name, from low to high; empty: none."""
    budgets: tuple[int, int] | None = None
    """Least and most tokens of thinking that can be asked for; None: not by number."""
    thinking: bool = False
    """Whether the model is known to think."""
    thinking_on: JsonObject = field(default_factory=dict)
    """Fields of the request that switch reasoning on, when the client asks for it."""
    thinking_off: JsonObject = field(default_factory=dict)
    """Fields of the request that switch reasoning off."""
    call_signatures: bool = False
    """Whether each tool call has to carry a signature, or the vendor's stand-in for a lost one."""
    output_schema: Literal["schema", "object", "none"] = "schema"
    """How a JSON schema for the reply is said: itself, as any JSON object, or in words only."""
    shared: tuple[str, ...] = ()
    """Which of `hub.SHARED` may be sent; servers that do not know one refuse the request."""
    cuts_prompts: bool = False
    """Whether a prompt beyond `context_window` is cut in silence instead of refused."""
    rewrite: bool = False
    """Whether replies are written anew even for clients of the same protocol, as the server's own
    lack what SDKs insist on."""
    fields: JsonObject = field(default_factory=dict)
    """More fields for each converted request, at any depth; what is there already stays."""
    drop: tuple[str, ...] = ()
    """Fields that are never sent; a dot leads into an object, as in `generationConfig.topK`."""


Overrides = tuple[Mapping[str, Any], ...]
"""Entries like those of `profiles.toml`, which come before them."""


def find_profile(protocol: str, base_url: str, model: str, overrides: Overrides = ()) -> Profile:
    """Give the profile of a provider's model."""
    facts = {
        "protocol": protocol,
        "host": urlsplit(base_url).hostname or "",
        "model": model.lower(),
    }
    if not overrides:
        return _shipped(protocol, facts["host"], facts["model"])
    return _first_fit((*overrides, *_entries()), facts)


@cache
def _shipped(protocol: str, host: str, model: str) -> Profile:
    return _first_fit(_entries(), {"protocol": protocol, "host": host, "model": model})


def _first_fit(entries: Overrides, facts: Mapping[str, str]) -> Profile:
    values: dict[str, Any] = {}
    for entry in entries:
        if all(_fits(entry.get(name), fact) for name, fact in facts.items()):
            for name, value in entry.items():
                if name not in facts:
                    values.setdefault(name, tuple(value) if isinstance(value, list) else value)
    return Profile(protocol=facts["protocol"], **values)


@cache
def _entries() -> tuple[dict[str, Any], ...]:
    source = resources.files("ccproxy_tui.protocols").joinpath("profiles.toml")
    return tuple(tomllib.loads(source.read_text("utf-8"))["profile"])


def _fits(patterns: str | list[str] | None, fact: str) -> bool:
    if patterns is None:
        return True
    if isinstance(patterns, str):
        patterns = [patterns]
    return any(compile_pattern(pattern.lower()).fullmatch(fact) for pattern in patterns)


def merge_fields(body: JsonObject, profile: Profile) -> None:
    """Add the profile's own fields to a request; what is there already stays."""
    _merge(body, profile.fields)


def drop_fields(body: JsonObject, profile: Profile) -> list[str]:
    """Take the fields of `profile.drop` out of a request, in place; note those that were there.

    Objects inside are not changed but replaced, and left out when nothing remains in them. Names
    are the same in `snake_case` and `camelCase`, as some vendors take either.
    """
    dropped = [name for name in profile.drop if _drop(body, name.split("."))]
    return [f"left out, as the target refuses the fields: {', '.join(dropped)}"] if dropped else []


def _drop(body: JsonObject, path: list[str]) -> bool:
    wanted = plain_name(path[0])
    found = False
    for name in [name for name in body if plain_name(name) == wanted]:
        value = body[name]
        if len(path) == 1:
            del body[name]
            found = True
        elif isinstance(value, dict) and _drop(rest := dict(value), path[1:]):
            found = True
            if rest:
                body[name] = rest
            else:
                del body[name]
    return found


def plain_name(name: str) -> str:
    """Give a field's name, or a path of them, as it is compared: `topK` and `top_k` are the same."""
    return name.replace("_", "").lower()


def _merge(into: JsonObject, fields: Mapping[str, Any]) -> None:
    for name, value in fields.items():
        present = into.setdefault(name, value)
        if isinstance(present, dict) and isinstance(value, dict) and present is not value:
            merged = dict(present)
            _merge(merged, value)
            into[name] = merged
