"""What is done with a call, whoever asks for it: log or inspector."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from textual.app import App

from ccproxy_tui.config.live import LiveConfiguration
from ccproxy_tui.inspection.export import whole
from ccproxy_tui.traffic.call import Call, Exchange
from ccproxy_tui.tui.call_control import CallControl
from ccproxy_tui.tui.call_forms import call_forms
from ccproxy_tui.tui.call_log import CallLog
from ccproxy_tui.tui.clipboard import copy
from ccproxy_tui.tui.exporting import Exporting, ExportWish
from ccproxy_tui.tui.facts import facts_text
from ccproxy_tui.tui.panes.call_pane import CallVerb
from ccproxy_tui.tui.private_file import path_problem, typed_path, writing
from ccproxy_tui.tui.records import Records
from ccproxy_tui.tui.screens.ask_line import AskLine
from ccproxy_tui.tui.screens.compare import Compare
from ccproxy_tui.tui.screens.confirm import Confirm
from ccproxy_tui.tui.screens.copy_as import CopyAs
from ccproxy_tui.tui.screens.export_form import ExportForm, replace_question
from ccproxy_tui.tui.screens.replay_form import ReplayForm
from ccproxy_tui.tui.screens.why import Why

_LONGEST_REMARK = 500


class CallActions:
    """Does what panes ask for; everything that it awaits belongs into a worker."""

    def __init__(
        self,
        app: App[Any],
        live: LiveConfiguration,
        records: Records,
        control: CallControl,
        calls: CallLog,
        changed: Callable[[Call], object],
        catch_up: Callable[[], object],
        base_url: str,
    ) -> None:
        """`changed` is told of a call whose mark or remark is another now; `catch_up` brings calls
        that have only just begun into the log."""
        self._app = app
        self._live = live
        self._records = records
        self._control = control
        self._calls = calls
        self._changed = changed
        self._catch_up = catch_up
        self._base_url = base_url
        self._exporting: Exporting | None = None

    async def carry_out(self, call: Call, verb: CallVerb) -> None:
        """Do it."""
        match verb:
            case "why":
                self._app.push_screen(Why(call))
            case "copy":
                await self._copy(facts_text(call), f"call #{call.id}")
            case "copy_as":
                await self._copy_as(call)
            case "mark":
                await self._annotate(call, marked=not call.marked, remark=call.remark)
            case "remark":
                await self._remark(call)
            case "cancel":
                await self._cancel(call)
            case "compare":
                self._compare(call)
            case "replay":
                await self._replay(call)
            case "save":
                await self._save(call)

    async def _exchange(self, call: Call) -> Exchange | None:
        return call.exchange or await self._records.exchange(call.id)

    # --- copying -----------------------------------------------------------------------------

    async def _copy(self, text: str, what: str) -> None:
        self._app.notify(f"{what}: {await copy(self._app, text)}")

    async def _copy_as(self, call: Call) -> None:
        exchange = await self._exchange(call)
        forms = await asyncio.to_thread(call_forms, call, exchange, self._base_url)
        form = await self._app.push_screen_wait(CopyAs(f"Copy call #{call.id} as", forms))
        if form is not None and form.make is not None:
            await self._copy(form.make(), f"call #{call.id}, {form.name}")

    # --- marks and remarks -------------------------------------------------------------------

    async def _remark(self, call: Call) -> None:
        text = await self._app.push_screen_wait(
            AskLine(
                f"Remark on call #{call.id}",
                call.remark,
                "The log shows it, and a filter finds it. Empty takes it away.",
                problem_of=_remark_problem,
            )
        )
        if text is not None and text != call.remark:
            await self._annotate(call, marked=call.marked, remark=text)

    async def _annotate(self, call: Call, *, marked: bool, remark: str) -> None:
        call.marked, call.remark = marked, remark
        self._changed(call)
        await self._records.annotate(call.id, marked=marked, remark=remark)

    # --- cancelling --------------------------------------------------------------------------

    async def _cancel(self, call: Call) -> None:
        if not call.live:
            self._app.notify(
                f"Call #{call.id} is over; only a running one can be cancelled.",
                severity="warning",
            )
            return
        where = f" at {call.target}" if call.target else ""
        question = Confirm(
            f"Cancel call #{call.id}?",
            [
                f"{call.requested or call.path}{where} is running.",
                "Its client gets an error that it understands; what the model has done is paid for.",
            ],
            "Cancel the call",
            no_label="Let it run",
        )
        if await self._app.push_screen_wait(question):
            if await self._control.cancel(call.id):
                self._app.notify(f"Call #{call.id} is cancelled.")
            else:
                self._app.notify(f"Call #{call.id} was over already.", severity="warning")

    # --- replaying and comparing -------------------------------------------------------------

    async def _replay(self, call: Call) -> None:
        exchange = await self._exchange(call)
        if exchange is None or not exchange.client_request.chunks:
            self._app.notify(
                f"The request of call #{call.id} was not kept. Let its group capture bodies in "
                "full, then its next calls can be sent again.",
                severity="warning",
                timeout=10,
            )
            return
        form = ReplayForm(call, exchange.client_request, self._live.value, self._control.replay)
        number = await self._app.push_screen_wait(form)
        if number is not None:
            self._app.push_screen(Compare(call.id, number, self._find(call), self._records))

    def _compare(self, call: Call) -> None:
        others = [other for other in self._calls.marked() if other.id != call.id]
        if not others:
            self._app.notify(f"Mark another call first: m; then = compares it with #{call.id}.",
                             severity="warning")  # fmt: skip
            return
        other = others[-1]
        self._app.push_screen(Compare(other.id, call.id, self._find(call, other), self._records))

    def _find(self, *known: Call) -> Callable[[int], Call | None]:
        """Return how a call is found by its id; those that are shown may have left the log."""
        kept = {call.id: call for call in known}

        def find(number: int) -> Call | None:
            call = kept.get(number) or self._calls.get(number)
            if call is None:
                self._catch_up()
                call = self._calls.get(number)
            return call

        return find

    # --- files -------------------------------------------------------------------------------

    async def _save(self, call: Call) -> None:
        exchange = await self._exchange(call)
        typed = await self._app.push_screen_wait(
            AskLine(
                f"Save call #{call.id}",
                f"ccproxy-call-{call.id}.json",
                "Its facts and four messages as they are, into a file that only you can read."
                if exchange is not None
                else "Its facts only, as its messages were not kept.",
                problem_of=lambda text: path_problem(typed_path(text)),
            )
        )
        if typed is None:
            return
        path = typed_path(typed)
        replace = path.exists()
        if replace and not await self._app.push_screen_wait(replace_question(path)):
            return
        try:
            await asyncio.to_thread(_write, path, call, exchange or Exchange(), replace)
        except OSError as error:
            self._complain(path, error)
        else:
            self._app.notify(f"Call #{call.id} is in {path}.")

    async def export(self, calls: Sequence[Call], filter_text: str) -> None:
        """Write calls to a file; when an export runs, show that one."""
        many = f"{len(calls):,} call{'' if len(calls) == 1 else 's'}"
        what = f"{many} of /{filter_text}" if filter_text else many
        running = self._exporting

        def begin(wish: ExportWish) -> Exporting:
            exporting = Exporting(self._records, calls, wish)
            self._exporting = exporting
            self._app.run_worker(self._export(exporting), group="export", exit_on_error=False)
            return exporting

        await self._app.push_screen_wait(ExportForm(what, begin, running))

    async def _export(self, exporting: Exporting) -> None:
        try:
            self._app.notify(await exporting.run(), timeout=10)
        except OSError as error:
            self._complain(exporting.wish.path, error)
        finally:
            self._exporting = None

    def _complain(self, path: Path, error: OSError) -> None:
        why = error.strerror or str(error)
        self._app.notify(f"{path}: {why}; choose another place.", severity="error", timeout=10)


def _write(path: Path, call: Call, exchange: Exchange, replace: bool) -> None:  # noqa: FBT001
    with writing(path, replace=replace) as file:
        file.write(whole(call, exchange))


def _remark_problem(text: str) -> str:
    return f"at most {_LONGEST_REMARK} characters" if len(text) > _LONGEST_REMARK else ""
