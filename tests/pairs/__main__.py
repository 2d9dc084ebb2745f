"""Runs all pairs and writes the table of what passed: `python -m tests.pairs` (make pairs)."""

import re
import sys
from collections import defaultdict
from pathlib import Path
from typing import Final, get_args

import pytest

from ccproxy_tui.config.models import Protocol

_PROTOCOLS: Final[tuple[str, ...]] = get_args(Protocol)
_PAGE: Final = Path(__file__).parents[2] / "docs" / "pairs.md"
_NAME: Final = re.compile(r"::test_(?P<scenario>\w+)\[(?P<client>\w+)-(?P<upstream>\w+)-\w+\]$")
_HEAD: Final = """# Every protocol in, every protocol out

Made by `make pairs`: the vendors' own SDKs (anthropic, openai, google-genai, ollama for Python) call
the proxy over HTTP, and a scripted upstream that refuses what the vendors refuse answers. Each cell
says how many of a scenario's two tests passed, one with a streamed reply and one with a whole one.
What a cell asserts is in `tests/pairs/test_pairs.py`. Two things a cell cannot say: clients of
`openai` and `ollama` have no place for the signature of reasoning, so on a provider that insists on
one (`claude`, `responses`, `gemini`) the cell asserts that none is sent and the turn goes on; and a
client of `openai` sends an image of a tool's result in the user's message after it.

"""


class _Outcomes:
    def __init__(self) -> None:
        self.passed: dict[tuple[str, str, str], int] = defaultdict(int)
        self.run: dict[tuple[str, str, str], int] = defaultdict(int)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        found = _NAME.search(report.nodeid)
        if found and (report.when == "call" or report.failed):
            cell = (found["scenario"], found["client"], found["upstream"])
            self.run[cell] += 1
            self.passed[cell] += report.passed


def _table(outcomes: _Outcomes) -> str:
    scenarios = list(dict.fromkeys(scenario for scenario, _, _ in outcomes.run))
    total, passed = sum(outcomes.run.values()), sum(outcomes.passed.values())
    lines = [f"{passed} of {total} passed."]
    for scenario in scenarios:
        lines += ["", f"## {scenario.replace('_', ' ').capitalize()}", ""]
        lines.append("| client ╲ upstream | " + " | ".join(_PROTOCOLS) + " |")
        lines.append("|---" * (len(_PROTOCOLS) + 1) + "|")
        for client in _PROTOCOLS:
            cells = [(scenario, client, upstream) for upstream in _PROTOCOLS]
            shown = [f"{outcomes.passed[cell]}/{outcomes.run[cell]}" for cell in cells]
            lines.append(f"| {client} | " + " | ".join(shown) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    outcomes = _Outcomes()
    code = pytest.main(["-q", str(Path(__file__).with_name("test_pairs.py"))], plugins=[outcomes])
    table = _table(outcomes)
    print(table)
    if outcomes.run:
        _PAGE.write_text(_HEAD + table, encoding="utf-8")
    sys.exit(code)
