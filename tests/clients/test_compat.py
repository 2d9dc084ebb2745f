"""Real clients with a model that calls no functions: it writes its calls down, in many ways."""

import itertools
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import orjson
import pytest

from ccproxy_tui.config.models import Protocol
from ccproxy_tui.demo.assistant import assistant
from ccproxy_tui.demo.received import ReceivedRequest
from ccproxy_tui.demo.reply import JsonObject, Reply
from ccproxy_tui.demo.upstream import Script, ScriptedUpstream
from tests.clients import agent, proxy
from tests.clients.agent import Agent
from tests.clients.agents import CLAUDE, CODEX, DONE, GEMINI
from tests.clients.install import INSTALL_SECONDS

pytestmark = [pytest.mark.clients, pytest.mark.timeout(INSTALL_SECONDS + 120)]

TELLING = replace(
    CLAUDE,
    arguments=lambda prompt: [
        *CLAUDE.arguments(prompt),
        *("--output-format", "stream-json", "--include-partial-messages", "--verbose"),
    ],
)
"""Claude Code that tells each event it gets."""

OLD = """\
    if price < 10 and name != "":
        return f'<b class="{kind}">{name} &\\t{price}</b>'
"""
NEW = """\
    if 0 < price <= 10 and name:  # a & b, "quoted", 'too'
        return f"<arg name='{name}'>{price} &lt; 10 &amp; cheap</arg>\\n</cs:tool_use>"
"""
MODULE = f"def label(kind, name, price):\n{OLD}    return None\n"
ROWS = "".join(f'{n}\t<row id="{n}">a & b</row>  \\{n}\n' for n in range(300))
COMMAND = "echo 'a < b & c' > hello.txt && echo made it"
CALLED = re.compile(r'<cs:tool_use id="(\d+)">')
RESULT = re.compile(
    r'^<cs:tool_result id="(\d+)"( error="true")?>\n(.*?)\n</cs:tool_result>$',
    re.DOTALL | re.MULTILINE,
)
LAST = "Ten calls, all of them with `<cs:tool_use>`:\n\n```\nif a < b && c: <name>\n```\n\nThat is all."


def own(tool: str, *arguments: tuple[str, str, str]) -> str:
    """Write a call as the prompt asks for it: the name, type and value of each argument."""
    lines = "".join(
        f'<arg name="{key}" type="{kind}">{value}</arg>\n' for key, kind, value in arguments
    )
    return f"<cs:tool_use>\n<name>{tool}</name>\n<args>\n{lines}</args>\n</cs:tool_use>"


@dataclass(frozen=True)
class Step:
    """What the model writes, and what its client then has to tell it."""

    said: str
    call: str
    results: Sequence[str]
    """A part of each result."""
    thinking: str = ""
    second_try: str = ""
    """What it writes when it is asked again, as its call cannot be read."""
    failed: bool = False
    """Whether the results are errors."""

    @property
    def replies(self) -> list[Reply]:
        """The model's replies."""
        text = f"{self.said}\n\n{self.call}".rstrip()
        first = Reply(thinking=self.thinking, text=text, pace=0.001)
        return [first, Reply(text=self.second_try)] if self.second_try else [first]


def steps_in(project: Path) -> list[Step]:
    """Give the session of a small model, which remembers other grammars than ours as well."""
    module, rows, two = (str(project / name) for name in ("label.py", "rows.txt", "two.txt"))
    removal, count = _bash("rm label.py"), _bash("""grep -c '</arg>' label.py; echo "<1 & 2>" """)
    mended, again = json.dumps({"command": "echo mended"}), _bash("echo mended again")
    edit = ("Edit", ("file_path", "string", module), ("old_string", "string", OLD))
    return [
        Step(
            "I'll read it first.",
            own("Read", ("file_path", "string", module)),
            [f"def label(kind, name, price):\n2\t{OLD.splitlines()[0]}"],
            thinking=f"I might delete it: <tool_call>{removal}</tool_call> But no.",
        ),
        Step(
            "The condition is wrong:",
            own(
                *edit,
                ("new_string", "string", f"<![CDATA[{NEW}]]>"),
                ("replace_all", "boolean", "False"),
            ),
            ["has been updated successfully"],
        ),
        Step(
            "Let me count.",
            f"<tool_call>\n{count}\n</tool_call>\n"
            '<cs:tool_result id="3">\n7\n</cs:tool_result>\n\nThere are 7, I made them up.',
            ["1\n<1 & 2>"],
        ),
        Step(
            "Now the 300 rows.",
            own("Write", ("file_path", "string", rows), ("content", "string", ROWS)),
            ["File created successfully"],
        ),
        Step(
            "Its end, with an offset:",
            f"<tool_call>\n<function=Read>\n<parameter=file_path>\n{rows}\n</parameter>\n"
            "<parameter=offset>\n300\n</parameter>\n<parameter=limit>\n1\n</parameter>\n"
            "</function>\n</tool_call>",
            ['300\t299\t<row id="299">a & b</row>  \\299'],
        ),
        Step(
            "I'll fetch it.",
            own("Fetch_Url", ("url", "string", "http://localhost")) + "\n\nIt says hello.",
            ["mended"],
            second_try=f"[TOOL_CALLS]Bash[ARGS]{mended}",
        ),
        Step(
            "Once more.",
            own("Read", ("file_path", "string", rows), ("offset", "integer", "the end")),
            ["mended again"],
            second_try=f"```json\n{again}\n```",
        ),
        Step(
            "Two at once.",
            own("Bash", ("command", "string", "echo 'one' > one.txt && cat one.txt"))
            + "\n"
            + own("Write", ("file_path", "string", two), ("content", "string", "two, without end")),
            ["one", "File created successfully"],
        ),
        Step(
            "That again:",
            own(*edit, ("new_string", "string", "")),
            ["String to replace not found in file"],
            failed=True,
        ),
        Step(LAST, "", []),
    ]


def _bash(command: str) -> str:
    return json.dumps({"name": "Bash", "arguments": {"command": command}})


@pytest.mark.parametrize(
    ("protocol", "asked_by"),
    [
        ("openai", "group"),
        ("claude", "address"),
        ("responses", "group"),
        ("gemini", "address"),
        ("ollama", "address"),
    ],
)
async def test_claude_code_works_on(
    protocol: Protocol,
    asked_by: str,
    home: Path,
    project: Path,
) -> None:
    steps = steps_in(project)
    (project / "label.py").write_text(MODULE)
    replies = [reply for step in steps for reply in step.replies]
    path = "/compat" if asked_by == "address" else ""
    mode = "compat" if asked_by == "group" else "auto"
    run = await _run(TELLING, replies, home, project, protocol, path, mode)
    assert run.outcome.exit_code == 0, run.outcome
    assert {path.name: path.read_text() for path in project.iterdir()} == {
        "label.py": MODULE.replace(OLD, NEW),
        "rows.txt": ROWS,
        "one.txt": "one\n",
        "two.txt": "two, without end",
    }
    _assert_the_client_saw(steps, run.told)
    _assert_the_model_saw(steps, run.calls)
    again = [any("asked again" in note for note in call["notes"]) for call in run.answers]
    assert again == [bool(step.second_try) for step in steps], "one request of the client each"


def _assert_the_client_saw(steps: Sequence[Step], told: Sequence[JsonObject]) -> None:
    """Assert that there was nothing odd in its stream, and that a long argument came in pieces."""
    blocks = [block for event in told for block in _blocks(event)]
    assert [block["text"] for block in blocks if block["type"] == "text"] == [
        step.said for step in steps
    ]
    results = [block for block in blocks if block["type"] == "tool_result"]
    failed = [step.failed for step in steps for _ in step.results]
    assert [block.get("is_error", False) for block in results] == failed
    assert ["tool_use_error" in str(block["content"]) for block in results] == failed
    pieces = [event for event in told if "input_json_delta" in str(event.get("event"))]
    assert len(pieces) > ROWS.count("\n"), "it goes on while the model writes"
    assert (told[-1]["result"], told[-1]["is_error"]) == (LAST, False)


def _assert_the_model_saw(steps: Sequence[Step], calls: Sequence[ReceivedRequest]) -> None:
    """Assert that all was said in words, and each time what was said before in the same words."""
    numbers = itertools.count(1)
    rest = iter(calls)
    before = next(rest)
    for step in steps[:-1]:
        if step.second_try:
            again = next(rest)
            _assert_goes_on(before, again)
            assert [turn.text for turn in again.turns[-2:-1]] == [step.replies[0].text]
            assert "could not be read" in again.turns[-1].text
        now = next(rest)
        _assert_goes_on(before, now)
        expected = [str(next(numbers)) for _ in step.results]
        call, result = now.turns[-2:]
        assert CALLED.findall(call.text) == expected, call
        assert call.text.startswith(step.said)
        found = RESULT.findall(result.text)
        assert [(number, bool(error)) for number, error, _ in found] == [
            (number, step.failed) for number in expected
        ]
        for wanted, (*_, text) in zip(step.results, found, strict=True):
            assert wanted in text
        before = now
    assert next(rest, None) is None
    said = "".join(turn.text for turn in before.turns if turn.role == "assistant")
    assert all(text in said for text in (OLD, NEW, ROWS))
    for request in calls:
        assert not request.json.keys() & {"tools", "tool_choice", "toolConfig", "functions"}
        assert not any(turn.calls or turn.results for turn in request.turns)
        for once in ('<cs:tool name="Read">', '<cs:tool name="Write">', proxy.ADDED_PROMPT):
            assert request.system_text.count(once) == 1


def _assert_goes_on(before: ReceivedRequest, now: ReceivedRequest) -> None:
    """Assert that a prompt cache holds for all that was sent before."""
    known = _in_parts(before)
    assert _in_parts(now)[: len(known)] == known


def _in_parts(request: ReceivedRequest) -> list[bytes]:
    """Cut the prompt into what stands apart from the messages, and each message."""
    apart = [request.json.get(name) for name in ("system", "instructions", "systemInstruction")]
    return [orjson.dumps(part) for part in (apart, *request.messages)]


async def test_what_is_said_before_a_second_try_is_a_paragraph_of_its_own(
    home: Path, project: Path
) -> None:
    replies = [
        Reply(text=f"I'll fly.\n\n{own('Fly')}"),
        Reply(text=f"Sorry, then I walk.\n\n{own('Bash', ('command', 'string', 'echo walking'))}"),
        Reply(text="I am there."),
    ]
    run = await _run(TELLING, replies, home, project)
    blocks = [block for event in run.told for block in _blocks(event) if block["type"] == "text"]
    said = "\n".join(block["text"] for block in blocks)
    assert re.split(r"\s+", said) == re.split(" ", "I'll fly. Sorry, then I walk. I am there.")


async def test_a_tool_that_is_loaded_later_can_be_called(home: Path, project: Path) -> None:
    notebook = project / "notes.ipynb"
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "source": "1 + 1", "outputs": []}
    notebook.write_text(
        json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    )
    path = ("notebook_path", "string", str(notebook))
    replies = [
        Reply(
            text=own(
                "ToolSearch",
                ("query", "string", "select:NotebookEdit"),
                ("max_results", "integer", "1"),
            )
        ),
        Reply(text=own("Read", ("file_path", "string", str(notebook)))),
        Reply(
            text=own(
                "NotebookEdit", path, ("cell_id", "string", "a"), ("new_source", "string", "2 < 3")
            )
        ),
        Reply(text="Changed."),
    ]
    run = await _run(TELLING, replies, home, project)
    assert (run.outcome.exit_code, run.told[-1]["result"]) == (0, "Changed."), run.outcome
    assert json.loads(notebook.read_text())["cells"][0]["source"] == "2 < 3"
    told = ['<cs:tool name="NotebookEdit">' in call.system_text for call in run.calls]
    assert told == [False, True, True, True]


@pytest.mark.parametrize(
    ("client", "call"),
    [
        pytest.param(CODEX, own("exec_command", ("cmd", "string", COMMAND)), id="codex"),
        pytest.param(
            GEMINI,
            f"<function=run_shell_command>\n<parameter=command>{COMMAND}</parameter>\n</function>",
            id="gemini",
        ),
    ],
)
async def test_others_work_as_well(client: Agent, call: str, home: Path, project: Path) -> None:
    replies = [Reply(text=f"I will create that file.\n\n{call}"), Reply(text=DONE)]

    def answer(request: ReceivedRequest) -> Reply:
        return assistant(request) if request.answer_schema else replies.pop(0)

    run = await _run(client, answer, home, project)
    assert run.outcome.exit_code == 0, run.outcome
    assert DONE in run.outcome.answer
    assert "cs:tool" not in run.outcome.answer
    assert (project / "hello.txt").read_text() == "a < b & c\n"
    first, second = (request for request in run.calls if request.answer_schema is None)
    _assert_goes_on(first, second)
    assert "tools" not in second.json
    ((number, error, result),) = RESULT.findall(second.turns[-1].text)
    assert (number, error) == ("1", "")
    assert "made it" in result


@dataclass(frozen=True)
class Run:
    """What came of a run."""

    outcome: agent.Outcome
    calls: Sequence[ReceivedRequest]
    """What the model was sent."""
    answers: Sequence[JsonObject]
    """What the proxy told of each of the client's requests."""

    @cached_property
    def told(self) -> list[JsonObject]:
        """The events that Claude Code has told."""
        return [orjson.loads(line) for line in self.outcome.answer.splitlines()]


async def _run(
    client: Agent,
    model: Script | Sequence[Reply],
    home: Path,
    project: Path,
    protocol: Protocol = "openai",
    path: str = "/compat",
    tool_mode: str = "auto",
) -> Run:
    client.install()
    async with ScriptedUpstream(model, strict=True) as upstream:
        async with proxy.running(
            home,
            protocol=protocol,
            upstream_url=upstream.base_url_of(protocol),
            alias=client.model,
            tool_mode=tool_mode,
        ) as served:
            outcome = await agent.run(
                client, "do your task", project=project, url=served.url + path, token=proxy.TOKEN
            )
        return Run(outcome, upstream.calls, served.answers)


def _blocks(event: JsonObject) -> list[JsonObject]:
    """Blocks of a whole message that Claude Code tells."""
    if event["type"] not in ("assistant", "user"):
        return []
    content: list[JsonObject] = event["message"]["content"]
    return content
