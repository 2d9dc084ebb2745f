"""Sending a call again: as it was, edited, to another group or model, or to a target of one's own."""

from collections.abc import Awaitable, Callable, Iterable
from typing import ClassVar

from textual import work
from textual.binding import BindingType
from textual.suggester import SuggestFromList
from textual.worker import Worker

from ccproxy_tui.config.models import Configuration
from ccproxy_tui.traffic.call import Call, Message
from ccproxy_tui.tui.background import report_failure
from ccproxy_tui.tui.call_control import Replay, ReplayError
from ccproxy_tui.tui.commands import bindings
from ccproxy_tui.tui.editor import edit_text
from ccproxy_tui.tui.fields.check_list import Item
from ccproxy_tui.tui.fields.choice import Choice
from ccproxy_tui.tui.fields.field import Field
from ccproxy_tui.tui.fields.text import LineInput
from ccproxy_tui.tui.quantities import dollars
from ccproxy_tui.tui.replay_body import BodyError, edited_body, laid_out
from ccproxy_tui.tui.screens.selection import Selection
from ccproxy_tui.tui.screens.task import TaskScreen

_AS_IT_WAS, _EDITED = "as it was", "edited"
_NOBODY = "whom the pool chooses"

Send = Callable[[Replay], Awaitable[int]]
"""Sends it and returns the new call's id; raises `ReplayError`."""


class ReplayForm(TaskScreen[int | None]):
    """A form over one recorded call; it ends with the new call's id."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("replay")]

    def __init__(
        self, call: Call, request: Message, configuration: Configuration, send: Send
    ) -> None:
        self._call = call
        self._request = request
        self._send = send
        self._text = ""
        """What was edited, be it right or wrong; empty before."""
        self._wrong = ""
        self._sending = False
        self._targets = [
            f"{provider.name}/{model}"
            for provider in configuration.providers
            if not provider.disabled
            for model in provider.models
        ]
        groups = [group.name for group in configuration.groups if not group.disabled]
        groups += [call.group] if call.group and call.group not in groups else []
        self._aliases = sorted(
            {proxy.alias for proxy in configuration.proxies if not proxy.disabled}
        )
        self._body = Choice([(False, _AS_IT_WAS), (True, _EDITED)], False)
        self._group = Choice([(name, name) for name in groups], call.group or groups[0])
        self._model = LineInput(
            call.requested, suggester=SuggestFromList(self._names), select_on_focus=False
        )
        self._target = LineInput(
            placeholder=_NOBODY, suggester=SuggestFromList(self._targets), select_on_focus=False
        )
        super().__init__(f"Replay call #{call.id}", _intro(call))

    @property
    def _names(self) -> list[str]:
        """Names that a client may ask for."""
        return [alias for alias in self._aliases if "*" not in alias]

    def make_fields(self) -> Iterable[Field]:
        """Return what can be different this time."""
        yield Field("body", "Request", self._body, "ctrl+o opens its JSON in $EDITOR.")
        yield Field("group", "Group", self._group,
                    "Whose aliases and rules it goes through.")  # fmt: skip
        yield Field("model", "Model", self._model,
                    f"What the client asks for; enter sends it. Aliases: {', '.join(self._aliases) or 'none'}.")  # fmt: skip
        yield Field("target", "Target", self._target,
                    "provider/model to send it to, whatever the alias says; ctrl+t lists them. "
                    "Empty: the pool chooses, as for every call. enter sends it.")  # fmt: skip

    def begin(self) -> None:
        """Send it, if nothing is wrong."""
        if problem := self._problem():
            self.complain(problem)
            self.app.bell()
        elif not self._sending:
            self._sending = True
            self._go(self._replay())

    action_replay_send = begin

    def _problem(self) -> str:
        if self._body.value and not self._text:
            return "Request: nothing is edited yet; ctrl+o opens it"
        if self._body.value and self._wrong:
            return "Request: it is no JSON yet; ctrl+o opens it again, as you left it"
        if not self._model.value.strip():
            return "Model: it must ask for one"
        target = self._target.value.strip()
        if target and not any(target.startswith(f"{name}/") for name in self._providers):
            return f"Target: there is no provider for {target}; ctrl+t lists what there is"
        return ""

    @property
    def _providers(self) -> set[str]:
        return {target.partition("/")[0] for target in self._targets}

    def _replay(self) -> Replay:
        group, model = self._group.value, self._model.value.strip()
        return Replay(
            self._call,
            self._request,
            body=edited_body(self._text) if self._body.value else None,
            group="" if group == self._call.group else group,
            model="" if model == self._call.requested else model,
            target=self._target.value.strip(),
        )

    @work(group="replay", exit_on_error=False)
    async def _go(self, replay: Replay) -> None:
        try:
            number = await self._send(replay)
        except ReplayError as error:
            self.complain(str(error))
            return
        finally:
            self._sending = False
        self.dismiss(number)

    @work(exclusive=True, group="editor", exit_on_error=False)
    async def action_replay_editor(self) -> None:
        """Edit the request's JSON; what is wrong in it is kept, to be edited again."""
        before = self._text or laid_out(self._request.body)
        text = await edit_text(self.app, before, ".json")
        if text is None:
            return
        self._text, self._wrong = text, ""
        try:
            edited_body(text)
        except BodyError as error:
            self._wrong = str(error)
        self._body.choose(True)
        self._fields[0].show_problem(self._wrong)
        self._fields[0].show_note("" if self._wrong else f"{len(text):,} characters of JSON")

    @work(exclusive=True, group="picker", exit_on_error=False)
    async def action_replay_target(self) -> None:
        """Choose a target from a list."""
        items = [Item("", f"({_NOBODY})"), *(Item(target, target) for target in self._targets)]
        picked = await self.app.push_screen_wait(
            Selection("Send it to", items, single=True, help_text="The models of all providers.")
        )
        if picked is not None:
            self._target.value = picked[0]
            self._target.focus()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say what went wrong in the background."""
        report_failure(event)


def _intro(call: Call) -> str:
    tokens = call.tokens
    spent = [f"{tokens.context:,} in, {tokens.output:,} out"] if tokens.context else []
    if call.cost is not None:
        spent.append(dollars(call.cost))
    last = f" ({', '.join(spent)})" if spent else ""
    to = f" → {call.target}" if call.target else ""
    return (
        f"{call.requested or call.path} · group {call.group}{to}\n"
        f"Its tokens are paid for again{last}.\n"
        "ccproxy runs no tools, so nothing else happens."
    )
