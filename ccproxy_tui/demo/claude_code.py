"""What the scripted client puts on the wire: headers and bodies of Claude Code's sizes and shapes."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import orjson

from ccproxy_tui.demo.offered_tools import offered_tools
from ccproxy_tui.demo.reply import JsonObject

VERSION = "2.1.330"
_BETAS = (
    "claude-code-20250219,interleaved-thinking-2025-05-14,context-management-2025-06-27,"
    "per-turn-control-2026-07-01,mid-conversation-tool-changes-2026-07-01,"
    "thinking-token-count-2026-05-13,advanced-tool-use-2025-11-20,effort-2025-11-24"
)
_SYSTEM_SIZE = 7_000
_REMINDER_SIZE = 9_600
_EPHEMERAL = {"type": "ephemeral"}
_NOT_FOR_SUB_AGENTS = frozenset({"Agent", "Skill", "TodoWrite", "NotebookEdit"})

_RULES = (
    "You help a person with the code of a project, in a terminal, one step at a time.",
    "Read before you write: a change that fits what is there is worth more than a clever one.",
    "Answer briefly. The person reads in a narrow window and knows the project.",
    "Name files and lines when you speak of code, so that they can be opened at once.",
    "Run the tests that belong to a change, and say which ones you ran and how they ended.",
    "When you are not sure what is wanted, say what you assume and go on.",
    "Do not add a dependency where a few lines do.",
    "Do not change what nobody asked you to change; mention it instead.",
    "Comments say why. What the code does is said by the code.",
    "Keep secrets out of files, out of commands, and out of what you write here.",
    "A failing test is news: show the line that matters and what you make of it.",
    "Commits are the person's business unless you are told otherwise.",
    "If a command would delete, publish or send something, ask first.",
    "Work that has several steps gets a list, which you keep up to date.",
    "Hand searching to helpers when it would fill your own memory with text.",
    "Stop when the task is done. Do not look for more of it.",
    "Never claim that something works when you have not seen it work.",
    "Use the tools that are made for a thing before you fall back on the shell.",
    "Prefer small functions with plain names over long ones with explanations.",
    "Errors tell what happened, to what, and what to do now.",
)


@dataclass(frozen=True, slots=True)
class Agent:
    """Who calls: the main agent of a session, or a helper of it."""

    session: str
    device: str
    id: str = ""
    """Empty for the main agent."""
    parent: str = ""
    status: str = ""
    """What git said of the project when the client looked last; it is a part of the prompt."""

    @property
    def is_helper(self) -> bool:
        """Whether another agent has started this one."""
        return bool(self.id)


def headers(agent: Agent, token: str) -> dict[str, str]:
    """Return the headers of a call to the messages endpoint."""
    sent = {
        "Accept": "application/json",
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "User-Agent": f"claude-cli/{VERSION} (external, cli)",
        "X-Claude-Code-Session-Id": agent.session,
        "X-Stainless-Arch": "x64",
        "X-Stainless-Lang": "js",
        "X-Stainless-OS": "Linux",
        "X-Stainless-Package-Version": "0.128.0",
        "X-Stainless-Retry-Count": "0",
        "X-Stainless-Runtime": "node",
        "X-Stainless-Timeout": "600",
        "anthropic-beta": _BETAS,
        "anthropic-dangerous-direct-browser-access": "true",
        "anthropic-version": "2023-06-01",
        "x-app": "cli",
    }
    if agent.is_helper:
        sent["x-claude-code-agent-id"] = agent.id
        sent["x-claude-code-parent-agent-id"] = agent.parent
    return sent


def turn_body(agent: Agent, model: str, messages: Sequence[JsonObject]) -> JsonObject:
    """Return the body of a turn: some 55 KB and the conversation; a helper's is half of that."""
    tools = offered_tools()
    if agent.is_helper:
        tools = tuple(tool for tool in tools if tool["name"] not in _NOT_FOR_SUB_AGENTS)
    elif messages:
        reminder: JsonObject = {"role": "system", "content": _text(2, _REMINDER_SIZE)}
        messages = [messages[0], reminder, *messages[1:]]
    return {
        "model": model,
        "messages": _with_breakpoint(messages),
        "system": _system(agent),
        "tools": list(tools),
        "metadata": _metadata(agent),
        "max_tokens": 128_000,
        "thinking": {"type": "adaptive"},
        "context_management": {"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]},
        "output_config": {"effort": "medium"},
        "stream": True,
    }


def user_content(task: str) -> list[JsonObject]:
    """Return a message of the person, with what the client puts beside it."""
    reminder = f"<system-reminder>\n{_text(4, 900)}\n</system-reminder>"
    return [{"type": "text", "text": reminder}, {"type": "text", "text": task}]


def title_body(agent: Agent, model: str, task: str) -> JsonObject:
    """Return the body that asks for a short title of the session."""
    schema = {
        "type": "object",
        "properties": {"title": {"type": "string"}},
        "required": ["title"],
        "additionalProperties": False,
    }
    instruction = "Name this session in three to six words. " + _text(3, 2_500)
    return {
        "model": model,
        "messages": [{"role": "user", "content": task}],
        "system": [_attribution(agent), {"type": "text", "text": instruction}],
        "metadata": _metadata(agent),
        "max_tokens": 32_000,
        "output_config": {"format": {"type": "json_schema", "schema": schema}},
        "stream": True,
    }


def count_body(agent: Agent, model: str, messages: Sequence[JsonObject]) -> JsonObject:
    """Return the body that asks how many tokens a turn would have."""
    whole = turn_body(agent, model, messages)
    return {name: whole[name] for name in ("model", "messages", "system", "tools")}


def _system(agent: Agent) -> list[JsonObject]:
    who = "You are a helper of a coding agent." if agent.is_helper else "You are a coding agent."
    size = _SYSTEM_SIZE // 3 if agent.is_helper else _SYSTEM_SIZE
    return [
        _attribution(agent),
        {"type": "text", "text": who, "cache_control": _EPHEMERAL},
        {
            "type": "text",
            "text": f"{agent.status}\n\n{_text(1, size)}".lstrip(),
            "cache_control": _EPHEMERAL,
        },
    ]


def _attribution(agent: Agent) -> JsonObject:
    mark = agent.session[:3]
    helper = " cc_is_subagent=true;" if agent.is_helper else ""
    text = f"x-anthropic-billing-header: cc_version={VERSION}.{mark}; cc_entrypoint=cli;{helper}"
    return {"type": "text", "text": text}


def _metadata(agent: Agent) -> JsonObject:
    identity = {"device_id": agent.device, "account_uuid": "", "session_id": agent.session}
    return {"user_id": orjson.dumps(identity).decode()}


def _with_breakpoint(messages: Sequence[JsonObject]) -> list[JsonObject]:
    """Mark the last block as the end of what may be cached."""
    if not messages or not isinstance(messages[-1]["content"], list):
        return list(messages)
    *blocks, last = messages[-1]["content"]
    marked = messages[-1] | {"content": [*blocks, last | {"cache_control": _EPHEMERAL}]}
    return [*messages[:-1], marked]


@cache
def _text(seed: int, size: int) -> str:
    """Rules in paragraphs, about `size` characters; the same for the same arguments."""
    rng = random.Random(seed)  # noqa: S311 the same text for everyone
    paragraphs: list[str] = []
    while sum(map(len, paragraphs)) < size:
        paragraphs.append(f"# Part {len(paragraphs) + 1}\n" + " ".join(rng.sample(_RULES, 6)))
    return "\n\n".join(paragraphs)
