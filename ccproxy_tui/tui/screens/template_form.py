"""The dialog that gives chosen fields of one group, the template, to many others at once."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.style import Style
from textual import on
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message

from ccproxy_tui.config import edits
from ccproxy_tui.config.models import Configuration, Group
from ccproxy_tui.tui.commands import bindings
from ccproxy_tui.tui.fields.check_list import CheckList, Item, Row
from ccproxy_tui.tui.fields.field import Field
from ccproxy_tui.tui.fields.glyphs import glyphs
from ccproxy_tui.tui.fields.plain import plain
from ccproxy_tui.tui.group_fields import FACETS, Facet, counted
from ccproxy_tui.tui.screens.edit import Edit
from ccproxy_tui.tui.screens.form import FormScreen

_FEWEST_ROWS = 3
_NAMED_FIELDS = 2
_FIELDS, _GROUPS = "fields", "groups"


class ShortList(CheckList):
    """A list to choose from that is short, and in no order; what is known of a row is beside it."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("template")]

    class Applied(Message):
        """The user is done choosing."""

    def _segments(self, row: Row, cursor: bool, width: int) -> list[tuple[str, Style]]:  # noqa: FBT001
        item, chosen = row.item, row.item.key in self.chosen
        style = self.get_component_rich_style("check-list--chosen", partial=True)
        style = style if chosen else Style.null()
        left = f"{glyphs(self).here if cursor else ' '}[{'x' if chosen else ' '}] "
        column = min(max(cell_len(plain(known.text)) for known in self.items), width // 2)
        text = plain(item.text, column)
        gap = " " * (column - cell_len(text) + 2)
        note = plain(self.note(item), width - cell_len(left) - column - 2)
        dim = self.get_component_rich_style("check-list--note", partial=True)
        return [(left, style), (text, style), (gap, Style.null()), (note, dim)]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Hide what a short list without an order has no use for."""
        useless = {"picker_search", "picker_earlier", "picker_later"}
        return action not in useless and super().check_action(action, parameters)

    def action_template_apply(self) -> None:
        """Do it."""
        self.post_message(self.Applied())

    def action_picker_up(self) -> None:
        """Go one row up, or to the list before."""
        if self.cursor == 0:
            self.screen.focus_previous()
        else:
            super().action_picker_up()

    def action_picker_down(self) -> None:
        """Go one row down, or to the next list."""
        if self.cursor + 1 == len(self.items):
            self.screen.focus_next()
        else:
            super().action_picker_down()


class OtherGroups(ShortList):
    """The groups that can be changed; each says how far it differs in the fields chosen."""

    def __init__(self, template: Group, others: Sequence[Group]) -> None:
        self._template = template
        self._others = {group.name: group for group in others}
        self._facets: Sequence[Facet] = ()
        super().__init__(Item(name, name) for name in self._others)

    def compare(self, facets: Sequence[Facet]) -> None:
        """Compare these fields."""
        self._facets = facets
        self.refresh()

    def differing(self, group: Group) -> Sequence[Facet]:
        """Return the chosen fields in which a group is not as the template."""
        return [
            facet
            for facet in self._facets
            if getattr(group, facet.field) != getattr(self._template, facet.field)
        ]

    @property
    def changing(self) -> Sequence[Group]:
        """The chosen groups that would not stay as they are."""
        chosen = (group for group in self._others.values() if group.name in self.chosen)
        return [group for group in chosen if self.differing(group)]

    def note(self, item: Item) -> str:
        """Say how the group stands beside the template."""
        group, facets = self._others[item.key], self._facets
        if not facets:
            return ""
        differing = self.differing(group)
        if not differing:
            return "has it already" if len(facets) == 1 else "has them already"
        if len(facets) == 1:
            return f"now {facets[0].say(group)}"
        return f"{len(differing)} of {len(facets)} differ"


class TemplateForm(FormScreen):
    """Asks which fields of a group other groups should have, and which groups."""

    FIRST_FIELD: ClassVar[str] = _FIELDS

    def __init__(self, configuration: Configuration, template: Group) -> None:
        self._template = template
        others = [group for group in configuration.groups if group.name != template.name]
        self._facets = ShortList(
            Item(facet.field, facet.title, note=facet.say(template)) for facet in FACETS
        )
        self._groups = OtherGroups(template, others)
        super().__init__(configuration, f"Group {template.name} as a template", new=True)

    def make_fields(self) -> Iterable[Field]:
        """Return the fields."""
        name = plain(self._template.name)
        yield Field(_FIELDS, "Fields", self._facets,
                    f"What the others get from {name}. Space chooses, a chooses all, tab goes on to "
                    "the groups.")  # fmt: skip
        yield Field(_GROUPS, "Other groups", self._groups,
                    "Space chooses, a chooses all. Enter changes them in one step; u undoes it.")  # fmt: skip

    def begin(self) -> None:
        """Say whose fields they are."""
        self._frame.border_title = Content(self._title).markup

    def fit(self, rows: int) -> None:
        """Show all fields, and as many groups as there is room for, but some at least."""
        groups = max(_FEWEST_ROWS, len(self._groups.items))
        fields = min(len(FACETS), rows - min(groups, _FEWEST_ROWS + 1))
        self._facets.styles.height = fields
        self._groups.styles.height = min(groups, rows - fields)

    @property
    def _chosen(self) -> Sequence[Facet]:
        """The chosen fields, in the order of the form."""
        return [facet for facet in FACETS if facet.field in self._facets.chosen]

    @property
    def _subject(self) -> str:
        """The chosen fields in words."""
        chosen = self._chosen
        if len(chosen) > _NAMED_FIELDS:
            return counted(len(chosen), "field")
        return " and ".join(facet.title for facet in chosen)

    def own_problems(self) -> dict[str, str]:
        """Return what has not been chosen yet."""
        self._groups.compare(self._chosen)
        if not self._chosen:
            return {_FIELDS: "choose with space what the other groups should get"}
        if not self._groups.value:
            return {_GROUPS: "choose with space which groups should get it"}
        if not self._groups.changing:
            return {_GROUPS: "all that are chosen have it already"}
        return {}

    def make_edit(self) -> Edit:
        """Return the edit that is meant."""
        template, fields, names = self._template, self._facets.value, self._groups.value
        count = counted(len(self._groups.changing), "group")
        return Edit.of(
            self.configuration,
            lambda configuration: edits.copy_fields(configuration, template, fields, names),
            f"change {self._subject} of {count} as in {plain(template.name)}",
            focus=template.name,
        )

    def _say_status(self, problems: dict[str, str]) -> None:
        signs = glyphs(self)
        words = next(iter(problems.values()), "")
        if any(field.wrong for field in self._fields.values()):
            said = Content.styled(f"{signs.wrong} nothing to change yet", "$text-error")
        elif words:
            subject = f"{self._subject}: " if self._chosen else ""
            said = Content.styled(f"{subject}{words}", "dim")
        else:
            names = ", ".join(group.name for group in self._groups.changing)
            count = counted(len(self._groups.changing), "group")
            said = Content(plain(f"{signs.right} enter: {self._subject} of {count}: {names}"))
        self._status.update(said, layout=False)

    @on(ShortList.Applied)
    def _apply(self) -> None:
        self.action_form_save()

    def action_form_close(self) -> None:
        """Leave; what was chosen is quickly chosen again."""
        self.dismiss(None)
