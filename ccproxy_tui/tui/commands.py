"""Everything that can be done in the app, once: keys, footer, help, palette and README read this."""

from textual.binding import Binding
from textual.keys import format_key

from ccproxy_tui.tui.command import Command, Context
from ccproxy_tui.tui.form_commands import FORM_COMMANDS
from ccproxy_tui.tui.shell_commands import SHELL_COMMANDS

__all__ = ["COMMANDS", "CONTEXTS", "Command", "Context", "bindings", "find", "shown_key"]

CONTEXTS: dict[Context, str] = {
    "app": "Everywhere",
    "main": "Main screen",
    "list": "Lists",
    "text": "Long texts",
    "pane": "Panes with a list",
    "filter": "While typing a filter",
    "call_filter": "While typing a filter of the log",
    "saved": "Saved filters",
    "config": "Groups, proxies, keys, providers",
    "groups": "Groups",
    "providers": "Proxies and providers",
    "proxies": "Proxies",
    "log": "Log",
    "inspect": "Inspect",
    "call": "On a call, in log and inspector",
    "outline": "Lines that unfold",
    "why": "Why a call went there",
    "preview": "Preview of a call",
    "candidates": "Candidates",
    "dashboard": "Dashboard",
    "columns": "Columns of the log",
    "prompts": "Prompts",
    "route": "While typing a dry run",
    "command": "Command line",
    "help": "Help",
    "form": "Forms",
    "choice": "Choices",
    "lines": "Line editors",
    "pairs": "Replacements",
    "fold": "Folded fields",
    "search": "Search lines",
    "picker": "Pickers",
    "targets": "Targets of a proxy",
    "selection": "Selections",
    "template": "Changing many groups",
    "dialog": "Questions",
    "ask": "Questions for a line",
    "copy_as": "Copy as",
    "replay": "Replay",
    "export": "Export",
    "task": "Replay and export",
    "compare": "Two calls compared",
    "welcome": "Welcome",
}
"""What help calls the contexts."""

COMMANDS: tuple[Command, ...] = (*SHELL_COMMANDS, *FORM_COMMANDS)
"""The registry. Its order is the footer's: what is most useful comes first."""

_SHOWN_KEYS = {"escape": "esc", "enter": "⏎", "pagedown": "PgDn", "pageup": "PgUp"}


def bindings(context: Context) -> list[Binding]:
    """Return the key bindings of a context, in the registry's order."""
    return [
        Binding(
            command.keys,
            f"app.{command.action}" if command.id.startswith("app.") else command.action,
            command.title,
            show=command.footer,
            id=command.id,
            tooltip=command.help,
            priority=command.context == "app",
        )
        for command in COMMANDS
        if command.context == context
    ] + [
        Binding(command.at_once, command.action, show=False, priority=True)
        for command in COMMANDS
        if command.context == context and command.at_once
    ]


def find(command_id: str) -> Command | None:
    """Return the command of that id, if there is one."""
    return next((command for command in COMMANDS if command.id == command_id), None)


def shown_key(key: str, *, ascii_only: bool = False) -> str:
    """Write a key as the screen shows it: `^p`, `⏎`, `?`."""
    *modifiers, name = key.split("+")
    shown = _SHOWN_KEYS.get(name) or format_key(name)
    if ascii_only and not shown.isascii():
        shown = name
    shift = "shift+" if ascii_only else "⇧"
    return f"{'^' if 'ctrl' in modifiers else ''}{shift if 'shift' in modifiers else ''}{shown}"
