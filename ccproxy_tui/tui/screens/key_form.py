"""The form for an access key; the token of a new one is made here and shown once."""

from collections.abc import Iterable

from textual.content import Content
from textual.widgets import Static

from ccproxy_tui.config import edits
from ccproxy_tui.config.models import AccessKey, Configuration
from ccproxy_tui.tui.fields.choice import on_off
from ccproxy_tui.tui.fields.field import Edited, Field
from ccproxy_tui.tui.fields.glyphs import glyphs
from ccproxy_tui.tui.fields.plain import plain
from ccproxy_tui.tui.fields.text import LineInput
from ccproxy_tui.tui.screens.confirm import Answer, Confirm
from ccproxy_tui.tui.screens.edit import Edit
from ccproxy_tui.tui.screens.form import FormScreen
from ccproxy_tui.tui.screens.welcome import KeyShown


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
            Field("disabled", "State", on_off(disabled=bool(key and key.disabled)),
                  "A key that is off lets nobody in."),
        )  # fmt: skip

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
        key = AccessKey.model_validate(self.values)
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
