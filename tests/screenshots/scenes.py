"""What the pictures show, in the order in which they are taken."""

from collections.abc import Callable

from ccproxy_tui.config.models import Configuration
from ccproxy_tui.traffic.call import Call, Phase
from ccproxy_tui.tui.styles.themes import ANSI, DARK, LIGHT
from tests.screenshots.picture import Picture
from tests.screenshots.stage import MIDDLE, NARROW, WIDE, Stage, demo, first_start

_CALLS_TO_FILL_A_LOG = 44


class SecretShownError(Exception):
    """A picture shows a token or an API key."""


async def take_all() -> list[Picture]:
    """Take all pictures; raises `NeverCameError` or `SecretShownError`."""
    pictures: list[Picture] = []
    async with first_start(pictures) as stage:
        await _welcome(stage)
        _refusesecrets_of(stage)
    async with demo(pictures) as stage:
        await stage.until(lambda: len(stage.calls) >= _CALLS_TO_FILL_A_LOG, "enough calls", 300)
        await _log(stage)
        await _inspector(stage)
        await _replay(stage)
        await _dashboard(stage)
        await _pool(stage)
        await _forms(stage)
        await _looks(stage)
        _refusesecrets_of(stage)
    return pictures


async def _welcome(stage: Stage) -> None:
    await stage.resize(MIDDLE)
    await stage.press("v")
    await stage.take("welcome")


async def _log(stage: Stage) -> None:
    await _find(stage, _is_long_and_converted)
    await stage.press("enter", "5", "f")
    await stage.until(stage.busy, "a busy log")
    await stage.take("main")
    await stage.resize(NARROW)
    await stage.until(stage.busy, "a busy log")
    await stage.take("main-80x24")

    await stage.press("slash")
    await stage.type("dur:>2s tool:")
    await stage.until(lambda: "tabtakes" in stage.words(), "what can be typed")
    await stage.take("filter-80x24")
    await stage.press("escape", "escape", "E")
    await stage.until(lambda: "HAR" in stage.words(), "the export form")
    await stage.take("export-80x24")
    await stage.press("escape")

    await stage.resize(MIDDLE)
    await stage.press("5", "z", "S")
    await stage.until(lambda: "turns" in stage.words() and stage.busy(), "sessions")
    await stage.take("sessions")
    await stage.press("S")


async def _inspector(stage: Stage) -> None:
    """Look into calls, each over the whole screen."""
    await _look_into(stage, lambda call: len(call.attempts) > 1 and call.phase is Phase.DONE)
    await stage.take("inspect")
    await _look_into(stage, _is_long_and_converted, "What changed", "fromtheclient")
    await stage.take("changes")
    await _look_into(stage, _is_long_and_converted, "Raw", "Requestupstream")
    await stage.take("raw")
    await _look_into(stage, _is_long_and_converted, "Context", "share")
    await stage.take("context")
    await _look_into(stage, stage.missed_the_cache, "Cache", "Againstthecallbefore")
    await stage.take("cache")
    while "argumentsof" not in stage.words():
        await _look_into(stage, _is_writing_code, "Conversation")
        await stage.pilot.pause(0.5)
    await stage.take("conversation")
    await stage.press("5", "z")


async def _replay(stage: Stage) -> None:
    """Send a call again, to another vendor's model, and compare the two."""
    await _find(stage, _is_long_and_converted)
    await stage.press("r", "tab", "tab", "tab")
    await stage.type("demo-claude/demo-large")
    await stage.take("replay")
    await stage.press("ctrl+s")
    await stage.until(lambda: "thebetterone" in stage.words(), "a comparison")
    await stage.until(stage.replayed, "the end of the replay")
    await stage.take("compare")
    await stage.press("escape", "f")


async def _dashboard(stage: Stage) -> None:
    await stage.press("7", "]")
    await stage.until(lambda: "requests·" in stage.words(), "the dashboard")
    await stage.press("tab", "tab")
    await stage.take("dashboard")
    await stage.press("escape")


async def _look_into(
    stage: Stage, fits: Callable[[Call], bool], tab: str = "Overview", words: str = ""
) -> None:
    await _find(stage, fits)
    await stage.press("enter", "6")
    stage.open_tab(tab)
    await stage.until(lambda: words in stage.words(), tab)


async def _find(stage: Stage, fits: Callable[[Call], bool]) -> None:
    """Put the log's cursor on the newest call that is worth a look; waits for one."""
    await stage.press("5", "k")
    await stage.until(lambda: any(map(fits, stage.calls)), "a call worth a look")
    call = next(call for call in reversed(stage.calls) if fits(call))
    stage.app.main.log_pane.rows.select(call.id)
    await stage.pilot.pause()


def _is_long_and_converted(call: Call) -> bool:
    return (
        call.phase is Phase.DONE
        and call.upstream_protocol != call.protocol
        and call.tokens.output > 100
        and call.tokens.cache_read > 0
        and "Edit" in call.tools
        and call.group == "qwen"
        and not call.agent
    )


def _is_writing_code(call: Call) -> bool:
    if call.phase is not Phase.STREAMING or call.exchange is None:
        return False
    return 8 < call.exchange.client_reply.body.count(b"input_json_delta") < 24


async def _pool(stage: Stage) -> None:
    await stage.resize(MIDDLE)
    await stage.press("1", "G", "2", "c")
    await stage.until(lambda: "Acallnowgoesto" in stage.words(), "how the candidates stand")
    await stage.take("candidates")
    await stage.press("escape")


async def _forms(stage: Stage) -> None:
    await stage.resize(MIDDLE)
    await stage.press("4", "g", "e", "ctrl+t", "enter")
    await stage.until(lambda: "answered" in stage.words(), "the answer to a test")
    await stage.take("provider-form")
    await stage.press("escape")

    await stage.press("1", "g", "j", "e")
    await stage.take("group-form")
    await stage.press("ctrl+l")
    await stage.until(lambda: "whichonetoinsert" in stage.words(), "the prompts")
    await stage.take("prompts")
    await stage.press("escape")
    await stage.press("ctrl+r")
    await stage.until(lambda: "goesto" in stage.words(), "the preview")
    await stage.take("preview")
    await stage.press("escape")
    await stage.press("escape")

    await stage.press("2", "a")
    await stage.type("claude-fable-*")
    await stage.press("tab", "tab")
    await stage.type("demo")
    await stage.press("down", "down", "space")
    await stage.take("proxy-form")
    await stage.press("escape", "y")

    await stage.press("3", "a")
    await stage.type("Codex")
    await stage.press("ctrl+s")
    await stage.until(lambda: "AccesskeyCodex" in stage.words(), "the new key")
    await stage.press("v")
    await stage.take("new-key")
    await stage.press("enter", "u")

    await stage.press("5", "question_mark")
    await stage.take("help")
    await stage.press("escape")


async def _looks(stage: Stage) -> None:
    await stage.resize(WIDE)
    for theme, name in ((LIGHT, "light"), (ANSI, "16-colours")):
        await stage.wear(theme.name)
        await stage.until(stage.busy, "a busy log")
        await stage.take(name)
    await stage.wear(DARK.name)


def _refusesecrets_of(stage: Stage) -> None:
    secrets = secrets_of(stage.app.live.value)
    for picture in stage.pictures:
        words = picture.words()
        if any(secret in words for secret in secrets):
            raise SecretShownError(picture.name)


def secrets_of(configuration: Configuration) -> list[str]:
    """Return the middles of all secrets, as their ends may be shown."""
    tokens = [key.token for key in configuration.keys]
    api_keys = [key for provider in configuration.providers for key in provider.api_keys]
    return [secret[8:20] for secret in (*tokens, *api_keys)]
