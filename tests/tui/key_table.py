"""README's tables of keys, signs and filters, made from what the app knows: `python -m tests.tui.key_table`."""

from pathlib import Path

from ccproxy_tui.tui.commands import COMMANDS, CONTEXTS, Command, shown_key
from ccproxy_tui.tui.filters.fields import FIELDS, FORMS, STATES
from ccproxy_tui.tui.signs import MEANINGS, UNICODE

README = Path(__file__).parents[2] / "README.md"
BEGIN, END = "<!-- keys: made by python -m tests.tui.key_table -->", "<!-- end of keys -->"
FILTERS_BEGIN = "<!-- filters: made by python -m tests.tui.key_table -->"
FILTERS_END = "<!-- end of filters -->"


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


def filter_table() -> str:
    """Return what may be typed as a filter: how terms are written, then the fields."""
    rows = ["| term | what |", "|---|---|"]
    rows += [f"| `{form}` | {what} |" for form, what in FORMS]
    for field in FIELDS.values():
        if field.name == "is":
            states = "; ".join(f"`{name}` {what}" for name, (_judge, what) in STATES.items())
            rows.append(f"| `is:` | {states}. |")
        else:
            examples = " ".join(f"`{field.name}:{example}`" for example in field.examples)
            rows.append(f"| {examples} | {field.help} |")
    return "\n".join(rows)


def with_table(readme: str) -> str:
    """Return README's text with the tables of today between their marks."""
    keys = f"{key_table()}\n\n{sign_list()}"
    return _between(FILTERS_BEGIN, FILTERS_END, filter_table(), _between(BEGIN, END, keys, readme))


def _between(begin: str, end: str, made: str, readme: str) -> str:
    before, found, rest = readme.partition(begin)
    _, _, after = rest.partition(end)
    return f"{before}{begin}\n{made}\n{end}{after}" if found else readme


def _entry(command: Command) -> str:
    keys = " ".join(f"`{shown_key(key)}`" for key in command.keys.split(","))
    return f"{keys} {command.title[0].lower()}{command.title[1:]}"


if __name__ == "__main__":
    README.write_text(with_table(README.read_text("utf-8")), "utf-8")
