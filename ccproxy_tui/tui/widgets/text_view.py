"""A long text: it wraps, scrolls and is searched, and draws the lines that are seen."""

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from ccproxy_tui.tui.commands import bindings
from ccproxy_tui.tui.widgets.cells import fit
from ccproxy_tui.tui.widgets.lines import Line, wrap

_FINDING = frozenset({"text_find", "text_next", "text_previous"})


class TextView(ScrollView, can_focus=True):
    """Lines of text with their meanings."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("text")]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "text--strong",
        "text--muted",
        "text--good",
        "text--warn",
        "text--bad",
        "text--accent",
        "text--hit",
        "text--here",
    }
    DEFAULT_CSS = """
    TextView {
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size-vertical: 1;
        scrollbar-background: $background;
        scrollbar-color: $foreground 25%;
        & > .text--strong { text-style: bold; }
        & > .text--muted { color: $text-muted; }
        & > .text--good { color: $text-success; }
        & > .text--warn { color: $text-warning; }
        & > .text--bad { color: $text-error; }
        & > .text--accent { color: $text-primary; }
        & > .text--hit { text-style: reverse; }
        & > .text--here { text-style: reverse bold; color: $text-warning; }
    }
    """

    class FindAsked(Message):
        """The user wants to type what to find."""

    class Found(Message):
        """The hits, or the place among them, changed."""

        def __init__(self, here: int, hits: int) -> None:
            self.here = here
            self.hits = hits
            super().__init__()

    def __init__(
        self,
        *,
        can_find: bool = True,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        """`can_find` tells that the owner lets the user type what to find."""
        super().__init__(id=id)
        self._can_find = can_find
        self._lines: Sequence[Line] = ()
        self._wrapped: list[Line] = []
        self._wanted = ""
        self._hits: list[int] = []
        self._here = -1

    def show(self, lines: Sequence[Line], *, stay: bool = False) -> None:
        """Show another text, from its start unless it is the same one grown."""
        if stay and lines == self._lines:
            return
        self._lines = lines
        self._layout_lines()
        if not stay:
            self.scroll_y = 0
        self.refresh()

    def _layout_lines(self) -> None:
        self._wrapped = (
            wrap(self._lines, max(1, self.scrollable_size.width))
            if self.scrollable_size.width
            else []
        )
        self.virtual_size = Size(self.scrollable_size.width, len(self._wrapped))
        self._search(self._here)

    def on_resize(self) -> None:
        """Wrap to the new width."""
        self._layout_lines()

    def render_line(self, y: int) -> Strip:
        """Draw one line."""
        width = self.scrollable_size.width
        index = self.scroll_offset.y + y
        if index >= len(self._wrapped):
            return Strip.blank(width, self.rich_style)
        line = self._wrapped[index]
        base = self.rich_style
        style = base + self._style(line.tone)
        if self._wanted and (pieces := self._marked(index, line, style)):
            return Strip(pieces).adjust_cell_length(width, base)
        if line.lead:
            label = Segment(line.text[: line.lead], base + self._style("accent"))
            rest = Segment(line.text[line.lead :], style)
            return Strip([label, rest]).adjust_cell_length(width, base)
        return Strip([Segment(fit(line.text, width), style)], width)

    def _style(self, tone: str) -> Style:
        if not tone:
            return Style.null()
        style = self.get_component_rich_style(f"text--{tone}")
        return Style(color=style.color, bold=style.bold, dim=style.dim, reverse=style.reverse)

    def _marked(self, index: int, line: Line, style: Style) -> list[Segment]:
        """Cut a line at the hits in it; empty when it has none."""
        lowered = line.text.lower()
        at_cursor = 0 <= self._here < len(self._hits) and self._hits[self._here] == index
        hit = style + self._style("here" if at_cursor else "hit")
        pieces: list[Segment] = []
        start = 0
        while (place := lowered.find(self._wanted, start)) >= 0:
            end = place + len(self._wanted)
            pieces += [Segment(line.text[start:place], style), Segment(line.text[place:end], hit)]
            start = end
        return [*pieces, Segment(line.text[start:], style)] if pieces else []

    # --- finding -----------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to find only where one can."""
        if action in _FINDING and not self._can_find:
            return False
        return super().check_action(action, parameters)

    def find(self, words: str) -> None:
        """Mark all hits and go to the first one from here on."""
        self._wanted = words.lower()
        self._search(-1)
        if self._hits:
            here = next((n for n, hit in enumerate(self._hits) if hit >= self.scroll_offset.y), 0)
            self._go_to(here)
        self._tell()
        self.refresh()

    def _search(self, here: int) -> None:
        wanted = self._wanted
        self._hits = [
            index for index, line in enumerate(self._wrapped) if wanted in line.text.lower()
        ] if wanted else []  # fmt: skip
        self._here = min(here, len(self._hits) - 1)

    def _go_to(self, here: int) -> None:
        if not self._hits:
            return
        self._here = here % len(self._hits)
        line = self._hits[self._here]
        if not self.scroll_offset.y <= line < self.scroll_offset.y + self.scrollable_size.height:
            self.scroll_y = max(0, line - self.scrollable_size.height // 3)
        self._tell()
        self.refresh()

    def _tell(self) -> None:
        self.post_message(self.Found(self._here + 1, len(self._hits)))

    def action_text_find(self) -> None:
        """Ask what to find."""
        self.post_message(self.FindAsked())

    def action_text_next(self) -> None:
        """Go to the next hit."""
        self._go_to(self._here + 1)

    def action_text_previous(self) -> None:
        """Go to the hit before."""
        self._go_to(self._here - 1)

    # --- scrolling ---------------------------------------------------------------------------

    def _by(self, lines: int) -> None:
        self.scroll_y += lines

    def action_text_down(self) -> None:
        """Scroll down."""
        self._by(1)

    def action_text_up(self) -> None:
        """Scroll up."""
        self._by(-1)

    def action_text_first(self) -> None:
        """Go to the start."""
        self.scroll_y = 0

    def action_text_last(self) -> None:
        """Go to the end."""
        self.scroll_y = self.max_scroll_y

    def action_text_half_down(self) -> None:
        """Half a page down."""
        self._by(max(1, self.scrollable_size.height // 2))

    def action_text_half_up(self) -> None:
        """Half a page up."""
        self._by(-max(1, self.scrollable_size.height // 2))

    def action_text_page_down(self) -> None:
        """A page down."""
        self._by(max(1, self.scrollable_size.height - 1))

    def action_text_page_up(self) -> None:
        """A page up."""
        self._by(-max(1, self.scrollable_size.height - 1))
