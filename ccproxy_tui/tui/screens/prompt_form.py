"""The form for a prompt of the user's own."""

from collections.abc import Collection, Iterable
from typing import ClassVar

from ccproxy_tui.config import edits
from ccproxy_tui.config.models import Configuration, Prompt
from ccproxy_tui.tui.fields.field import Field
from ccproxy_tui.tui.fields.plain import plain
from ccproxy_tui.tui.fields.text import LineInput, TextLines
from ccproxy_tui.tui.prompt_rows import size_of
from ccproxy_tui.tui.screens.edit import Edit
from ccproxy_tui.tui.screens.form import FormScreen

_OTHER_ROWS = 4
"""Rows kept for name, description and notes."""
_MOST_ROWS = 24


class PromptForm(FormScreen):
    """Adds a prompt, or changes one."""

    SAVED: ClassVar[str] = "groups that have its text keep theirs"
    WORDS: ClassVar[dict[str, str]] = {"text": "a text is needed"}

    def __init__(
        self,
        configuration: Configuration,
        taken: Collection[str],
        *,
        replaces: Prompt | None = None,
        copied: Prompt | None = None,
        name: str = "",
        text: str = "",
    ) -> None:
        """Change the prompt that is replaced; or add one, perhaps as a copy of one that is shipped.

        `taken` are the names of those that are shipped. A new one begins with `name` and `text`;
        a copy has them from what is copied, but for a `text` that has been edited.
        """
        self._taken = {prompt.name for prompt in configuration.prompts} | set(taken)
        self._replaces = replaces
        self._copied = copied
        model = replaces or copied
        wanted = model.name if model is not None else name
        free = edits.unused_name(wanted, self._taken) if wanted else ""
        self._first_name = free if replaces is None else replaces.name
        self._description = model.description if model is not None else ""
        self._text = text or (model.text if model is not None else "")
        if replaces is not None:
            title = f"Prompt {replaces.name}"
        else:
            title = f"Your own copy of {copied.name}" if copied else "New prompt of your own"
        super().__init__(configuration, title, new=replaces is None)

    def make_fields(self) -> Iterable[Field]:
        """Return the fields."""
        self._area = TextLines(self._text, rows=8)
        yield Field("name", "Name", LineInput(self._first_name),
                    "What the library calls it.")  # fmt: skip
        yield Field("description", "Description", LineInput(self._description),
                    "For you: what the prompt is for.")  # fmt: skip
        yield Field("text", "Text", self._area,
                    "What is inserted into a group's text. Groups that have it already keep "
                    "theirs. ctrl+o opens it in $EDITOR.")  # fmt: skip

    def begin(self) -> None:
        """Say what becomes of the original."""
        if self._copied is not None:
            self.field("name").show_note("The shipped one stays as it is; this copy is yours.")
        self.say_size()

    def fit(self, rows: int) -> None:
        """Give the text the rows that are left."""
        self._area.styles.height = max(3, min(rows - _OTHER_ROWS, _MOST_ROWS))

    def on_field_changed(self) -> None:
        """Keep up with what is typed."""
        self.say_size()

    def say_size(self) -> None:
        """Say how long the text is."""
        text = self._area.text
        self.field("text").show_note(size_of(text) if text else "")

    def own_problems(self) -> dict[str, str]:
        """Return why the name or the text cannot be had."""
        problems = {}
        name = str(self.field("name").value).strip()
        if name in self._taken and (self._replaces is None or name != self._replaces.name):
            problems["name"] = "another prompt has this name"
        if not str(self.field("text").value).strip():
            problems["text"] = self.WORDS["text"]
        return problems

    def make_edit(self) -> Edit:
        """Return the edit that the values mean."""
        prompt = Prompt.model_validate(self.values)
        replaces = None if self._replaces is None else self._replaces.name
        return Edit.of(
            self.configuration,
            lambda configuration: edits.put_prompt(configuration, prompt, replaces),
            f"{'add' if self.new else 'change'} prompt {plain(prompt.name)}",
            focus=prompt.name,
        )
