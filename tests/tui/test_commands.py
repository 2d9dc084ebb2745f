"""The registry of commands: one key, one meaning; every command has somebody who does it."""

from collections import Counter
from itertools import combinations

import pytest
from textual.binding import Binding
from textual.dom import DOMNode

from ccproxy_tui.tui.app import CcproxyApp
from ccproxy_tui.tui.commands import COMMANDS, CONTEXTS, Context, bindings, shown_key
from ccproxy_tui.tui.fields.fold import FoldLine
from ccproxy_tui.tui.fields.replacement_list import PairList
from ccproxy_tui.tui.fields.route_input import RouteInput
from ccproxy_tui.tui.fields.target_list import TargetList
from ccproxy_tui.tui.panes.config_pane import ConfigPane
from ccproxy_tui.tui.panes.filter_line import CallFilterInput
from ccproxy_tui.tui.panes.groups import GroupsPane
from ccproxy_tui.tui.panes.inspect import InspectPane
from ccproxy_tui.tui.panes.list_pane import FilterInput, ListPane
from ccproxy_tui.tui.panes.log import LogPane
from ccproxy_tui.tui.panes.providers import ProvidersPane
from ccproxy_tui.tui.panes.proxies import ProxiesPane
from ccproxy_tui.tui.screens.ask_line import AskLine
from ccproxy_tui.tui.screens.candidates import CandidatesScreen
from ccproxy_tui.tui.screens.command_line import CommandLine
from ccproxy_tui.tui.screens.compare import Compare
from ccproxy_tui.tui.screens.copy_as import CopyAs
from ccproxy_tui.tui.screens.export_form import ExportForm
from ccproxy_tui.tui.screens.help import Help, keys_of
from ccproxy_tui.tui.screens.main import MainScreen
from ccproxy_tui.tui.screens.preview import PreviewScreen
from ccproxy_tui.tui.screens.replay_form import ReplayForm
from ccproxy_tui.tui.screens.saved_filters import SavedFilters
from ccproxy_tui.tui.screens.task import TaskScreen
from ccproxy_tui.tui.screens.template_form import ShortList
from ccproxy_tui.tui.screens.why import Why
from ccproxy_tui.tui.widgets.outline import Outline
from ccproxy_tui.tui.widgets.rows import Rows
from ccproxy_tui.tui.widgets.text_view import TextView

CHAINS: list[tuple[Context, ...]] = [
    ("list", "pane", "config", "groups", "main", "app"),
    ("list", "pane", "config", "providers", "proxies", "main", "app"),
    ("list", "pane", "log", "call", "main", "app"),
    ("list", "outline", "inspect", "call", "main", "app"),
    ("filter", "call_filter", "app"),
    ("list", "saved", "app"),
    ("list", "help", "app"),
    ("list", "candidates", "app"),
    ("route", "candidates", "app"),
    ("text", "why", "app"),
    ("text", "preview", "app"),
    ("command", "app"),
    ("form", "choice", "app"),
    ("form", "lines", "pairs", "app"),
    ("form", "picker", "targets", "app"),
    ("form", "picker", "template", "app"),
    ("form", "fold", "app"),
    ("dialog", "app"),
    ("ask", "app"),
    ("list", "copy_as", "app"),
    ("choice", "task", "replay", "app"),
    ("choice", "task", "export", "app"),
    ("text", "compare", "app"),
    ("welcome", "app"),
]
"""Contexts that are in force at the same time."""

ON_PURPOSE = (
    {frozenset({"form.next", name}) for name in ("picker.down", "lines.down")}
    | {frozenset({"form.previous", name}) for name in ("picker.up", "lines.up")}
    | {
        frozenset({"filter.keep", "call_filter.down"}),
        frozenset({"route.close", "candidates.close"}),
        frozenset({"picker.toggle", "template.apply"}),
        frozenset({"inspect.save", "app.welcome"}),
    }
)
"""Keys that mean the same in the inner context, as far as that goes."""

DOERS: list[tuple[Context, type[DOMNode]]] = [
    ("app", CcproxyApp),
    ("main", MainScreen),
    ("list", Rows),
    ("text", TextView),
    ("filter", FilterInput),
    ("call_filter", CallFilterInput),
    ("saved", SavedFilters),
    ("pane", ListPane),
    ("config", ConfigPane),
    ("groups", GroupsPane),
    ("providers", ProvidersPane),
    ("providers", ProxiesPane),
    ("proxies", ProxiesPane),
    ("candidates", CandidatesScreen),
    ("route", RouteInput),
    ("why", Why),
    ("preview", PreviewScreen),
    ("targets", TargetList),
    ("lines", PairList),
    ("pairs", PairList),
    ("template", ShortList),
    ("fold", FoldLine),
    ("log", LogPane),
    ("inspect", InspectPane),
    ("outline", Outline),
    ("call", LogPane),
    ("call", InspectPane),
    ("ask", AskLine),
    ("copy_as", CopyAs),
    ("replay", ReplayForm),
    ("export", ExportForm),
    ("task", TaskScreen),
    ("compare", Compare),
    ("command", CommandLine),
    ("help", Help),
]


def test_ids_are_unique_and_contexts_are_named() -> None:
    assert [name for name, count in Counter(c.id for c in COMMANDS).items() if count > 1] == []
    assert {command.context for command in COMMANDS} <= set(CONTEXTS)


@pytest.mark.parametrize("chain", CHAINS, ids=lambda chain: chain[0] + "-" + chain[-2])
def test_no_key_means_two_things_at_once(chain: tuple[Context, ...]) -> None:
    there = [command for command in COMMANDS if command.context in chain]
    for one, other in combinations(there, 2):
        if frozenset({one.id, other.id}) not in ON_PURPOSE:
            assert not set(one.keys.split(",")) & set(other.keys.split(",")), (one.id, other.id)


@pytest.mark.parametrize(
    ("context", "doer"), DOERS, ids=lambda value: getattr(value, "__name__", value)
)
def test_every_command_has_somebody_who_does_it(context: Context, doer: type[DOMNode]) -> None:
    bound = {binding.id for binding in doer.BINDINGS if isinstance(binding, Binding)}
    inherited = {
        binding.id
        for base in doer.__mro__
        for binding in vars(base).get("BINDINGS", ())
        if isinstance(binding, Binding)
    }
    for binding in bindings(context):
        assert binding.id in bound | inherited, binding.id
        where = CcproxyApp if binding.action.startswith("app.") else doer
        assert hasattr(where, f"action_{binding.action.removeprefix('app.')}"), binding.id


def test_keys_that_fail_over_ssh_are_not_used() -> None:
    for command in COMMANDS:
        for key in command.keys.split(","):
            assert key != "ctrl+z"
            assert not key.startswith("alt+")
            assert key == "f1" or not (key[0] == "f" and key[1:].isdigit())


def test_what_can_be_done_is_said_in_words() -> None:
    for command in COMMANDS:
        assert command.help.endswith("."), command.id
        assert len(command.title) <= 20, command.id


def test_keys_as_shown() -> None:
    assert [shown_key(key) for key in ("ctrl+p", "question_mark", "shift+tab", "enter", "A")] == [
        "^p",
        "?",
        "⇧tab",
        "⏎",
        "A",
    ]
    assert shown_key("enter", ascii_only=True) == "enter"
    assert shown_key("shift+tab", ascii_only=True) == "shift+tab"
    quit_command = next(command for command in COMMANDS if command.id == "app.leave")
    assert keys_of(quit_command) == "^q"
