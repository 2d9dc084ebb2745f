"""The form for a provider: from a preset or by hand, with models fetched and a real test."""

import logging
import os
from collections.abc import Coroutine, Iterable, Sequence
from time import monotonic
from typing import ClassVar
from urllib.parse import urlsplit

from textual import on
from textual.timer import Timer
from textual.worker import Worker

from ccproxy_tui.config import edits
from ccproxy_tui.config.models import Configuration, Protocol, Provider
from ccproxy_tui.config.presets import Preset, presets
from ccproxy_tui.config.profiles import (
    ModelProfile,
    profile_fields,
    read_profiles,
    write_profiles,
)
from ccproxy_tui.tui.editor import edit_text
from ccproxy_tui.tui.fields.check_list import Item
from ccproxy_tui.tui.fields.choice import Choice, on_off
from ccproxy_tui.tui.fields.field import Field
from ccproxy_tui.tui.fields.fold import Fold
from ccproxy_tui.tui.fields.glyphs import glyphs
from ccproxy_tui.tui.fields.key_lines import KeyLines
from ccproxy_tui.tui.fields.plain import plain
from ccproxy_tui.tui.fields.text import LineInput, TextLines
from ccproxy_tui.tui.screens.confirm import Answer
from ccproxy_tui.tui.screens.edit import Edit
from ccproxy_tui.tui.screens.form import FormScreen
from ccproxy_tui.tui.screens.leave_demo import proposal
from ccproxy_tui.tui.screens.provider_limits import (
    AMOUNTS,
    HTTP_PROXIES,
    WORDS,
    ProviderLimits,
    limits,
)
from ccproxy_tui.tui.screens.selection import Picked, Selection
from ccproxy_tui.tui.upstreams import Upstreams, UpstreamsError

_PROTOCOLS: tuple[Protocol, ...] = ("openai", "claude", "responses", "gemini", "ollama")
log = logging.getLogger(__name__)

_BY_HAND = "by hand"
_SPIN_SECONDS = 0.2
_QUIRKS = "profiles"
_QUIRKS_LIKE = '[[profiles]]\nmodel = "qwen3*"\nimages = false'
_ROOMY_ROWS = 20
_NEEDED_TO_ASK = ("base_url", "api_keys", *AMOUNTS, HTTP_PROXIES, _QUIRKS)
_OUTDATING = ("protocol", "base_url", "api_keys", HTTP_PROXIES, _QUIRKS)
"""Fields that an outcome is about."""
_KEY_HINT = "paste a key, or env:NAME, then enter"


class ProviderForm(FormScreen):
    """Adds a provider, or changes one; renaming carries the targets on it along."""

    ASKS: ClassVar[bool] = True
    WORDS: ClassVar[dict[str, str]] = WORDS

    def __init__(
        self,
        configuration: Configuration,
        upstreams: Upstreams,
        provider: Provider | None = None,
        *,
        duplicate: bool = False,
    ) -> None:
        self._replaces = provider.name if provider is not None and not duplicate else None
        self._provider = provider
        self._upstreams = upstreams
        self._asked: Provider | None = None
        self._worker: Worker[None] | None = None
        self._spinner: Timer | None = None
        self._asking = ""
        self._since = 0.0
        taken = [known.name for known in configuration.providers] if duplicate else []
        name = "" if provider is None else edits.unused_name(provider.name, taken)
        self._name_input = LineInput(name)
        self._protocol = Choice(
            [(protocol, protocol) for protocol in _PROTOCOLS],
            "openai" if provider is None else provider.protocol,
        )
        self._base_url = LineInput("" if provider is None else provider.base_url)
        self._keys = KeyLines(() if provider is None else provider.api_keys, placeholder=_KEY_HINT)
        self._models = TextLines("\n".join(provider.models) if provider else "", rows=5)
        self._quirks = TextLines(
            write_profiles(provider.profiles) if provider else "", placeholder=_QUIRKS_LIKE
        )
        self._limits = ProviderLimits(provider, configuration.settings)
        new = self._replaces is None
        super().__init__(
            configuration, "New provider" if new else f"Provider {self._replaces}", new=new
        )

    def make_fields(self) -> Iterable[Field | Fold]:
        """Return the fields."""
        return (
            Field("name", "Name", self._name_input,
                  "What targets call it: name/model. Renaming carries them along."),
            Field("protocol", "Protocol", self._protocol,
                  "What the server speaks. Claude Code speaks claude; the proxy converts."),
            Field("base_url", "Base URL", self._base_url,
                  "Up to and including the version, as in https://api.openai.com/v1"),
            Field("api_keys", "API keys", self._keys,
                  "None for a server that asks for none; several take turns. env:NAME is read "
                  "from the environment at each use and never stored."),
            Field("models", "Models", self._models,
                  "One a line. ctrl+f asks the provider for its list."),
            Field("disabled", "State",
                  on_off(disabled=bool(self._provider and self._provider.disabled)),
                  "A provider that is off is passed over by all proxies."),
            self._limits,
            Field(_QUIRKS, "Model quirks", self._quirks,
                  "TOML, for what a model takes or refuses that ccproxy does not know. ctrl+o "
                  "opens $EDITOR, with all fields to choose from."),
        )  # fmt: skip

    def begin(self) -> None:
        """Begin with the presets when the provider is to be a new one."""
        if self._provider is None:
            self.app.push_screen(
                Selection(
                    "New provider: which one?",
                    preset_items(),
                    single=True,
                    help_text="It fills in what is known; all of it can be changed.",
                ),
                self._begin_with,
            )

    def _begin_with(self, picked: Picked) -> None:
        if picked is None:
            self.dismiss(None)
            return
        preset = next((preset for preset in presets() if _preset_key(preset) == picked[0]), None)
        if preset is None:
            return
        taken = [provider.name for provider in self.configuration.providers]
        self._name_input.value = edits.unused_name(preset.name, taken)
        self._protocol.choose(preset.protocol)
        self._base_url.value = preset.base_url
        variable = preset.key_variable
        if variable and os.environ.get(variable):
            self._keys.add(f"env:{variable}")
        elif variable:
            self._keys.hint(f"paste a key, or env:{variable}, then enter")
        self.remember()
        (self._keys.input if variable else self._models).focus()

    def own_problems(self) -> dict[str, str]:
        """Return why the name cannot be had, and what cannot be read as quirks."""
        problems: dict[str, str] = {}
        name = self._name_input.value.strip()
        if name != self._replaces and self.configuration.provider(name):
            problems["name"] = "another provider has this name"
        try:
            read_profiles(self._quirks.text)
        except ValueError as error:
            problems[_QUIRKS] = str(error)
        return problems

    def make_edit(self) -> Edit:
        """Return the edit that the values mean."""
        provider = self._stated(self._name_input.value)
        replaces = self._replaces
        return Edit.of(
            self.configuration,
            lambda configuration: edits.put_provider(configuration, provider, replaces),
            f"{'add' if self.new else 'change'} provider {plain(provider.name)}",
            focus=provider.name,
        )

    def _stated(self, name: str) -> Provider:
        return Provider.model_validate(
            {
                **self.values,
                **limits(self.values),
                "name": name,
                "models": self._models.text.splitlines(),
                _QUIRKS: self._profiles(),
            }
        )

    def fit(self, rows: int) -> None:
        """Show all fields at once also where there is little room."""
        roomy = rows >= _ROOMY_ROWS
        self._models.styles.height = 5 if roomy else 3
        self._quirks.styles.height = 6 if roomy else 3

    async def _edit(self, area: TextLines) -> None:
        """Show the user, below the quirks, what can be said; that goes again when it is untouched."""
        if area is not self._quirks:
            await super()._edit(area)
            return
        fields = profile_fields()
        text = await edit_text(self.app, f"{area.text}\n\n{fields}".lstrip(), ".toml")
        if text is not None:
            area.text = text.replace(fields, "").strip()

    def _profiles(self) -> tuple[ModelProfile, ...]:
        """Return the quirks, none while they cannot be read."""
        try:
            return read_profiles(self._quirks.text)
        except ValueError:
            return ()

    def finish(self, edit: Edit) -> None:
        """Hand back the edit; asks first whether the new provider should stand in for the demo."""
        provider = edit.value.provider(edit.focus) if self.new else None
        proposed = provider and proposal(self.configuration, edit, provider)
        if not proposed:
            super().finish(edit)
            return
        question, further = proposed

        def answered(wanted: Answer) -> None:
            self.dismiss(further if wanted else edit)

        self.app.push_screen(question, answered)

    # Asking the provider

    def action_form_fetch(self) -> None:
        """Ask for the provider's models, and let the user choose among them."""
        if provider := self._ready_to_ask():
            self._ask(provider, f"asking {provider.base_url} for its models", self._fetch(provider))

    def action_form_test(self) -> None:
        """Send a tiny request to a model, which is asked for when there are several."""
        provider = self._ready_to_ask()
        if provider is None:
            return
        if not provider.models:
            self._say_outcome(
                ok=False, words="add a model first; ctrl+f asks the provider for its list"
            )
        elif len(provider.models) == 1:
            self._test(provider, provider.models[0])
        else:
            self.app.push_screen(
                Selection(
                    "Test which model?",
                    [Item(model, model) for model in provider.models],
                    single=True,
                ),
                lambda picked: self._test(provider, picked[0]) if picked else None,
            )

    def _ready_to_ask(self) -> Provider | None:
        if self._worker is not None:
            return None
        for key in _NEEDED_TO_ASK:
            self.field(key).touched = True
        self.check()
        wrong = next((key for key in _NEEDED_TO_ASK if self.field(key).wrong), None)
        if wrong is not None:
            self.go_to(self.field(wrong))
            return None
        return self._stated(self._name_for_asking())

    def _name_for_asking(self) -> str:
        """Return the name to use in answers: the one typed, else the server's."""
        typed = self._name_input.value.strip()
        return typed if typed and "/" not in typed else urlsplit(self._base_url.value).netloc

    async def _fetch(self, provider: Provider) -> None:
        models = await self._upstreams.list_models(provider)
        if not models:
            self._say_outcome(ok=False, words="the provider lists no models; type their names")
            return
        self._say_outcome(ok=True, words=f"the provider lists {_models(len(models))}")
        known = list(
            dict.fromkeys(line for text in self._models.text.splitlines() if (line := text.strip()))
        )
        unlisted = [model for model in known if model not in set(models)]
        items = [Item(model, model, note="not listed") for model in unlisted]
        items += [Item(model, model) for model in dict.fromkeys(models)]
        self.app.push_screen(
            Selection(
                "Which models?",
                items,
                known,
                help_text="Type to search, enter chooses the row marked, down leads into the list.",
            ),
            self._take_models,
        )

    def _take_models(self, picked: Picked) -> None:
        if picked is not None:
            self._models.text = "\n".join(picked)
            self._models.focus()

    def _test(self, provider: Provider, model: str) -> None:
        self._ask(provider, f"sending a tiny request to {model}", self._probe(provider, model))

    async def _probe(self, provider: Provider, model: str) -> None:
        probe = await self._upstreams.probe(provider, model)
        self._say_outcome(ok=probe.ok, words=f"{model}: {probe.text}")

    def _ask(self, provider: Provider, what: str, question: Coroutine[None, None, None]) -> None:
        self._asked, self._asking, self._since = provider, plain(what), monotonic()
        self._spinner = self.set_interval(_SPIN_SECONDS, self._spin)
        self._spin()
        self._worker = self.run_worker(self._answered(question), exit_on_error=False)
        self.refresh_bindings()

    async def _answered(self, question: Coroutine[None, None, None]) -> None:
        try:
            await question
        except UpstreamsError as error:
            self._say_outcome(ok=False, words=str(error))
        except Exception:
            log.exception("asking a provider failed")
            self._say_outcome(ok=False, words="asking failed in a way that is not known yet")
        finally:
            self._worker = None
            if self._spinner is not None:
                self._spinner.stop()

    def _spin(self) -> None:
        seconds = monotonic() - self._since
        frames = glyphs(self).spinner
        frame = frames[int(seconds / _SPIN_SECONDS) % len(frames)]
        self.show_outcome(f"{frame} {self._asking}, {seconds:.0f} s (esc stops)", "")

    def _say_outcome(self, *, ok: bool, words: str) -> None:
        signs = glyphs(self)
        if ok:
            self.show_outcome(f"{signs.right} {plain(words)}", "$text-success")
        else:
            self.show_outcome(f"{signs.wrong} {plain(words)}", "$text-error")

    def action_form_close(self) -> None:
        """Stop asking, or leave."""
        if self._worker is not None:
            self._worker.cancel()
            self.show_outcome("stopped", "dim")
        else:
            super().action_form_close()

    @on(Field.Changed)
    def _note_http_proxies(self) -> None:
        self._limits.note(len(self._keys.value))

    @on(Field.Changed)
    def _forget_outcome(self) -> None:
        """Take an outcome back that is not about what now stands here."""
        asked = self._asked
        if asked is None or self._worker is not None:
            return
        values = {**self.values, _QUIRKS: self._profiles()}
        if any(values[key] != getattr(asked, key) for key in _OUTDATING):
            self._asked = None
            self.show_outcome("", "")


def _models(count: int) -> str:
    return "1 model" if count == 1 else f"{count} models"


def preset_items() -> Sequence[Item]:
    """Return what a new provider can begin with."""
    by_hand = Item(_BY_HAND, "Any other, by hand")
    return [by_hand, *(_preset_item(preset) for preset in presets())]


def _preset_item(preset: Preset) -> Item:
    heading = "On this machine or network" if preset.local else "Vendors"
    return Item(_preset_key(preset), preset.title, heading, preset.note)


def _preset_key(preset: Preset) -> str:
    return f"{preset.title} {preset.protocol}"
