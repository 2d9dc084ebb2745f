"""Carrying out edits: forms are opened, their results saved, and what happened is said."""

from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import ValidationError
from textual.app import App

from ccproxy_tui.config import edits
from ccproxy_tui.config.live import LiveConfiguration
from ccproxy_tui.config.models import Configuration, Group
from ccproxy_tui.config.store import ConflictError
from ccproxy_tui.tui.clipboard import copy
from ccproxy_tui.tui.kinds import Item, Kind, changed
from ccproxy_tui.tui.panes.config_pane import Verb
from ccproxy_tui.tui.screens.confirm import ConfirmDelete
from ccproxy_tui.tui.screens.edit import Edit
from ccproxy_tui.tui.screens.template_form import TemplateForm
from ccproxy_tui.tui.upstreams import Upstreams, UpstreamsError

T = TypeVar("T", bound=Item)


class Configure:
    """Does what panes ask for; everything that it awaits belongs into a worker."""

    def __init__(
        self, app: App[Any], live: LiveConfiguration, upstreams: Upstreams, base_url: str
    ) -> None:
        self._app = app
        self._live = live
        self._upstreams = upstreams
        self._base_url = base_url

    async def carry_out(
        self, kind: Kind[T], verb: Verb, item: T | None, select: Callable[[str], object]
    ) -> None:
        """Do it; `select` is called with the name of what was added or edited."""
        if verb == "add":
            await self._form(kind, None, select, duplicate=False)
        elif item is None:
            self._app.notify(f"No {kind.noun} is selected; a adds one.", severity="warning")
        elif verb in {"edit", "duplicate"}:
            await self._form(kind, item, select, duplicate=verb == "duplicate")
        elif verb == "delete":
            await self._delete(kind, item)
        elif verb == "toggle":
            await self._toggle(kind, item)
        elif verb in {"up", "down"}:
            await self._move(kind, item, -1 if verb == "up" else 1)
        elif verb == "activate" and isinstance(item, Group):
            await self.activate(item.name)
        elif verb == "template" and isinstance(item, Group):
            await self._spread(item)
        elif verb == "test":
            await self._test(kind, item)
        elif verb == "copy":
            how = await copy(self._app, kind.copy_text(item, self._base_url))
            self._app.notify(f"{kind.noun} {kind.name(item)}: {how}")

    async def apply(self, edit: Edit, made_from: Configuration) -> bool:
        """Save an edit; when the configuration has moved on, the edit is repeated on what is."""
        try:
            moved = self._live.value is not made_from
            value = edit.change(self._live.value) if moved else edit.value
            try:
                await self._live.apply(value, edit.what)
            except ConflictError:
                await self._live.apply(edit.change(self._live.value), edit.what)
        except ValidationError as error:
            self._complain(edit.what, "; ".join(problem["msg"] for problem in error.errors()))
            return False
        except (ConflictError, OSError) as error:
            self._complain(edit.what, str(error))
            return False
        self._app.notify(f"{edit.what} · u undoes")
        return True

    async def undo(self) -> None:
        """Take back the last edit."""
        await self._step(self._live.undo, "Undone", "Nothing to undo.")

    async def redo(self) -> None:
        """Do again what was taken back."""
        await self._step(self._live.redo, "Done again", "Nothing to do again.")

    async def activate(self, group: str) -> None:
        """Let /switch lead to a group."""

        def change(configuration: Configuration) -> Configuration:
            settings = configuration.settings.model_copy(update={"active_group": group})
            return edits.put_settings(configuration, settings)

        await self._change(change, f"make {group} the active group")

    async def _step(self, step: Callable[[], Any], done: str, none: str) -> None:
        try:
            what = await step()
        except ConflictError:
            self._app.notify("The configuration was changed elsewhere; it is shown now.",
                             severity="warning")  # fmt: skip
            return
        if what is None:
            self._app.notify(none, severity="warning")
        else:
            self._app.notify(f"{done}: {what}")

    async def _form(
        self, kind: Kind[T], item: T | None, select: Callable[[str], object], *, duplicate: bool
    ) -> None:
        made_from = self._live.value
        if duplicate and item is not None:
            item = kind.copy(made_from, item)
        form = kind.form(made_from, self._upstreams, item, duplicate=duplicate)
        edit = await self._app.push_screen_wait(form)
        if edit is None or not await self.apply(edit, made_from):
            return
        if edit.focus:
            select(edit.focus)
        if edit.then is not None:
            await self._app.push_screen_wait(edit.then)

    async def _spread(self, template: Group) -> None:
        made_from = self._live.value
        if len(made_from.groups) == 1:
            self._app.notify("There is no other group to change; a adds one.", severity="warning")
            return
        edit = await self._app.push_screen_wait(TemplateForm(made_from, template))
        if edit is not None:
            await self.apply(edit, made_from)

    async def _delete(self, kind: Kind[T], item: T) -> None:
        name = f"{kind.noun} {kind.name(item)}"
        made_from = self._live.value
        try:
            edit = Edit.of(made_from, lambda now: kind.delete(now, item), f"delete {name}")
        except ValidationError as error:
            self._complain(f"delete {name}", error.errors()[0]["msg"])
            return
        question = ConfirmDelete(f"Delete {name}?", kind.consequences(made_from, item))
        if await self._app.push_screen_wait(question):
            await self.apply(edit, made_from)

    async def _toggle(self, kind: Kind[T], item: T) -> None:
        new = changed(item, disabled=not item.disabled)
        verb = "enable" if item.disabled else "disable"
        await self._change(
            lambda now: kind.put(now, item, new), f"{verb} {kind.noun} {kind.name(item)}"
        )

    async def _move(self, kind: Kind[T], item: T, by: int) -> None:
        def change(configuration: Configuration) -> Configuration:
            items = kind.items(configuration)
            names = [kind.identity(other) for other in items]
            if kind.identity(item) not in names:
                return configuration
            order = edits.moved(items, names.index(kind.identity(item)), by)
            return kind.reorder(configuration, order)

        if change(self._live.value) != self._live.value:
            await self._change(change, f"move {kind.noun} {kind.name(item)}")

    async def _test(self, kind: Kind[T], item: T) -> None:
        probed = kind.probe(self._live.value, item)
        if probed is None:
            self._app.notify("There is no model to test it with.", severity="warning")
            return
        provider, model = probed
        self._app.notify(f"Asking {model} at {provider.name}…", markup=False, timeout=3)
        try:
            probe = await self._upstreams.probe(provider, model)
        except UpstreamsError as error:
            self._complain(f"test {provider.name}", str(error))
            return
        self._app.notify(
            f"{provider.name}: {probe.text}",
            severity="information" if probe.ok else "error",
            timeout=10,
        )

    async def _change(self, change: Callable[[Configuration], Configuration], what: str) -> None:
        made_from = self._live.value
        try:
            edit = Edit.of(made_from, change, what)
        except ValidationError as error:
            self._complain(what, error.errors()[0]["msg"])
            return
        await self.apply(edit, made_from)

    def _complain(self, what: str, why: str) -> None:
        why = why.removeprefix("Value error, ")
        self._app.notify(f"{what}: {why}", severity="error", timeout=10)
