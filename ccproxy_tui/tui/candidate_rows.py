"""The list of an alias's candidates: how each stands, and what it has done."""

import time

from ccproxy_tui.traffic.standing import Outlook, Standing
from ccproxy_tui.tui.quantities import count, percent
from ccproxy_tui.tui.signs import Signs, signs
from ccproxy_tui.tui.standings import TONES, state_words
from ccproxy_tui.tui.widgets.cells import Cell, cut, one_line, width_of
from ccproxy_tui.tui.widgets.columns import Column
from ccproxy_tui.tui.widgets.rows import Rows
from ccproxy_tui.tui.widgets.source import FixedSource

_WEIGHTED = "weighted"
_KEY = " key "
"""What a candidate's name has before the number of its API key."""


class CandidateRows(Rows[Standing]):
    """A row for each candidate; columns that nobody fills take no room."""

    def __init__(self) -> None:
        self._chosen = ""
        self._weighted = False
        super().__init__(
            (
                Column("", self._mark, 2),
                Column("", self._sign, 1),
                Column("candidate", self._called, 12, grow=1, most=60, least=12, sized=self._called_in, content=_name_width),
                Column("state", self._state, 18, grow=1, most=40),
                Column("share", self._share, 5, align="right", priority=2),
                Column("now", self._in_flight, 3, align="right", priority=2),
                Column("ok", self._succeeded, 4, align="right", priority=3),
                Column("fail", self._failed, 4, align="right", priority=3),
                Column("weight", self._weight, 0, most=6, align="right", priority=4,
                       content=self._weight_width),
                Column("lessons", self._lessons, 0, most=20, priority=6, content=_lessons_width),
                Column("API key", self._key, 0, most=12, priority=7, content=_key_width),
            )
        )  # fmt: skip

    def on_mount(self) -> None:
        """Cut with a sign that the terminal has."""
        self.mark = self._signs.more

    def show_outlook(self, outlook: Outlook | None) -> None:
        """Show the candidates of an alias; the cursor stays on its one."""
        standings = () if outlook is None else outlook.standings
        self._chosen = "" if outlook is None else outlook.chosen
        self._weighted = outlook is not None and outlook.strategy == _WEIGHTED
        self.make_room_for(standings, anew=True)
        self.show(FixedSource(standings, lambda standing: standing.id))

    @property
    def _signs(self) -> Signs:
        return signs(ascii_only=self.app.has_class("-ascii"))

    def _mark(self, standing: Standing) -> Cell:
        return (self._signs.to, "accent") if standing.name == self._chosen else ""

    def _sign(self, standing: Standing) -> Cell:
        return self._signs.state(standing.state), TONES[standing.state]

    def _called(self, standing: Standing) -> Cell:
        return standing.name

    def _called_in(self, standing: Standing, width: int) -> Cell:
        """Show the name; what is cut is the target, never the number of the key."""
        target, key, number = standing.name.rpartition(_KEY)
        if not key or width_of(one_line(standing.name)) <= width:
            return standing.name
        end = f"{key}{number}"
        return cut(one_line(target), max(1, width - len(end)), mark=self.mark) + end

    def _state(self, standing: Standing) -> Cell:
        return state_words(standing, time.time()), TONES[standing.state]

    def _share(self, standing: Standing) -> Cell:
        return percent(standing.share, 1)

    def _in_flight(self, standing: Standing) -> Cell:
        return (count(standing.in_flight), "accent") if standing.in_flight else "0"

    def _succeeded(self, standing: Standing) -> Cell:
        return count(standing.succeeded)

    def _failed(self, standing: Standing) -> Cell:
        return (count(standing.failed), "bad") if standing.failed else "0"

    def _weight(self, standing: Standing) -> Cell:
        return str(standing.weight)

    def _weight_width(self, standing: Standing) -> int:
        del standing
        return len("weight") if self._weighted else 0

    def _lessons(self, standing: Standing) -> Cell:
        return ", ".join(standing.lessons), "warn"

    def _key(self, standing: Standing) -> Cell:
        shown = standing.masked_key
        if self.app.has_class("-ascii"):
            shown = shown.replace("…", self._signs.more).replace("•", "*")
        return shown, "muted"


def _name_width(standing: Standing) -> int:
    return width_of(one_line(standing.name))


def _lessons_width(standing: Standing) -> int:
    return max(len("lessons"), len(", ".join(standing.lessons))) if standing.lessons else 0


def _key_width(standing: Standing) -> int:
    return (
        max(len("API key"), width_of(one_line(standing.masked_key))) if standing.masked_key else 0
    )
