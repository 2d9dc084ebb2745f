"""README says what the app does: its keys, its pictures, its commands."""

import re

from click.testing import CliRunner

from ccproxy_tui.cli import main
from ccproxy_tui.config.models import Configuration
from ccproxy_tui.config.transfer import read_toml
from tests.tui.key_table import BEGIN, END, README, with_table

TEXT = README.read_text("utf-8")


def test_keys_are_those_of_the_registry() -> None:
    assert BEGIN in TEXT
    assert END in TEXT
    assert with_table(TEXT) == TEXT, "run python -m tests.tui.key_table"


def test_files_that_it_points_to_are_there() -> None:
    for path in re.findall(r"\]\(([\w./-]+)\)", TEXT):
        assert (README.parent / path).exists(), path


def test_make_targets_that_it_names_are_there() -> None:
    makefile = (README.parent / "Makefile").read_text("utf-8")
    for target in re.findall(r"\bmake ([a-z-]+)", TEXT):
        assert f"\n{target}:" in makefile, target


def test_commands_and_options_that_it_names_are_there() -> None:
    said = {line.partition("#")[0].strip() for line in re.findall(r"`(ccproxy[^`]*)`", TEXT)}
    said |= {
        line.partition("#")[0].strip() for line in re.findall(r"^(ccproxy .*)$", TEXT, re.MULTILINE)
    }
    assert said
    for line in said:
        words = line.split()[1:]
        command = [word for word in words if word in main.commands][:1]
        shown = CliRunner().invoke(main, [*command, "--help"]).output
        for option in (word for word in words if word.startswith("--")):
            assert option in shown, line


def test_its_configuration_file_is_taken_over_as_it_stands() -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    value = read_toml(example, Configuration()).value
    assert [str(target) for proxy in value.proxies for target in proxy.targets]
    assert value.groups[-1].prompt_injection == "enhance"
