"""Quirks of a provider's models, as the user states them; they come before those that are shipped.

The fields are those of the shipped profiles; None stands for what is not said. As text they are
`[[profiles]]` tables of TOML.
"""

import re
import tomllib
from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal

import orjson
import tomlkit
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    ValidationError,
    model_serializer,
)

from ccproxy_tui.config.words import place, problems

ToolMode = Literal["auto", "any", "none", "tool"]

_TABLES = "profiles"
_HEADER = re.compile(rf"\s*\[\[\s*{_TABLES}\s*\]\]")
_TOML_PLACE = re.compile(r"(?P<what>.*) \(at (?:line (?P<line>\d+), .*|end of document)\)")
_LONGEST_SHOWN = 40
_MOST_TOKENS = 1_000_000_000


def _model(value: str) -> str:
    value = value.strip()
    if not value:
        raise ValueError("a model's name is needed, or a pattern with * and ?")
    return value


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _json(value: dict[str, Any]) -> dict[str, Any]:
    for name, inner in value.items():
        try:
            same = orjson.loads(orjson.dumps(inner)) == inner
        except orjson.JSONEncodeError:
            same = False
        if not same:
            raise ValueError(f'"{name}" holds something that JSON cannot')
    return value


def _rising(value: tuple[int, int]) -> tuple[int, int]:
    if value[0] > value[1]:
        raise ValueError("the least comes first, then the most")
    return value


_Tokens = Annotated[int, Field(ge=1, le=_MOST_TOKENS)]
_Budget = Annotated[int, Field(ge=0, le=_MOST_TOKENS)]
_Words = Annotated[tuple[str, ...], BeforeValidator(_as_tuple)]
_Modes = Annotated[tuple[ToolMode, ...], BeforeValidator(_as_tuple)]
_Range = Annotated[tuple[_Budget, _Budget], BeforeValidator(_as_tuple), AfterValidator(_rising)]
_Fields = Annotated[dict[str, Any], AfterValidator(_json)]


class ModelProfile(BaseModel):
    """What is said of the models whose name fits; of several that fit, the first counts."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, hide_input_in_errors=True, protected_namespaces=()
    )

    model: Annotated[str, AfterValidator(_model)] = "*"
    """A model's name, or a pattern with * (any run) and ? (one character); case does not count."""
    reasoning_replay: Literal["none", "reasoning_content", "reasoning", "thinking"] | None = None
    system_in_turns: bool | None = None
    user_first: bool | None = None
    max_tokens_field: Annotated[str, Field(min_length=1)] | None = None
    max_output_tokens: _Tokens | None = None
    context_window: _Tokens | None = None
    images: bool | None = None
    tool_images: bool | None = None
    documents: bool | None = None
    audio: bool | None = None
    sampling: bool | None = None
    tools: bool | None = None
    tool_choice: _Modes | None = None
    efforts: _Words | None = None
    budgets: _Range | None = None
    thinking: bool | None = None
    thinking_on: _Fields | None = None
    thinking_off: _Fields | None = None
    call_signatures: bool | None = None
    shared: _Words | None = None
    cuts_prompts: bool | None = None
    rewrite: bool | None = None
    output_schema: Literal["schema", "object", "none"] | None = None
    fields: _Fields | None = None
    drop: _Words | None = None

    @model_serializer(mode="wrap")
    def _said(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in write(self).items() if value is not None}

    @property
    def entry(self) -> dict[str, Any]:
        """Just what is said, lists for tuples: an entry as the shipped profiles have them."""
        return self.model_dump(mode="json")

    def __str__(self) -> str:
        said = self.entry
        model = said.pop("model")
        return " ".join([model, *(f"{name}={_shown(value)}" for name, value in said.items())])


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return f"{{{', '.join(value)}}}"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"


@cache
def profile_fields() -> str:
    """Return what can be said, as comments to choose from."""
    source = files("ccproxy_tui.config").joinpath("profile_fields.toml")
    return source.read_text(encoding="utf-8").strip()


def write_profiles(profiles: Iterable[ModelProfile]) -> str:
    """Write quirks as text; empty for none."""
    tables = profile_tables(profile.entry for profile in profiles)
    return tomlkit.dumps({_TABLES: tables}).strip() if len(tables) else ""


def profile_tables(entries: Iterable[dict[str, Any]]) -> Any:
    """Give quirks as tables of a TOML document."""
    tables = tomlkit.aot()
    for entry in entries:
        table = tomlkit.table()
        for name, value in entry.items():
            if isinstance(value, dict):
                inline = tomlkit.inline_table()
                inline.update(value)
                table.add(name, inline)
            else:
                table.add(name, value)
        tables.append(table)
    return tables


def read_profiles(text: str) -> tuple[ModelProfile, ...]:
    """Read quirks from text; raises `ValueError`, which names the line and the field."""
    try:
        file = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(_toml_problem(str(error), text)) from None
    entries = file.pop(_TABLES, [])
    if file:
        line = _line(text.splitlines(), 0, next(iter(file)))
        raise ValueError(f"line {line}: [[{_TABLES}]] has to come first")
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ValueError(f"line 1: entries begin with [[{_TABLES}]]")
    return tuple(_read(entry, number, text) for number, entry in enumerate(entries))


def _read(entry: dict[str, Any], number: int, text: str) -> ModelProfile:
    try:
        return ModelProfile.model_validate(entry)
    except ValidationError as error:
        where, what = next(problems(error))
    lines = text.splitlines()
    headers = [index for index, line in enumerate(lines) if _HEADER.match(line)]
    begin = headers[number] if number < len(headers) else 0
    name = str(where[0])
    if name not in ModelProfile.model_fields:
        what = f"there is no such field; {_instead(name)}"
    raise ValueError(f"line {_line(lines, begin, name)}: {place(where)[1:]}: {what}")


def _instead(name: str) -> str:
    close = get_close_matches(name, ModelProfile.model_fields, 1)
    return f"is it {close[0]}?" if close else f"there are {', '.join(ModelProfile.model_fields)}"


def _line(lines: list[str], begin: int, name: str) -> int:
    """Find the line, counted from 1, on which a field is set, at or after another one."""
    key = re.compile(rf"\s*(\[+\s*({_TABLES}\s*\.\s*)?)?[\"']?{re.escape(name)}[\"']?\s*[=.\]]")
    found = (index for index in range(begin, len(lines)) if key.match(lines[index]))
    return next(found, begin) + 1


def _toml_problem(message: str, text: str) -> str:
    found = _TOML_PLACE.fullmatch(message)
    if found is None:
        return f"not valid TOML: {message}"
    line = found["line"] or len(text.splitlines())
    what = found["what"]
    return f"line {line}: {what[:1].lower()}{what[1:]}"
