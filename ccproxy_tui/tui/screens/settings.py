"""The settings: where the proxy listens, how long it waits, what the app looks like."""

from collections.abc import Iterable
from typing import Any

from textual.widget import Widget

from ccproxy_tui.config import edits
from ccproxy_tui.config.models import Configuration, Settings
from ccproxy_tui.tui.fields.choice import Choice
from ccproxy_tui.tui.fields.field import Field
from ccproxy_tui.tui.fields.text import LineInput, TextLines
from ccproxy_tui.tui.screens.edit import Edit
from ccproxy_tui.tui.screens.form import FormScreen
from ccproxy_tui.tui.styles.themes import THEMES

_RESTART = frozenset({"host", "port"})
_SECONDS = "a number of seconds above 0 is needed"


class SettingsForm(FormScreen):
    """Changes the settings."""

    FIRST_FIELD = "host"
    WORDS = {  # noqa: RUF012 - as declared by the base class
        "port": "a number from 0 to 65535 is needed",
        "connect_timeout": _SECONDS,
        "first_byte_timeout": _SECONDS,
        "chunk_timeout": _SECONDS,
        "total_timeout": _SECONDS,
        "max_attempts": "a whole number from 1 to 100 is needed",
        "failover_deadline": _SECONDS,
        "hold": "a number of seconds from 0 on is needed",
        "journal_days": "a number of days above 0, and up to 3650, is needed",
        "journal_megabytes": "a whole number from 1 to 10000000 is needed",
    }

    def __init__(self, configuration: Configuration) -> None:
        self._settings = configuration.settings
        super().__init__(configuration, "Settings", new=False)

    def make_fields(self) -> Iterable[Field]:
        """Return the fields."""
        now = self._settings
        themes = [(theme.name, theme.name.removeprefix("ccproxy-")) for theme in THEMES]
        if now.theme not in {theme.name for theme in THEMES}:
            themes.append((now.theme, now.theme))
        restart = "Holds from the next start on."
        return (
            _field("host", "Listen on", now.host, f"127.0.0.1 is this machine alone. {restart}"),
            _field("port", "Port", now.port, f"0 takes any free one. {restart}"),
            Field(
                "accept_hosts",
                "Accepted names",
                TextLines("\n".join(now.accept_hosts), rows=2, placeholder="one a line"),
                "More names by which clients may address the proxy, one a line.",
            ),
            _field(
                "connect_timeout",
                "Connect within",
                now.connect_timeout,
                "Seconds until an upstream must have accepted the connection.",
            ),
            _field(
                "first_byte_timeout",
                "First byte",
                now.first_byte_timeout,
                "Seconds until an upstream must have begun to answer.",
            ),
            _field(
                "chunk_timeout",
                "Silence",
                now.chunk_timeout,
                "Seconds that an upstream may be silent within an answer.",
            ),
            _field(
                "total_timeout",
                "Whole answer",
                now.total_timeout,
                "Seconds until an answer must be complete.",
            ),
            _field(
                "max_attempts",
                "Attempts",
                now.max_attempts,
                "How many requests go upstream for one call, at most.",
            ),
            _field(
                "failover_deadline",
                "Fail over in",
                now.failover_deadline,
                "Seconds from a call's start within which one more candidate may be tried.",
            ),
            _field(
                "hold",
                "Hold for",
                now.hold,
                "Seconds that a call may wait until a candidate is back; 0 refuses it at once.",
            ),
            Field(
                "ask_again",
                "Ask again",
                Choice([(True, "once"), (False, "never")], now.ask_again),
                "In compat mode, where models write tool calls as text: whether a model whose call "
                "cannot be read is asked again.",
            ),
            _field(
                "journal_days",
                "Keep calls, days",
                now.journal_days,
                "Older calls are deleted from disk, the oldest first.",
            ),
            _field(
                "journal_megabytes",
                "Keep calls, MB",
                now.journal_megabytes,
                "Of disk. Beyond it the oldest calls are deleted, however young.",
            ),
            Field(
                "on_hangup",
                "On hang-up",
                Choice([("serve", "go on serving"), ("exit", "end")], now.on_hangup),
                "What the proxy does when the terminal vanishes, as when SSH drops.",
            ),
            Field(
                "theme",
                "Theme",
                Choice(themes, now.theme),
                "ansi takes the terminal's own 16 colours.",
            ),
            Field(
                "ascii",
                "Signs",
                Choice([(False, "Unicode"), (True, "plain ASCII")], now.ascii),
                "Plain ASCII for terminals that lack the others.",
            ),
        )

    def make_edit(self) -> Edit:
        """Return the edit that the values mean."""
        values: dict[str, Any] = {**self._settings.model_dump(), **self.values}
        values["accept_hosts"] = values["accept_hosts"].splitlines()
        settings = Settings.model_validate(values)
        shown = set(self._fields)
        changed = {name: value for name, value in settings.model_dump().items() if name in shown}
        return Edit.of(
            self.configuration,
            lambda configuration: edits.put_settings(
                configuration, configuration.settings.model_copy(update=changed)
            ),
            "change settings" + self._restart_note(settings),
        )

    def _restart_note(self, settings: Settings) -> str:
        changed = [
            name for name in _RESTART if getattr(settings, name) != getattr(self._settings, name)
        ]
        return " (the address holds from the next start on)" if changed else ""


def _field(key: str, label: str, value: object, help_text: str) -> Field:
    text = f"{value:g}" if isinstance(value, float) else str(value)
    control: Widget = LineInput(text)
    return Field(key, label, control, help_text)
