"""The form for a group: the rules for its calls."""

from collections.abc import Iterable
from typing import ClassVar

from ccproxy_tui.config import edits
from ccproxy_tui.config.models import (
    DEFAULT_GROUP,
    Configuration,
    Group,
    InjectionScope,
    PromptInjection,
)
from ccproxy_tui.tui.fields.choice import Choice, on_off
from ccproxy_tui.tui.fields.field import Field
from ccproxy_tui.tui.fields.plain import plain
from ccproxy_tui.tui.fields.text import LineInput, TextLines
from ccproxy_tui.tui.screens.edit import Edit
from ccproxy_tui.tui.screens.form import FormScreen

_INJECTION: tuple[tuple[PromptInjection, str], ...] = (
    ("off", "off"),
    ("enhance", "enhance"),
    ("replace", "replace"),
)
_SCOPE: tuple[tuple[InjectionScope, str], ...] = (
    ("tools", "calls with tools"),
    ("every", "every call"),
)
_COPIED = "copied-proxies"


class GroupForm(FormScreen):
    """Adds a group, or changes one; renaming carries its proxies along."""

    WORDS: ClassVar[dict[str, str]] = {
        "temperature_ratio": "a number from 0 to 2 is needed, such as 0.7"
    }

    def __init__(
        self,
        configuration: Configuration,
        group: Group | None,
        *,
        duplicate: bool = False,
        base_url: str | None = None,
    ) -> None:
        settings = configuration.settings
        self._base_url = base_url or f"http://{settings.host}:{settings.port}"
        taken = [known.name for known in configuration.groups]
        if group is None:
            self._first_name = ""
        else:
            self._first_name = edits.unused_name(group.name, taken) if duplicate else group.name
        self._replaces = None if group is None or duplicate else group.name
        self._shown = group or Group(name="new")
        self._proxies = configuration.proxies_of(group.name) if group and duplicate else ()
        title = "New group" if self._replaces is None else f"Group {self._replaces}"
        super().__init__(configuration, title, new=self._replaces is None)

    def make_fields(self) -> Iterable[Field]:
        """Return the fields."""
        group = self._shown
        yield Field("name", "Name", LineInput(self._first_name),
                    f"Part of the URL that clients are pointed at: {self._base_url}/name")  # fmt: skip
        yield Field("description", "Description", LineInput(group.description),
                    "For you: what the group is for.")  # fmt: skip
        yield Field("prompt_injection", "System prompt", Choice(_INJECTION, group.prompt_injection),
                    "off leaves the client's system prompt alone, enhance adds your text after it, "
                    "replace puts your text in its place.")  # fmt: skip
        yield Field("prompt_text", "Text", TextLines(group.prompt_text),
                    "The text to add or to put in its place; an empty text changes nothing. "
                    "ctrl+o opens it in $EDITOR.")  # fmt: skip
        yield Field("prompt_scope", "Applies to", Choice(_SCOPE, group.prompt_scope),
                    "Calls without tools are titles and summaries: they work best when left "
                    "alone.")  # fmt: skip
        yield Field("tool_filter", "Tools to hide",
                    TextLines("\n".join(group.tool_filter), rows=3,
                              placeholder="e.g. WebSearch\n     mcp__puppeteer__*"),
                    "One a line, * stands for any run of characters. The model does not see "
                    "them.")  # fmt: skip
        yield Field("temperature_ratio", "Temp. ratio", LineInput(f"{group.temperature_ratio:.15g}"),
                    "The client's temperature is multiplied by this, from 0 to 2: 1 leaves it as "
                    "it is, 0.7 is cooler. Where the client sends none, none is added.")  # fmt: skip
        yield Field("disabled", "State", on_off(disabled=group.disabled),
                    "A group that is off refuses its calls and says so.")  # fmt: skip
        if self._proxies:
            count = len(self._proxies)
            yield Field(_COPIED, "Proxies",
                        Choice([(True, f"copy all {count}"), (False, "none")], True),
                        f"Whether the proxies of {plain(group.name)} are copied too.")  # fmt: skip

    def own_problems(self) -> dict[str, str]:
        """Return why the name cannot be had."""
        name = str(self.field("name").value).strip()
        if name == self._replaces:
            return {}
        if self._replaces == DEFAULT_GROUP:
            return {"name": "the default group takes calls without a group; its name stays"}
        if self.configuration.group(name):
            return {"name": "another group has this name"}
        return {}

    def make_edit(self) -> Edit:
        """Return the edit that the values mean."""
        values = self.values
        copied = self._proxies if values.pop(_COPIED, False) else ()
        group = Group.model_validate({**values, "tool_filter": values["tool_filter"].splitlines()})
        replaces = self._replaces

        def change(configuration: Configuration) -> Configuration:
            configuration = edits.put_group(configuration, group, replaces)
            for proxy in copied:
                mine = proxy.model_copy(update={"group": group.name})
                configuration = edits.put_proxy(configuration, mine)
            return configuration

        return Edit.of(
            self.configuration,
            change,
            f"{'add' if self.new else 'change'} group {plain(group.name)}",
            focus=group.name,
        )
