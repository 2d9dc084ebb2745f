"""The prompts that are shipped, beside those that the user keeps."""

import tomllib
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict

from ccproxy_tui.config.models import Prompt


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    prompts: tuple[Prompt, ...]


@cache
def shipped() -> tuple[Prompt, ...]:
    """Return the prompts, in the order in which they are offered."""
    text = files("ccproxy_tui.config").joinpath("prompt_library.toml").read_text(encoding="utf-8")
    return _File.model_validate(tomllib.loads(text)).prompts
