"""What is seldom said of a group's prompt: where it goes, for which models, what is replaced."""

from collections.abc import Mapping
from typing import Any

from ccproxy_tui.config.models import Group
from ccproxy_tui.tui.fields.choice import Choice
from ccproxy_tui.tui.fields.field import Field
from ccproxy_tui.tui.fields.fold import Fold
from ccproxy_tui.tui.fields.replacement_list import ReplacementLines
from ccproxy_tui.tui.fields.text import TextLines
from ccproxy_tui.tui.group_fields import POSITION, counted


class PromptDetails(Fold):
    """The fields, closed at first."""

    def __init__(self, group: Group) -> None:
        self._position = Choice(POSITION, group.prompt_position)
        self._models = TextLines("\n".join(group.prompt_models), rows=2,
                                 placeholder="all, or e.g. claude-sonnet-*")  # fmt: skip
        self._replacements = ReplacementLines(group.replacements)
        fields = [
            Field("prompt_position", "Position", self._position,
                  "Where your text goes: with the client's system prompt, or to the front of the "
                  "last user message, which a model minds more."),
            Field("prompt_models", "For models", self._models,
                  "Which models must be asked for; one a line, * stands for any run of characters. "
                  "Empty: all. For others the text is not added."),
            Field("replacements", "Replacements", self._replacements,
                  "Made in the client's system prompt, in this order, before your text is added; "
                  "for all models, also while System prompt is off."),
        ]  # fmt: skip
        super().__init__(
            "More on the prompt",
            "Space shows or hides where the text goes, for which models, and what is replaced in "
            "the client's system prompt.",
            fields,
            self._say_what_is_set,
        )

    def _say_what_is_set(self) -> str:
        models = len(_lines(self._models.text))
        replacements = len(self._replacements.value)
        said = [dict(POSITION)[self._position.value]]
        said.append(counted(models, "model") if models else "all models")
        said.append(counted(replacements, "replacement") if replacements else "no replacements")
        return ", ".join(said)

    @property
    def problems(self) -> dict[str, str]:
        """What is wrong with the replacements, and in which line."""
        problem = self._replacements.problem
        return {"replacements": problem} if problem else {}

    def note(self, injection: str) -> None:
        """Say what the choice of the system prompt does not do at this position."""
        stays = injection == "replace" and self._position.value == "user"
        self.fields[0].show_note("here the client's system prompt stays as well" if stays else "")


def details(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the fields say, as a group takes it."""
    return {
        "prompt_position": values["prompt_position"],
        "prompt_models": _lines(values["prompt_models"]),
        "replacements": [
            {"find": find, "replace": replace} for find, replace in values["replacements"]
        ],
    }


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]
