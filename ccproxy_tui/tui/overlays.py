"""Screens that belong to no pane: help, palette, settings, welcome, the question before quitting."""

from typing import Literal

from textual import work
from textual.app import App
from textual.command import CommandPalette

from ccproxy_tui.config.first import is_demo
from ccproxy_tui.config.live import LiveConfiguration
from ccproxy_tui.config.models import Prompt
from ccproxy_tui.config.prompts import shipped
from ccproxy_tui.tui.configure import Configure
from ccproxy_tui.tui.figures import Figures
from ccproxy_tui.tui.panes.log import LogPane
from ccproxy_tui.tui.previews import Previews
from ccproxy_tui.tui.records import Records
from ccproxy_tui.tui.screens.confirm import Confirm
from ccproxy_tui.tui.screens.help import Help
from ccproxy_tui.tui.screens.preview import PreviewScreen, Subject
from ccproxy_tui.tui.screens.prompt_form import PromptForm
from ccproxy_tui.tui.screens.prompt_library import PromptLibrary
from ccproxy_tui.tui.screens.settings import SettingsForm
from ccproxy_tui.tui.screens.takes_prompts import TakesPrompts
from ccproxy_tui.tui.screens.welcome import Welcome
from ccproxy_tui.tui.status import ProxyStatus

ExitReason = Literal["quit", "hangup"]


class Overlays(App[ExitReason], inherit_bindings=False):
    """The part of the app that opens them."""

    live: LiveConfiguration
    configure: Configure
    figures: Figures
    previews: Previews
    records: Records
    status: ProxyStatus
    demo: bool
    first_run: bool

    def welcome_newcomer(self) -> None:
        """Open the welcome for somebody who has nothing but the scripted model yet."""
        providers = self.live.value.providers
        newcomer = self.first_run or (bool(providers) and all(map(is_demo, providers)))
        if newcomer and not self.demo:
            self.action_app_welcome()

    def action_app_welcome(self) -> None:
        """Show how to point Claude Code here."""
        configuration = self.live.value
        keys = [key for key in configuration.keys if not key.disabled]
        if not keys:
            self.notify("There is no access key yet: 3, then a.", severity="warning")
            return
        self.push_screen(
            Welcome(
                self.status.base_url,
                keys[0].token,
                full=self.first_run,
                group=configuration.settings.active_group,
                scripted=all(map(is_demo, configuration.providers)),
            )
        )

    def action_app_palette(self) -> None:
        """Search all commands."""
        if not isinstance(self.screen, CommandPalette):
            self.push_screen(CommandPalette(id="palette"))

    def action_app_help(self) -> None:
        """Show all keys."""
        self.push_screen(Help(self.screen))

    @work(group="configure", exit_on_error=False)
    async def action_app_settings(self) -> None:
        """Change the settings."""
        made_from = self.live.value
        edit = await self.push_screen_wait(SettingsForm(made_from))
        if edit is not None:
            await self.configure.apply(edit, made_from)

    def action_app_prompts(self) -> None:
        """Show the prompts."""
        self.push_screen(PromptLibrary(shipped(), self.live, self.configure))

    def on_takes_prompts_library_asked(self, event: TakesPrompts.LibraryAsked) -> None:
        """Let a form have a prompt."""

        def give(prompt: Prompt | None) -> None:
            if prompt is not None:
                event.form.take(prompt)

        library = PromptLibrary(shipped(), self.live, self.configure, inserts=True)
        self.push_screen(library, give)

    def on_takes_prompts_keep_asked(self, event: TakesPrompts.KeepAsked) -> None:
        """Keep a form's text."""
        self._keep_prompt(event.name, event.text)

    @work(group="configure", exit_on_error=False)
    async def _keep_prompt(self, name: str, text: str) -> None:
        made_from = self.live.value
        taken = [prompt.name for prompt in shipped()]
        edit = await self.push_screen_wait(PromptForm(made_from, taken, name=name, text=text))
        if edit is not None and await self.configure.apply(edit, made_from):
            self.notify(f"{edit.focus} is one of your prompts now.")

    def on_preview_screen_asked(self, event: PreviewScreen.Asked) -> None:
        """Show what a recorded call would become under a group that is being edited."""
        self.push_screen(PreviewScreen(self.previews, self.records, event.subject))

    def on_log_pane_preview_asked(self, event: LogPane.PreviewAsked) -> None:
        """Show what a call would become now."""
        subject = Subject(self.live.value, event.call.group, event.call)
        self.push_screen(PreviewScreen(self.previews, self.records, subject))

    async def action_quit(self) -> None:
        """Quit; asks when calls run."""
        if self.figures.live and not self.demo:
            self._ask_to_quit()
        else:
            self.exit("quit")

    @work(exclusive=True, group="quit")
    async def _ask_to_quit(self) -> None:
        count = len(self.figures.live)
        calls = "1 call is" if count == 1 else f"{count} calls are"
        question = Confirm("Quit?", f"{calls} running and would be cut off.", "Quit")
        if await self.push_screen_wait(question):
            self.exit("quit")

    def action_app_leave(self) -> None:
        """Quit without asking."""
        self.exit("quit")
