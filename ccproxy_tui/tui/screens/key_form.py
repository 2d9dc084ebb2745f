"""The form for an access key; the token of a new one is made here and shown once."""

from collections.abc import Iterable
from typing import ClassVar

from textual.content import Content
from textual.widgets import Static

from ccproxy_tui.config import edits
from ccproxy_tui.config.models import AccessKey, Configuration
from ccproxy_tui.tui.fields.amount import amount, given
from ccproxy_tui.tui.fields.check_list import Item
from ccproxy_tui.tui.fields.choice import on_off
from ccproxy_tui.tui.fields.field import Edited, Field
from ccproxy_tui.tui.fields.glyphs import glyphs
from ccproxy_tui.tui.fields.pick_list import PickList
from ccproxy_tui.tui.fields.plain import plain
from ccproxy_tui.tui.fields.text import LineInput
from ccproxy_tui.tui.screens.confirm import Answer, Confirm
from ccproxy_tui.tui.screens.edit import Edit
from ccproxy_tui.tui.screens.form import FormScreen
from ccproxy_tui.tui.screens.welcome import KeyShown

_OPTIONAL = ("expires", "requests_per_minute", "tokens_per_day", "money_per_day")
_WHOLE = "a whole number from 1 on, or nothing, is needed"
_OTHER_ROWS = 8
"""Rows of the fields besides the groups, with a problem."""
_MOST_ROWS = 12


class TokenField(Static):
    """A token, masked; what it is replaced by is seen only after saving."""

    DEFAULT_CSS = "TokenField { width: 1fr; height: 1; padding: 0 2; }"

    def __init__(self, token: str, *, fresh: bool) -> None:
        super().__init__(markup=False)
        self.value = token
        self.fresh = fresh

    def on_mount(self) -> None:
        """Start with the token as it is."""
        self._say()

    def replace_by_new(self) -> None:
        """Take a fresh token."""
        self.value, self.fresh = edits.new_token(), True
        self._say()
        self.post_message(Edited())

    def _say(self) -> None:
        if self.fresh:
            said = Content.styled("a new one; it is shown once, when you have saved", "italic")
        else:
            said = Content.assemble(
                glyphs(self).fix(edits.mask(self.value)), ("  ctrl+n makes a new one", "dim")
            )
        self.update(said)


class KeyForm(FormScreen):
    """Adds an access key, or changes one."""

    WORDS: ClassVar[dict[str, str]] = {
        "requests_per_minute": _WHOLE,
        "tokens_per_day": _WHOLE,
        "money_per_day": "a number above 0, or nothing, is needed",
    }

    def __init__(
        self,
        configuration: Configuration,
        key: AccessKey | None,
        *,
        duplicate: bool = False,
        base_url: str | None = None,
    ) -> None:
        settings = configuration.settings
        self._base_url = base_url or f"http://{settings.host}:{settings.port}"
        self._replaces = key.name if key is not None and not duplicate else None
        self._key = key
        opened = () if key is None else key.groups
        self._groups = PickList(
            [Item(group.name, group.name) for group in configuration.groups], opened
        )
        new = self._replaces is None
        token = edits.new_token() if key is None or duplicate else key.token
        self._token = TokenField(token, fresh=new)
        super().__init__(
            configuration, "New access key" if new else f"Access key {self._replaces}", new=new
        )

    def make_fields(self) -> Iterable[Field]:
        """Return the fields."""
        key = self._key
        return (
            Field("name", "Name", LineInput(self._first_name()),
                  "Who or what uses it, as the log names its calls: ClaudeCode, laptop, CI."),
            Field("token", "Token", self._token),
            Field("groups", "Opens groups", self._groups,
                  "None chosen: all groups. Enter chooses the row marked, down leads into the list."),
            Field("expires", "Expires", LineInput(_day(key), placeholder="never, or YYYY-MM-DD"),
                  "The last day on which it is valid, by this machine's clock."),
            amount("requests_per_minute", "Requests/min", getattr(key, "requests_per_minute", None),
                   "Of all clients that use it. Beyond that they are told to wait.",
                   none="no limit"),
            amount("tokens_per_day", "Tokens/day", getattr(key, "tokens_per_day", None),
                   "Input and output of a calendar day, cached or not.", none="no limit"),
            amount("money_per_day", "USD/day", getattr(key, "money_per_day", None),
                   "US dollars of a calendar day, as far as prices are known; on a private network there are none.", none="no limit"),
            Field("disabled", "State", on_off(disabled=bool(key and key.disabled)),
                  "A key that is off lets nobody in."),
        )  # fmt: skip

    def fit(self, rows: int) -> None:
        """Give the list of groups what the other fields leave."""
        self._groups.set_rows(min(rows - _OTHER_ROWS, _MOST_ROWS, self._groups.full_rows))

    def _first_name(self) -> str:
        if self._key is None:
            return ""
        taken = [key.name for key in self.configuration.keys] if self.new else []
        return edits.unused_name(self._key.name, taken)

    def own_problems(self) -> dict[str, str]:
        """Return why the name cannot be had."""
        name = str(self.field("name").value).strip()
        taken = name != self._replaces and self.configuration.key(name)
        return {"name": "another access key has this name"} if taken else {}

    def make_edit(self) -> Edit:
        """Return the edit that the values mean, with the token to show when it is a new one."""
        key = AccessKey.model_validate({**self.values, **given(self.values, _OPTIONAL)})
        replaces = self._replaces
        then = KeyShown(self._base_url, key.name, key.token) if self._token.fresh else None
        return Edit.of(
            self.configuration,
            lambda configuration: edits.put_key(configuration, key, replaces),
            f"{'add' if self.new else 'change'} access key {plain(key.name)}",
            focus=key.name,
            then=then,
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer a new token where there is an old one."""
        if action == "form_new_token" and self._token.fresh:
            return False
        return super().check_action(action, parameters)

    def action_form_new_token(self) -> None:
        """Replace the token, after asking where it may be in use."""
        self.app.push_screen(
            Confirm(
                "A new token?",
                [
                    "Clients that use the old one are refused as soon as you save.",
                    "The new one is shown once, after saving.",
                ],
                "New token",
            ),
            self._replace_token,
        )

    def _replace_token(self, wanted: Answer) -> None:
        if wanted:
            self._token.replace_by_new()


def _day(key: AccessKey | None) -> str:
    return key.expires.isoformat() if key is not None and key.expires is not None else ""
