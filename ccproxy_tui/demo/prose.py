"""Words for scripted traffic: tasks, thoughts, answers, code and tool output of one small project."""

import random
from collections.abc import Callable

TASKS = (
    "Parcels that change carrier on the way lose their history. Find out why and fix it.",
    "Add a `--since` option to the export command, with a test.",
    "The tracking page is slow for customers with many parcels. Where does the time go?",
    "Rename `Stop` to `Waypoint` everywhere, the database included.",
    "Write a short guide for new carriers: how to add one, what to test.",
    "Our tests fail on machines that are not in UTC. Make them independent of the time zone.",
    "Review the last change to the label printer and tell me what worries you.",
    "Retry webhooks that fail, with growing pauses, at most a day long.",
    "Replace the hand-written CSV code by the standard library's module.",
    "Explain how a delivery estimate is computed, then simplify it if you can.",
    "Addresses without a street number are refused. They should not be.",
    "Split `routes.py`: it has become too long to read.",
)

FILES = (
    "src/courier/routes.py",
    "src/courier/parcel.py",
    "src/courier/carriers/base.py",
    "src/courier/carriers/north.py",
    "src/courier/estimate.py",
    "src/courier/webhooks.py",
    "src/courier/store.py",
    "src/courier/export.py",
    "tests/test_parcel.py",
    "tests/test_estimate.py",
    "tests/test_webhooks.py",
    "docs/carriers.md",
)

COMMANDS = (
    ("pytest -q tests", "Run the tests"),
    ("pytest -q tests/test_estimate.py", "Run the tests of the estimate"),
    ("git log --oneline -n 12", "See what changed lately"),
    ("git diff --stat", "See what is changed"),
    ("ruff check src", "Check the style"),
    ("python -m courier export --help", "See the options of the export"),
    ("ls -la src/courier", "List the package"),
)

THOUGHTS = (
    "The history hangs on the carrier's own parcel number, and that number changes at the hub.",
    "Before I change anything I want to see how the other carriers do it.",
    "There are two places that build this list, and only one of them sorts it.",
    "If the time zone is the trouble, then the fixture with the fixed date should fail as well.",
    "The cheap way is a new index; the right way is to ask for less.",
    "A migration is needed, because old rows hold the old name.",
    "I should keep the public function as it is, as the export relies on it.",
    "The test passes for a wrong reason: it never reaches the branch that matters.",
    "One query per parcel, and forty parcels on a page: that explains the seconds.",
    "What happens when the carrier answers with an empty list? Nothing here expects it.",
    "The retry must not run twice for one event, so the event needs a number of its own.",
    "It is simpler to turn the loop around and to stop early.",
    "I have read enough; the change is small and local.",
    "Let me look at the callers first, so that I do not break them.",
)

ANSWERS = (
    "The cause was the key under which a parcel's events are kept.",
    "It now uses our own parcel number, which never changes on the way.",
    "All the tests pass, and I added one that failed before the change.",
    "The page now asks the database once instead of once for each parcel.",
    "On the sample data that takes it from 2.1 seconds to 90 milliseconds.",
    "I left the public function alone, so the export did not have to change.",
    "Two things worry me: the printer ignores errors, and nobody closes the queue.",
    "The estimate adds the carrier's own days to the days that we know from last month.",
    "I removed the correction for leap days, which had no effect since the dates are real dates.",
    "An address may now lack a number when it has a name of a house.",
    "The guide has four steps: describe, connect, try with the recorder, switch on.",
    "If you agree, the next step is to drop the old column.",
    "I did not touch the migration of last week, as it has already run in production.",
    "Webhooks are tried again after 1, 5, 25 and 125 minutes, then once every six hours.",
    "Each event carries a number of its own, so that a receiver can tell a repetition.",
)

OPENINGS = (
    "Let me look at the code first.",
    "I will read the parts that matter, then change them.",
    "Now the tests.",
    "That explains it. One more look at the callers.",
    "I will make the change now.",
    "Next I check that nothing else depends on this.",
)

_ERRORS = {
    "Bash": "Exit code 1\nE   AssertionError: assert 3 == 4\n1 failed, 41 passed in 2.31s",
    "Edit": "String to replace not found in file.",
    "Write": "File has not been read yet. Read it first before writing to it.",
}

_VERBS = ("find", "load", "move", "count", "merge", "send", "check", "parse", "store", "close")
_NOUNS = ("parcel", "stop", "route", "carrier", "label", "event", "address", "estimate", "hub")
_LINES: tuple[Callable[[str, str], str], ...] = (
    lambda verb, noun: f"def {verb}_{noun}(store: Store, number: str) -> {noun.title()} | None:",
    lambda verb, noun: f'    """Return the {noun} with that number, when there is one."""',
    lambda verb, noun: f"    {noun} = store.{verb}({noun!r}, number)",
    lambda verb, noun: f"    if {noun} is None or {noun}.closed_at is not None:",
    lambda verb, noun: "        return None",
    lambda verb, noun: f"    for event in {noun}.events:",
    lambda verb, noun: f'        log.debug("{verb} %s at %s", event.kind, event.place)',
    lambda verb, noun: f"    return replace({noun}, seen_at=clock.now())",
    lambda verb, noun: "",
)


def some(rng: random.Random, sentences: tuple[str, ...], least: int, most: int) -> str:
    """Pick between `least` and `most` sentences, none of them twice."""
    count = min(rng.randint(least, most), len(sentences))
    return " ".join(rng.sample(sentences, count))


def code(rng: random.Random, lines: int) -> str:
    """Write code that looks like a program of the project."""
    written: list[str] = []
    while len(written) < lines:
        verb, noun = rng.choice(_VERBS), rng.choice(_NOUNS)
        written += [line(verb, noun) for line in _LINES]
    return "\n".join(written[:lines])


def answer(rng: random.Random) -> str:
    """Write a final answer, now and then a long one with a listing."""
    paragraphs = [some(rng, ANSWERS, 2, 4) for _ in range(rng.randint(1, 3))]
    if rng.random() < 0.5:
        names = rng.sample(FILES, rng.randint(2, 4))
        paragraphs.append("\n".join(f"- `{name}`: {some(rng, ANSWERS, 1, 1)}" for name in names))
    if rng.random() < 0.4:
        paragraphs.append(f"```python\n{code(rng, rng.randint(8, 30))}\n```")
    return "\n\n".join(paragraphs)


def tool_output(rng: random.Random, tool: str) -> str:
    """Make up what a tool gives back."""
    match tool:
        case "Read":
            lines = code(rng, rng.randint(20, 120)).split("\n")
            return "\n".join(f"{number:>5}  {line}" for number, line in enumerate(lines, 1))
        case "Bash":
            passed = rng.randint(12, 240)
            dots = "." * passed
            return f"{dots}\n{passed} passed in {rng.uniform(0.4, 9):.2f}s"
        case "Grep" | "Glob":
            names = rng.sample(FILES, rng.randint(2, 8))
            return "\n".join(f"{name}:{rng.randint(1, 300)}: {code(rng, 1)}" for name in names)
        case "Edit" | "Write":
            return f"{rng.choice(FILES)} is written; {rng.randint(1, 40)} lines differ."
        case _:
            return some(rng, ANSWERS, 1, 3)


def tool_error(tool: str) -> str:
    """Return what a tool says when it fails."""
    return _ERRORS.get(tool, "File does not exist.")


def git_status(rng: random.Random) -> str:
    """Return what is changed in the project's folder, in words."""
    names = ", ".join(rng.sample(FILES, rng.randint(1, 3)))
    return f"On branch main. Changed, but not committed: {names}."
