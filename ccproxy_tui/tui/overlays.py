"""Screens that belong to no pane: help, palette, settings, welcome, the question before quitting."""

from typing import Literal

from textual import work
from textual.command import CommandPalette

from ccproxy_tui.config.first import is_demo
from ccproxy_tui.config.live import LiveConfiguration
from ccproxy_tui.config.models import Prompt
from ccproxy_tui.config.prompts import shipped
from ccproxy_tui.tui.configure import Configure
from ccproxy_tui.tui.figures import Figures
from ccproxy_tui.tui.panes.filter_line import CallFilterInput
from ccproxy_tui.tui.panes.log import LogPane
from ccproxy_tui.tui.previews import Previews
from ccproxy_tui.tui.records import Records
from ccproxy_tui.tui.remembered import Memory
from ccproxy_tui.tui.screens.ask_line import AskLine
from ccproxy_tui.tui.screens.confirm import Confirm
from ccproxy_tui.tui.screens.dashboard import Dashboard
from ccproxy_tui.tui.screens.help import FILTER_TERMS, Help
from ccproxy_tui.tui.screens.main import MainScreen
from ccproxy_tui.tui.screens.preview import PreviewScreen, Subject
from ccproxy_tui.tui.screens.prompt_form import PromptForm
from ccproxy_tui.tui.screens.prompt_library import PromptLibrary
from ccproxy_tui.tui.screens.saved_filters import SavedFilters, problem_of_name
from ccproxy_tui.tui.screens.settings import SettingsForm
from ccproxy_tui.tui.screens.takes_prompts import TakesPrompts
from ccproxy_tui.tui.screens.welcome import Welcome
from ccproxy_tui.tui.status import ProxyStatus
from ccproxy_tui.tui.typed_ahead import TypedAhead

ExitReason = Literal["quit", "hangup"]


class Overlays(TypedAhead[ExitReason], inherit_bindings=False):
    """The part of the app that opens them."""

    live: LiveConfiguration
    configure: Configure
    figures: Figures
    memory: Memory
    main: MainScreen
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

    def action_app_dashboard(self) -> None:
        """Show what the calls add up to."""

        def show_calls(filter_text: str | None) -> None:
            if filter_text is not None:
                self.main.show_calls(filter_text)

        self.push_screen(Dashboard(self.records), show_calls)

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

    def on_call_filter_input_help_asked(self) -> None:
        """Show what can be typed as a filter."""
        self.push_screen(Help(self.screen, at=FILTER_TERMS))

    def on_call_filter_input_saved_asked(self, event: CallFilterInput.SavedAsked) -> None:
        """Let the filter's line have a saved one."""

        def give(text: str | None) -> None:
            if text is not None:
                event.line.put(text)

        self.push_screen(SavedFilters(self.memory), give)

    def on_call_filter_input_save_asked(self, event: CallFilterInput.SaveAsked) -> None:
        """Keep a filter under a name."""
        self._save_filter(event.text)

    @work(group="filters", exit_on_error=False)
    async def _save_filter(self, text: str) -> None:
        saved = self.memory.value.saved_filters
        known = next((name for name, kept in saved.items() if kept == text), "")
        question = AskLine("Save the filter as", known, text, problem_of=problem_of_name)
        name = (await self.push_screen_wait(question) or "").removeprefix("@")
        if name:
            self.memory.change(saved_filters=self.memory.value.saved_filters | {name: text})
            self.notify(f"Saved; @{name} in the filter's line takes it, ctrl+l lists them all.")

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
