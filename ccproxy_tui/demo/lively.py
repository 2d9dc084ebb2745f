"""The script of `--demo`: an agent that reads, edits, runs, delegates, and fails now and then."""

import random
from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson

from ccproxy_tui.demo import prose
from ccproxy_tui.demo.received import ReceivedRequest
from ccproxy_tui.demo.reply import Reply, ToolCall
from ccproxy_tui.demo.usage import usage_of

_DELEGATING_TOOL = "Agent"
_LONGEST_RUN = 6
"""Rounds of tool calls after which an answer always comes."""
_PROMPTS_CACHED = 200
_FAILURES: tuple[Mapping[str, Any], ...] = (
    {
        "status": 429,
        "error": "Too many requests for this key; slow down.",
        "headers": {"retry-after": "2"},
    },
    {"status": 529, "error": "Overloaded", "error_kind": "overloaded_error"},
    {"status": 500, "error": "The model server has restarted."},
    {"status": 200, "error": "The model server went away.", "error_after": 9},
)


class Lively:
    """Chooses replies by chance; `speed` 2 is twice as fast, `failures` is their share."""

    def __init__(self, seed: int = 1, *, speed: float = 1.0, failures: float = 0.05) -> None:
        self._random = random.Random(seed)  # noqa: S311 chance of a show
        self._speed = speed
        self._failures = failures
        self._cached: deque[int] = deque(maxlen=_PROMPTS_CACHED)

    def __call__(self, request: ReceivedRequest) -> Reply:
        """Answer one request."""
        rng = self._random
        if (schema := request.answer_schema) is not None:
            title = " ".join(request.last_user_text.split()[:5]).strip(".,:;")
            fields = dict.fromkeys(schema.get("properties") or {"title": {}}, title)
            return self._timed(text=orjson.dumps(fields).decode())
        fault = rng.choice(_FAILURES) if rng.random() < self._failures else {}
        thinking = prose.some(rng, prose.THOUGHTS, 1, 5) if rng.random() < 0.6 else ""
        rounds = _rounds(request)
        done = rounds >= _LONGEST_RUN or rng.random() < rounds / _LONGEST_RUN
        tools = [] if done else self._choose_tools(request, rounds)
        if not tools:
            reply = self._timed(text=prose.answer(rng), thinking=thinking, **fault)
        else:
            text = rng.choice(prose.OPENINGS) if rng.random() < 0.6 else ""
            reply = self._timed(text=text, thinking=thinking, tools=tools, **fault)
        return reply if fault else self._billed(request, reply)

    def _billed(self, request: ReceivedRequest, reply: Reply) -> Reply:
        """Let only prompts come from the cache that begin as an earlier one did."""
        usage, prompt = usage_of(reply, request), hash(request.system_text)
        if prompt not in self._cached:
            self._cached.append(prompt)
            written = usage.cache_written + usage.cached
            usage = replace(usage, cached=0, cache_written=written)
        return replace(reply, usage=usage)

    def _choose_tools(self, request: ReceivedRequest, rounds: int) -> list[ToolCall]:
        rng = self._random
        offered = request.tools.keys()
        if rounds == 0 and _DELEGATING_TOOL in offered and rng.random() < 0.3:
            return [self._call(_DELEGATING_TOOL) for _ in range(rng.randint(1, 2))]
        wanted = ["Read", "Read", "Grep"] if rounds < 2 else ["Read", "Edit", "Bash", "Write"]
        if not (possible := [name for name in wanted if name in offered]):
            return []
        tool = rng.choice(possible)
        count = rng.randint(2, 4) if tool == "Read" and rng.random() < 0.5 else 1
        return [self._call(tool) for _ in range(count)]

    def _call(self, tool: str) -> ToolCall:
        rng = self._random
        path = f"/home/dev/courier/{rng.choice(prose.FILES)}"
        match tool:
            case "Read":
                return ToolCall(tool, {"file_path": path, "limit": rng.randrange(50, 400, 50)})
            case "Grep":
                return ToolCall(tool, {"pattern": rng.choice(("carrier", "events", "closed_at"))})
            case "Bash":
                command, description = rng.choice(prose.COMMANDS)
                return ToolCall(tool, {"command": command, "description": description})
            case "Edit":
                old, new = prose.code(rng, 4), prose.code(rng, rng.randint(3, 16))
                return ToolCall(tool, {"file_path": path, "old_string": old, "new_string": new})
            case "Write":
                content = prose.code(rng, rng.randint(20, 60))
                return ToolCall(tool, {"file_path": path, "content": content})
            case _:
                prompt = prose.some(rng, prose.TASKS, 1, 1)
                return ToolCall(tool, {"description": "Look into it", "prompt": prompt})

    def _timed(self, **parts: Any) -> Reply:
        rng = self._random
        return Reply(
            delay=rng.uniform(0.3, 1.6) / self._speed,
            first_event_delay=rng.uniform(0.05, 0.8) / self._speed,
            pace=rng.uniform(0.02, 0.07) / self._speed,
            **parts,
        )


def _rounds(request: ReceivedRequest) -> int:
    """How many answers the model has given since a person wrote last."""
    rounds = 0
    for turn in reversed(request.turns):
        if turn.role == "assistant":
            rounds += 1
        elif turn.role == "user" and not turn.results:
            break
    return rounds
