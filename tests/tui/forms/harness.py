"""A tiny app around one form, and the screen as text."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Generic, TypeVar

from textual.app import App
from textual.events import Key
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.screen import ModalScreen

from ccproxy_tui.config.models import AccessKey, Configuration, Group, Provider, Proxy, Target
from ccproxy_tui.tui.styles.themes import THEMES
from ccproxy_tui.tui.upstreams import Probe, UpstreamsError
from ccproxy_tui.tui.widgets.plain_scrollbar import draw_scrollbars
from tests.tui.screen_text import screen_text

T = TypeVar("T")

SMALL = (80, 24)
LARGE = (160, 50)
SECRET = "sk-verysecretkey-1234567890"
TOKEN = "cs-" + "a1B2" * 15 + "z"


class FakeUpstreams:
    """Answers at once, with an error, or only when let go."""

    def __init__(self) -> None:
        self.models = [f"model-{number:02}" for number in range(40)]
        self.answer = Probe(ok=True, text='answered in 0.8 s: "Hello"')
        self.error = ""
        self.held: asyncio.Event | None = None
        self.asked: list[Provider] = []
        self.probed: list[str] = []
        self.cancelled = False

    async def list_models(self, provider: Provider) -> list[str]:
        self.asked.append(provider)
        await self._wait()
        return self.models

    async def probe(self, provider: Provider, model: str) -> Probe:
        self.asked.append(provider)
        self.probed.append(model)
        await self._wait()
        return self.answer

    async def _wait(self) -> None:
        if self.held is not None:
            try:
                await self.held.wait()
            except asyncio.CancelledError:
                self.cancelled = True
                raise
        if self.error:
            raise UpstreamsError(self.error)


class Stage(App[None], Generic[T]):
    """Shows one screen and keeps what it hands back."""

    def __init__(self, make: Callable[[], ModalScreen[T]], theme: str, *, ascii_only: bool) -> None:
        super().__init__()
        self._make = make
        self._theme_name = theme
        self.set_class(ascii_only, "-ascii")
        draw_scrollbars(plainly=ascii_only)
        self.results: list[T | None] = []

    def on_mount(self) -> None:
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = self._theme_name
        self.push_screen(self._make(), self.results.append)


class Play(Generic[T]):
    """What a test does with a stage."""

    def __init__(self, app: Stage[T], pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    async def press(self, *keys: str) -> None:
        """Press keys one after the other, each when all is done that the last one caused."""
        for key in keys:
            await self._send(key)
            await self.pilot._wait_for_screen()
        await self.pilot.pause()

    async def _send(self, name: str) -> None:
        character = {"space": " ", "slash": "/"}.get(name, name)
        self.app.post_message(Key(name, character if len(character) == 1 else None))
        await self.pilot._wait_for_screen()

    async def type(self, text: str) -> None:
        """Type in one burst: pressing waits 40 ms a key."""
        for character in text:
            self.app.post_message(Key(_character_to_key(character), character))
        await self.pilot.pause()

    async def settle(self) -> None:
        await self.app.workers.wait_for_complete()
        await self.pilot.pause()

    @property
    def text(self) -> str:
        return screen_text(self.app)

    @property
    def words(self) -> str:
        """The text without the frame, as if nothing had been wrapped."""
        return " ".join(self.text.replace("│", " ").split())

    @property
    def result(self) -> T | None:
        assert len(self.app.results) == 1, "the screen has not been left"
        return self.app.results[0]

    @property
    def open(self) -> bool:
        return not self.app.results


@asynccontextmanager
async def play(
    make: Callable[[], ModalScreen[T]],
    size: tuple[int, int] = SMALL,
    theme: str = "ccproxy-dark",
    *,
    ascii_only: bool = False,
) -> AsyncIterator[Play[T]]:
    app = Stage(make, theme, ascii_only=ascii_only)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield Play(app, pilot)


def configuration(**changes: Any) -> Configuration:
    given: dict[str, Any] = {
        "providers": (
            Provider(
                name="local",
                base_url="http://127.0.0.1:8080/v1",
                api_keys=(SECRET, "env:CCPROXY_TEST_UNSET"),
                models=("qwen3-coder", "qwen3-235b", "glm-4.6"),
            ),
            Provider(
                name="cloud",
                base_url="https://cloud.example/v1",
                models=("qwen-max", "sonnet"),
                disabled=True,
            ),
        ),
        "groups": (Group(name="default"), Group(name="qwen", prompt_injection="enhance")),
        "proxies": (
            Proxy(group="qwen", alias="claude-*", targets=_targets("local/qwen3-coder")),
            Proxy(group="qwen", alias="claude-opus-4", targets=_targets("cloud/qwen-max")),
        ),
        "keys": (AccessKey(name="laptop", token=TOKEN),),
    }
    return Configuration.model_validate({**given, **changes})


def _targets(*texts: str) -> tuple[Target, ...]:
    return tuple(Target.model_validate(text) for text in texts)
