"""The configuration as a TOML file: read with all its errors, compared, and written.

A file says what shall be there: what it names is added or changed, field by field, and what it
does not name stays as it is. `replace` makes the file all there is.
"""

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import tomlkit
from pydantic import BaseModel, ValidationError

from ccproxy_tui.config.edits import mask, new_token, without_credentials
from ccproxy_tui.config.models import (
    DEFAULT_GROUP,
    AccessKey,
    Configuration,
    Group,
    Prompt,
    Provider,
    Proxy,
    Replacement,
    Settings,
    Target,
)
from ccproxy_tui.config.profiles import profile_tables
from ccproxy_tui.config.words import place, plain, problems


class TransferError(Exception):
    """The file cannot be taken over; `problems` says why, a line each."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True, slots=True)
class Import:
    """What a file would make of a configuration."""

    value: Configuration
    changes: tuple[str, ...]
    """What is different, a line each; empty when nothing is. Holds no secret."""
    new_tokens: tuple[AccessKey, ...]
    """Keys whose token was made up, to be shown once."""


@dataclass(frozen=True, slots=True)
class _Section:
    """One list of the file and of the configuration."""

    name: str
    kind: str
    model: type[BaseModel]
    identity: Callable[[Mapping[str, Any]], tuple[str, ...]]


_SECTIONS = (
    _Section("providers", "provider", Provider, lambda item: (str(item.get("name", "")),)),
    _Section("groups", "group", Group, lambda item: (str(item.get("name", "")),)),
    _Section(
        "proxies",
        "proxy",
        Proxy,
        lambda item: (str(item.get("group", DEFAULT_GROUP)), str(item.get("alias", ""))),
    ),
    _Section("keys", "key", AccessKey, lambda item: (str(item.get("name", "")),)),
    _Section("prompts", "prompt", Prompt, lambda item: (str(item.get("name", "")),)),
)
_LONGEST_SHOWN = 30
_ALWAYS_WRITTEN = frozenset({"group", "protocol"})
_SECRET_FIELDS = frozenset({"api_keys", "token", "http_proxies"})


def read_toml(text: str, current: Configuration, *, replace: bool = False) -> Import:
    """Work out what a file makes of `current`; raises `TransferError` with everything wrong."""
    try:
        file = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise TransferError([f"not valid TOML: {error}"]) from error
    return _Reading(current, replace=replace).read(file)


class _Reading:
    """One file being read: collects everything that is wrong before it gives up."""

    def __init__(self, current: Configuration, *, replace: bool) -> None:
        self._current = current
        self._replace = replace
        self._problems: list[str] = []
        self._new_tokens: list[AccessKey] = []

    def read(self, file: Mapping[str, Any]) -> Import:
        known = ["settings", *(section.name for section in _SECTIONS)]
        self._problems += [
            f"[{name}] is not a part of a configuration; parts are: {', '.join(known)}"
            for name in file
            if name not in known
        ]
        settings = self._settings(file.get("settings", {}))
        lists = {
            section.name: self._merged(section, file.get(section.name, [])) for section in _SECTIONS
        }
        if self._replace and not any(group.name == DEFAULT_GROUP for group in lists["groups"]):
            lists["groups"] = (Group(name=DEFAULT_GROUP), *lists["groups"])
        if self._problems:
            raise TransferError(self._problems)
        try:
            value = Configuration(settings=settings, **lists)
        except ValidationError as error:
            raise TransferError(
                problem for item in error.errors() for problem in plain(item["msg"]).split("; ")
            ) from error
        return Import(value, tuple(_changes(self._current, value)), tuple(self._new_tokens))

    def _settings(self, given: Any) -> Settings:
        if not isinstance(given, dict):
            self._problems.append("[settings] must be a table")
            return self._current.settings
        base = {} if self._replace else self._current.settings.model_dump()
        try:
            return Settings.model_validate({**base, **given})
        except ValidationError as error:
            self._problems += _said("settings", error)
            return self._current.settings

    def _merged(self, section: _Section, given: Any) -> tuple[Any, ...]:
        """Return the configuration's list with what the file says about it."""
        if not (isinstance(given, list) and all(isinstance(item, dict) for item in given)):
            self._problems.append(f"{section.name} must be written as [[{section.name}]] tables")
            return ()
        old = {section.identity(dict(item)): item for item in getattr(self._current, section.name)}
        merged: dict[tuple[str, ...], Any] = {} if self._replace else dict(old)
        seen: set[tuple[str, ...]] = set()
        for number, item in enumerate(given):
            where = f"{section.name}[{number}]"
            identity = section.identity(item)
            if identity in seen:
                self._problems.append(
                    f"{where}: {section.kind} {': '.join(identity)} is there twice"
                )
                continue
            seen.add(identity)
            value = self._item(section, where, old.get(identity), item)
            if value is not None:
                merged[identity] = value
        return tuple(merged.values())

    def _item(
        self, section: _Section, where: str, known: BaseModel | None, given: Mapping[str, Any]
    ) -> Any:
        fields = {**(known.model_dump() if known is not None else {}), **given}
        made_up = section.model is AccessKey and not fields.get("token")
        if made_up:
            fields["token"] = new_token()
        try:
            value = section.model.model_validate(fields)
        except ValidationError as error:
            self._problems += _said(where, error)
            return None
        if isinstance(value, AccessKey) and made_up:
            self._new_tokens.append(value)
        return value


def _said(where: str, error: ValidationError) -> list[str]:
    """Say pydantic's errors as `providers[0].base_url: …`, without the values."""
    return [f"{where}{place(parts)}: {what}" for parts, what in problems(error)]


def _changes(old: Configuration, new: Configuration) -> Iterable[str]:
    for name in Settings.model_fields:
        before, after = getattr(old.settings, name), getattr(new.settings, name)
        if before != after:
            yield f"~ settings.{name}: {_shown(name, before)} → {_shown(name, after)}"
    for section in _SECTIONS:
        yield from _list_changes(section, getattr(old, section.name), getattr(new, section.name))


def _list_changes(section: _Section, old: Iterable[Any], new: Iterable[Any]) -> Iterable[str]:
    before = {section.identity(dict(item)): item for item in old}
    after = {section.identity(dict(item)): item for item in new}
    for identity, item in after.items():
        title = f"{section.kind} {': '.join(identity)}"
        if identity not in before:
            yield f"+ {title}"
        elif item != before[identity]:
            for field in section.model.model_fields:
                was, will = getattr(before[identity], field), getattr(item, field)
                if was != will:
                    yield f"~ {title}: {field}: {_shown(field, was)} → {_shown(field, will)}"
    for identity in before:
        if identity not in after:
            yield f"- {section.kind} {': '.join(identity)}"


def _shown(field: str, value: Any) -> str:
    if field in _SECRET_FIELDS:
        hide = without_credentials if field == "http_proxies" else mask
        values = (value,) if isinstance(value, str) else value
        return ", ".join(hide(item) for item in values) or "none"
    if isinstance(value, tuple):
        return ", ".join(_worded(item) for item in value) or "none"
    if value is None or isinstance(value, date):
        return "none" if value is None else str(value)
    text = str(value)
    return f"{len(text)} characters" if len(text) > 60 or "\n" in text else repr(value)


def _worded(item: Any) -> str:
    """Say one item of a list, and of a target also what `provider/model` leaves out."""
    if isinstance(item, Replacement):
        return f"{_short(item.find)} → {_short(item.replace)}"
    if not isinstance(item, Target):
        return str(item)
    weight = f" x{item.weight}" if item.weight != 1 else ""
    return f"{item}{weight}{' (disabled)' if item.disabled else ''}"


def _short(text: str) -> str:
    return repr(text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…")


def write_toml(configuration: Configuration, *, secrets: bool) -> str:
    """Write a configuration; without `secrets`, fields with secrets are left out and said so.

    Reading such a file again keeps the secrets that are there.
    """
    document = tomlkit.document()
    if not secrets:
        document.add(
            tomlkit.comment("API keys and tokens are left out; export with --secrets to have them.")
        )
    settings = tomlkit.table()
    for name, value in configuration.settings.model_dump(mode="json").items():
        settings.add(name, value)
    document.add("settings", settings)
    for section in _SECTIONS:
        items = tomlkit.aot()
        for item in getattr(configuration, section.name):
            items.append(_table(item, secrets=secrets))
        if len(items):
            document.add(section.name, items)
    return tomlkit.dumps(document)


def _table(item: BaseModel, *, secrets: bool) -> Any:
    table = tomlkit.table()
    for name, value in item.model_dump(mode="json", exclude_none=True).items():
        default = item.__class__.model_fields[name].default
        if getattr(item, name) == default and name not in _ALWAYS_WRITTEN:
            continue
        if name in _SECRET_FIELDS and not secrets and not _only_references(value):
            continue
        if name == "expires":
            table.add(name, getattr(item, name))  # TOML has dates of its own
        elif isinstance(value, str) and "\n" in value:
            table.add(name, tomlkit.string(value, multiline=True))
        elif name == "profiles":
            table.add(name, profile_tables(value))
        else:
            table.add(name, value)
    return table


def _only_references(value: object) -> bool:
    """Tell whether a secret field holds no secret, but only where to find one.

    With a secret beside them they are left out too: read again, a part would replace the whole.
    """
    return isinstance(value, list) and all(str(item).startswith("env:") for item in value)
