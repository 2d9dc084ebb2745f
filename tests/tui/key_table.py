"""README's table of keys and list of signs, made from the registry: `python -m tests.tui.key_table` writes it."""

from pathlib import Path

from ccproxy_tui.tui.commands import COMMANDS, CONTEXTS, Command, shown_key
from ccproxy_tui.tui.signs import MEANINGS, UNICODE

README = Path(__file__).parents[2] / "README.md"
BEGIN, END = "<!-- keys: made by python -m tests.tui.key_table -->", "<!-- end of keys -->"


def key_table() -> str:
    """Return the table, a row for each context that has commands."""
    rows = ["| where | keys |", "|---|---|"]
    for context, title in CONTEXTS.items():
        commands = [command for command in COMMANDS if command.context == context]
        if commands:
            rows.append(f"| {title} | {' · '.join(map(_entry, commands))} |")
    return "\n".join(rows)


def sign_list() -> str:
    """Return what the signs mean, a line for each place."""
    lines = []
    for place, meanings in MEANINGS:
        said = "; ".join(f"`{getattr(UNICODE, name)}` {meaning}" for name, meaning in meanings)
        lines.append(f"- {place}: {said}.")
    return "\n".join(lines)


def with_table(readme: str) -> str:
    """Return README's text with the table of today between its marks."""
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{key_table()}\n\n{sign_list()}\n{END}{after}"


def _entry(command: Command) -> str:
    keys = " ".join(f"`{shown_key(key)}`" for key in command.keys.split(","))
    return f"{keys} {command.title[0].lower()}{command.title[1:]}"


if __name__ == "__main__":
    README.write_text(with_table(README.read_text("utf-8")), "utf-8")
