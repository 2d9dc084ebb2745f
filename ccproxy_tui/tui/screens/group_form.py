"""The form for a group: the rules for its calls."""

from collections.abc import Iterable
from typing import Any, ClassVar

from textual import on

from ccproxy_tui.config import edits
from ccproxy_tui.config.models import DEFAULT_GROUP, Configuration, Group
from ccproxy_tui.tui.fields.choice import Choice, on_off
from ccproxy_tui.tui.fields.field import Field
from ccproxy_tui.tui.fields.fold import Fold
from ccproxy_tui.tui.fields.plain import plain
from ccproxy_tui.tui.fields.temperature_note import hints_for, sources, temperature_note
from ccproxy_tui.tui.fields.text import LineInput, TextLines
from ccproxy_tui.tui.group_fields import CAPTURE, INJECTION, SCOPE, TOOL_MODE, TOOL_MODE_MEANINGS
from ccproxy_tui.tui.screens.edit import Edit
from ccproxy_tui.tui.screens.group_prompt import PromptDetails, details
from ccproxy_tui.tui.screens.preview import PreviewScreen, Subject
from ccproxy_tui.tui.screens.takes_prompts import TakesPrompts

_COPIED = "copied-proxies"
_ROOMY_ROWS = 26
"""Rows of fields from which on texts are shown higher."""


class GroupForm(TakesPrompts):
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
        led_by = configuration.proxies_of(group.name) if group else ()
        self._proxies = led_by if duplicate else ()
        self._hints = hints_for(led_by)
        self._text = TextLines(self._shown.prompt_text)
        self._hidden = TextLines("\n".join(self._shown.tool_filter),
                                 placeholder="e.g. WebSearch\n     mcp__puppeteer__*")  # fmt: skip
        self._details = PromptDetails(self._shown)
        title = "New group" if self._replaces is None else f"Group {self._replaces}"
        super().__init__(configuration, title, new=self._replaces is None)

    def make_fields(self) -> Iterable[Field | Fold]:
        """Return the fields."""
        group = self._shown
        yield Field("name", "Name", LineInput(self._first_name),
                    f"Part of the URL that clients are pointed at: {self._base_url}/name")  # fmt: skip
        yield Field("description", "Description", LineInput(group.description),
                    "For you: what the group is for.")  # fmt: skip
        yield Field("prompt_injection", "System prompt", Choice(INJECTION, group.prompt_injection),
                    "off leaves the client's system prompt alone, enhance adds your text after it, "
                    "replace puts your text in its place.")  # fmt: skip
        yield Field("prompt_text", "Text", self._text,
                    "The text to add or to put in its place; an empty text changes nothing. "
                    "ctrl+o opens it in $EDITOR.")  # fmt: skip
        yield Field("prompt_scope", "Applies to", Choice(SCOPE, group.prompt_scope),
                    "Calls without tools are titles and summaries: they work best when left "
                    "alone.")  # fmt: skip
        yield Field("tool_filter", "Tools to hide",
                    self._hidden,
                    "One a line, * stands for any run of characters. The model does not see "
                    "them.")  # fmt: skip
        yield Field("temperature_ratio", "Temp. ratio", LineInput(f"{group.temperature_ratio:.15g}"),
                    "The client's temperature is multiplied by this, from 0 to 2"
                    + (f".\nRecommended by {sources(self._hints)}" if self._hints else
                       ": 1 leaves it as it is, 0.7 is cooler. Where the client sends none, none "
                       "is added."))  # fmt: skip
        yield Field("tool_mode", "Tools", Choice(TOOL_MODE, group.tool_mode),
                    "How models use tools. compat is for those that call no functions by "
                    "themselves: any model can use tools that way.")  # fmt: skip
        yield self._details
        yield Field("capture", "Keep messages", Choice(CAPTURE, group.capture),
                    "Of which calls requests and replies are kept on disk. What a call was, took "
                    "and cost is always kept.")  # fmt: skip
        yield Field("disabled", "State", on_off(disabled=group.disabled),
                    "A group that is off refuses its calls and says so.")  # fmt: skip
        if self._proxies:
            count = len(self._proxies)
            yield Field(_COPIED, "Proxies",
                        Choice([(True, f"copy all {count}"), (False, "none")], True),
                        f"Whether the proxies of {plain(group.name)} are copied too.")  # fmt: skip

    def begin(self) -> None:
        """Say what is known about the models' temperature, and what choices mean."""
        super().begin()
        self.field("temperature_ratio").show_note(temperature_note(self._hints))
        self._note_meanings()

    def fit(self, rows: int) -> None:
        """Show more of the texts where there is room."""
        roomy = rows >= _ROOMY_ROWS
        self._text.styles.height = 8 if roomy else 3
        self._hidden.styles.height = 4 if roomy else 2

    @on(Field.Changed)
    def _note_meanings(self) -> None:
        injection = str(self.field("prompt_injection").value)
        unused = injection == "off" and bool(self._text.text.strip())
        self.field("prompt_injection").show_note("the text is not used" if unused else "")
        self._details.note(injection)
        tools = self.field("tool_mode")
        tools.show_note(TOOL_MODE_MEANINGS[tools.value])

    def _changed(self) -> dict[str, Any]:
        """Return the name, and what the user has changed: the rest stays as it is, whatever a field
        for text makes of its ends of lines."""
        values = self.values
        stated = {**values, **details(values), "tool_filter": values["tool_filter"].splitlines()}
        touched = {key for key, value in values.items() if value != self._initial.get(key)}
        return {key: stated[key] for key in {"name", *touched} - {_COPIED}}

    def action_form_preview(self) -> None:
        """Show what a recorded call would become under the group as it stands in the form."""
        edit = self.check()
        if edit is None:
            self.app.notify("Mend first what the form says is wrong.", severity="warning")
            return
        known_as = self._shown.name
        subject = Subject(edit.value, edit.focus, known_as=known_as, unsaved=True)
        self.post_message(PreviewScreen.Asked(subject))

    def own_problems(self) -> dict[str, str]:
        """Return why the name cannot be had, and what is wrong with replacements."""
        return {**self._name_problems(), **self._details.problems}

    def _name_problems(self) -> dict[str, str]:
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
        copied = self._proxies if self.values.get(_COPIED) else ()
        group = Group.model_validate({**dict(self._shown), **self._changed()})
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
