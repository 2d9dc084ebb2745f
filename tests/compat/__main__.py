"""Figures of the parser: `python -m tests.compat`."""

import time
import tracemalloc
from collections.abc import Callable, Iterable, Iterator

from ccproxy_tui.compat.reply import PromptedReply
from ccproxy_tui.protocols.hub import BlockStart, BlockStop, Event, ReplyStart, TextDelta
from ccproxy_tui.protocols.stream import ReplyMachine
from tests.compat.corpus import CASES, THEMES
from tests.compat.corpus.case import Case
from tests.compat.play import OFFER, gathered, played, right, said_by

CHARACTERS = 4
"""In a token, about."""
TOKENS = 1_000
ROUNDS = 30
MEGABYTE = 1_000_000
PIECE = 64
"""Characters that come at once in the memory's measure."""

_LINE = "The build copies every file that has changed since, and says so: a < b.\n"
_CALL = (
    "I'll read the file.\n\n<cs:tool_use>\n<name>Read</name>\n<args>\n"
    '<arg name="file_path" type="string">/work/app/src/components/main.py</arg>\n'
    '<arg name="limit" type="number">100</arg>\n</args>\n</cs:tool_use>\n\n'
)
_HERMES = (
    'I\'ll read the file.\n\n<tool_call>\n{"name": "Read", "arguments": '
    '{"file_path": "/work/app/src/components/main.py", "limit": 100}}\n</tool_call>\n\n'
)
_TAGGED_HEAD = (
    '<cs:tool_use><name>Write</name><args><arg name="file_path">/f</arg><arg name="content">'
)
_TAGGED_TAIL = "</arg></args></cs:tool_use>"
_HERMES_HEAD = '<tool_call>\n{"name": "Write", "arguments": {"file_path": "/f", "content": "'
_HERMES_TAIL = '"}}\n</tool_call>'
_FUNCTION_HEAD = "<function=Write>\n<parameter=file_path>\n/f\n</parameter>\n<parameter=content>\n"
_FUNCTION_TAIL = "</parameter>\n</function>"


def main() -> None:
    """Print all figures."""
    _print_cases()
    _print_times()
    _print_memory()


def _print_cases() -> None:
    print(f"{'cases':24}{'number':>8}{'right':>8}")
    good = 0
    for theme, cases in THEMES.items():
        parsed = sum(_is_right(case) for case in cases)
        good += parsed
        print(f"{theme:24}{len(cases):8}{parsed / len(cases):8.1%}")
    print(f"{'all':24}{len(CASES):8}{good / len(CASES):8.1%}\n")


def _is_right(case: Case) -> bool:
    return right(case, gathered(played(case)))


def _print_times() -> None:
    length = TOKENS * CHARACTERS
    lines = _LINE * (length // len(_LINE) + 1)
    escaped = lines.replace("\n", "\\n")
    replies = {
        "text": lines[:length],
        "many calls, tagged": (_CALL * length)[:length],
        "many calls, Hermes": (_HERMES * length)[:length],
        "one long string, tagged": _TAGGED_HEAD + lines[:length] + _TAGGED_TAIL,
        "one long string, Hermes": _HERMES_HEAD + escaped[:length].rstrip("\\") + _HERMES_TAIL,
        "one long string, Qwen": _FUNCTION_HEAD + lines[:length] + _FUNCTION_TAIL,
    }
    print(f"{f'time of {TOKENS} tokens, ms':24}{'bare':>8}{'parsed':>8}{'added':>8}{'ratio':>8}")
    for name, reply in replies.items():
        pieces = [reply[at : at + CHARACTERS] for at in range(0, len(reply), CHARACTERS)]
        events = said_by(pieces, "end_turn")
        bare, parsed = _fastest(_through_a_machine, events), _fastest(_parsed, events)
        added = parsed - bare
        print(f"{name:24}{bare:8.2f}{parsed:8.2f}{added:8.2f}{parsed / bare:8.1f}")
    print()


def _fastest(work: Callable[[list[Event]], None], events: list[Event]) -> float:
    best = float("inf")
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        work(events)
        best = min(best, time.perf_counter() - begin)
    return best * 1_000


def _through_a_machine(events: list[Event]) -> None:
    machine = ReplyMachine()
    for event in events:
        if isinstance(event, TextDelta):
            machine.text(event.text)
        elif isinstance(event, ReplyStart):
            machine.start(event.id, event.model)
        elif not isinstance(event, BlockStart | BlockStop):
            machine.finish("end_turn")
            machine.done()
        machine.take()


def _parsed(events: list[Event]) -> None:
    reply = PromptedReply(OFFER, again=False)
    for event in events:
        reply.feed([event])


def _print_memory() -> None:
    lines = _LINE * (MEGABYTE // len(_LINE))
    escaped = lines.replace("\n", "\\n")
    data = '{"name": "x", "data": "' + escaped + '"}'
    call = _HERMES_HEAD.removeprefix("<tool_call>\n") + escaped + '"}}'
    replies = {
        "text": lines,
        "text without newlines": lines.replace("\n", " "),
        "a string, tagged": _TAGGED_HEAD + lines + _TAGGED_TAIL,
        "a string, Hermes": _HERMES_HEAD + escaped + _HERMES_TAIL,
        "a string, Qwen": _FUNCTION_HEAD + lines + _FUNCTION_TAIL,
        "a string, in a fence": f"```json\n{call}\n```\n",
        "a fence of code": f"```python\n{lines}```\n",
        "a fence of JSON": f"```json\n{data}\n```\n",
        "bare JSON": data,
        "whitespace": "x" + " \n" * (MEGABYTE // 2),
    }
    print(f"{'peak memory of 1 MB, kB':24}{'again':>8}{'once':>8}{'seconds':>8}")
    for name, reply in replies.items():
        begin = time.perf_counter()
        peaks = [_peak(reply, again=again) // 1_000 for again in (True, False)]
        seconds = time.perf_counter() - begin
        print(f"{name:24}{peaks[0]:8}{peaks[1]:8}{seconds:8.1f}")


def _peak(reply: str, *, again: bool) -> int:
    """Give the most bytes that were held while a reply came in, without the reply itself."""
    parser = PromptedReply(OFFER, again=again)
    tracemalloc.start()
    try:
        for event in _events(reply):
            parser.feed([event])
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _events(reply: str) -> Iterator[Event]:
    pieces: Iterable[str] = (reply[at : at + PIECE] for at in range(0, len(reply), PIECE))
    first, *last = said_by([], "end_turn")
    yield first
    yield last[0]
    for piece in pieces:
        yield TextDelta(0, piece)
    yield from last[1:]


if __name__ == "__main__":
    main()
