"""Well-known vendors and local servers, as beginnings of a provider."""

import tomllib
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict

from ccproxy_tui.config.models import Protocol


class Preset(BaseModel):
    """What is known about a vendor."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    """What a provider made from it is called."""
    title: str
    protocol: Protocol
    base_url: str
    key_variable: str = ""
    """The environment variable in which its API key is usually kept; none where none is asked."""
    note: str = ""
    local: bool = False
    """Whether it is a server that one runs oneself."""


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    presets: tuple[Preset, ...]


@cache
def presets() -> tuple[Preset, ...]:
    """Return the presets, in the order in which they are offered."""
    text = files("ccproxy_tui.config").joinpath("presets.toml").read_text(encoding="utf-8")
    return _File.model_validate(tomllib.loads(text)).presets
