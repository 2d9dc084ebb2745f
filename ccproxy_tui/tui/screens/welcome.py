"""How to point a client here: the lines to paste, shown so that they fit and copied exactly."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from ccproxy_tui.config.edits import mask
from ccproxy_tui.config.models import DEFAULT_GROUP
from ccproxy_tui.tui.clipboard import copy
from ccproxy_tui.tui.commands import bindings
from ccproxy_tui.tui.fields.glyphs import glyphs
from ccproxy_tui.tui.fields.plain import plain
from ccproxy_tui.tui.widgets.footer import KeyFooter


def export_lines(base_url: str, token: str, group: str = DEFAULT_GROUP) -> str:
    """Return what to paste into a shell before starting Claude Code."""
    address = base_url if group == DEFAULT_GROUP else f"{base_url}/{group}"
    return f"export ANTHROPIC_BASE_URL={address}\nexport ANTHROPIC_AUTH_TOKEN={token}"


class ExportLines(Static):
    """The lines; a token that is too long for its line goes below it, as a shell would take it."""

    DEFAULT_CSS = """
    ExportLines {
        height: auto;
        padding: 0 1;
        margin-top: 1;
        background: $surface;
        border-left: outer $primary;
        &:ansi { background: ansi_default; }
    }
    """

    def __init__(self, base_url: str, token: str, group: str, *, full: bool) -> None:
        super().__init__(markup=False)
        self._given = base_url, token, group
        self.full = full

    @property
    def text(self) -> str:
        """The lines in full."""
        return export_lines(*self._given)

    def render(self) -> Content:
        """Show the lines, the token masked unless it is to be seen."""
        base_url, token, group = self._given
        shown = token if self.full else glyphs(self).fix(mask(token))
        lines = export_lines(base_url, shown, group)
        if self.full and any(len(line) > self.content_size.width for line in lines.splitlines()):
            lines = lines.replace("AUTH_TOKEN=", "AUTH_TOKEN=\\\n")
        return Content(lines)

    def reveal(self, *, full: bool) -> None:
        """Show the token in full, or masked."""
        self.full = full
        self.refresh(layout=True)


class _Lines(ModalScreen[None]):
    """A screen around the export lines."""

    CSS_PATH = "dialog.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("welcome")]

    def __init__(self, title: str, lines: ExportLines) -> None:
        super().__init__()
        self._title = title
        self._lines = lines
        self._copied = Static(classes="lines--copied", markup=False)

    def above(self) -> str:
        """Return what to say before the lines."""
        raise NotImplementedError

    def below(self) -> Content:
        """Return what to say after the lines."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """Lay it out."""
        with Vertical(classes="dialog") as frame:
            frame.border_title = Content(plain(self._title)).markup
            with VerticalScroll(classes="lines--text", can_focus=False):
                yield Static(self.above(), markup=False)
                yield self._lines
                yield self._copied
                yield Static(self.below(), markup=False)
            yield KeyFooter()

    async def action_welcome_copy(self) -> None:
        """Copy the lines in full, and say how."""
        how = await copy(self.app, self._lines.text)
        self._copied.update(f"Both lines {how}.")

    def action_welcome_reveal(self) -> None:
        """Show the token in full, or masked."""
        self._lines.reveal(full=not self._lines.full)

    def action_welcome_close(self) -> None:
        """Go on."""
        self.dismiss(None)


class Welcome(_Lines):
    """The first thing that a newcomer sees."""

    def __init__(
        self,
        base_url: str,
        token: str,
        *,
        full: bool,
        group: str = DEFAULT_GROUP,
        scripted: bool = True,
    ) -> None:
        """`scripted` tells that there is no real provider yet."""
        super().__init__("Welcome to ccproxy", ExportLines(base_url, token, group, full=full))
        self._scripted = scripted

    def above(self) -> str:
        """Say what this is."""
        return (
            "Claude Code and other agents, on any model: they call this proxy, and here "
            "you decide which provider answers, and watch every call.\n\nIn another terminal:"
        )

    def below(self) -> Content:
        """Say what to do next."""
        start = Content.assemble(("claude", "bold"), "  then watch the call appear in the log.\n")
        if not self._scripted:
            return start
        return Content.assemble(
            start,
            "\nFor now a scripted model answers, without any account. For a real one:\n",
            ("4 a", "bold"),
            "  adds a provider with its models, then\n",
            ("2 e", "bold"),
            "  on claude-* chooses which of them answers.\n",
        )


class KeyShown(_Lines):
    """A new access key, for the one time that it is shown in full."""

    def __init__(self, base_url: str, name: str, token: str) -> None:
        super().__init__(
            f"Access key {name}", ExportLines(base_url, token, DEFAULT_GROUP, full=True)
        )

    def above(self) -> str:
        """Say that this is the moment to copy it."""
        return "The token is shown in full only now. For Claude Code:"

    def below(self) -> Content:
        """Say where a group goes."""
        return Content("For the rules of a group, add /its-name to the address.\n")
