"""The clients that are tried, and how each is told to use the proxy."""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace

from ccproxy_tui.demo.received import ReceivedRequest
from ccproxy_tui.demo.reply import Reply, ToolCall
from ccproxy_tui.demo.upstream import Script
from tests.clients import install
from tests.clients.agent import Agent, Place

DONE = "Done: I created hello.txt."
_COMMAND = "printf hello > hello.txt"
_CODEX_CONFIGURATION = """
model_provider = "ccproxy"
model = "agent-model"

[model_providers.ccproxy]
name = "ccproxy"
base_url = "{url}/v1"
env_key = "CCPROXY_KEY"
wire_api = "responses"
"""


def _claude(place: Place) -> Mapping[str, str]:
    return {
        "IS_SANDBOX": "1",
        "DISABLE_AUTOUPDATER": "1",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "ANTHROPIC_BASE_URL": place.url,
        "ANTHROPIC_AUTH_TOKEN": place.token,
    }


def _codex(place: Place) -> Mapping[str, str]:
    folder = place.home / ".codex"
    folder.mkdir()
    (folder / "config.toml").write_text(_CODEX_CONFIGURATION.format(url=place.url))
    return {"CCPROXY_KEY": place.token}


def _gemini(place: Place) -> Mapping[str, str]:
    folder = place.home / ".gemini"
    folder.mkdir()
    # Without it the CLI takes a base URL for a gateway of a kind that it then refuses.
    chosen = {"security": {"auth": {"selectedType": "gemini-api-key"}}}
    (folder / "settings.json").write_text(json.dumps(chosen))
    return {"GOOGLE_GEMINI_BASE_URL": place.url, "GEMINI_API_KEY": place.token}


def _qwen(place: Place) -> Mapping[str, str]:
    return {"OPENAI_BASE_URL": f"{place.url}/v1", "OPENAI_API_KEY": place.token}


def _opencode(package: str, path: str) -> Callable[[Place], Mapping[str, str]]:
    """Let it speak as that package of Vercel's AI SDK does."""

    def settings(place: Place) -> Mapping[str, str]:
        provider = {
            "npm": package,
            "options": {"baseURL": place.url + path, "apiKey": place.token},
            "models": {"agent-model": {}},
        }
        configuration = {"provider": {"ccproxy": provider}, "share": "disabled"}
        return {"OPENCODE_CONFIG_CONTENT": json.dumps(configuration)}

    return settings


def _cline(place: Place) -> Mapping[str, str]:
    folder = place.home / ".cline" / "data" / "settings"
    folder.mkdir(parents=True)
    provider = {
        "provider": "openai-compatible",
        "apiKey": place.token,
        "model": "agent-model",
        "baseUrl": f"{place.url}/v1",
    }
    known = {
        "openai-compatible": {
            "settings": provider,
            "updatedAt": "2026-01-01T00:00:00.000Z",
            "tokenSource": "manual",
        }
    }
    settings = {"version": 1, "lastUsedProvider": "openai-compatible", "modes": {}}
    (folder / "providers.json").write_text(json.dumps(settings | {"providers": known}))
    return {"CLINE_SESSION_BACKEND_MODE": "local"}  # otherwise it leaves a server running


def _aider(place: Place) -> Mapping[str, str]:
    return {"OPENAI_API_BASE": f"{place.url}/v1", "OPENAI_API_KEY": place.token}


def _aider_arguments(model: str, prompt: str) -> list[str]:
    return [
        *("--model", model, "--edit-format", "whole", "--message", prompt),
        *("--yes-always", "--no-git", "--no-check-update", "--no-show-release-notes"),
        *("--no-show-model-warnings", "--analytics-disable"),
    ]


def _calling(tool: str, **arguments: object) -> Script:
    """Give a model that makes the file with that call, then says so."""

    def answer(request: ReceivedRequest) -> Reply:
        if request.last_tool_results:
            return Reply(text=DONE)
        return Reply(
            thinking="A file is wanted. A shell command can make it.",
            text="I will create that file for you.",
            tools=[ToolCall(tool, arguments)],
        )

    return answer


def _writing_it_down(request: ReceivedRequest) -> Reply:
    """Answer as aider's "whole" format wants it: a path, then the file's content in a fence."""
    return Reply(thinking="A file is wanted.", text=f"{DONE}\n\nhello.txt\n```\nhello\n```\n")


CLAUDE = Agent(
    name="claude",
    package="@anthropic-ai/claude-code",
    command="claude",
    protocol="claude",
    model="claude-*",
    arguments=lambda prompt: ["-p", prompt, "--dangerously-skip-permissions"],
    settings=_claude,
    keeps_proof=True,
    names_session=True,
    upstreams=("claude", "openai", "responses", "gemini", "ollama"),
)
CLAUDE_OLD = replace(
    CLAUDE,
    name="claude-2.1.197",
    version="2.1.197",
    keeps_proof=False,  # it drops the thinking of a reply that names another model than it asked for
)
CODEX = Agent(
    name="codex",
    package="@openai/codex",
    command="codex",
    protocol="responses",
    model="agent-model",
    arguments=lambda prompt: [
        "exec",
        "--skip-git-repo-check",
        "--dangerously-bypass-approvals-and-sandbox",
        prompt,
    ],
    settings=_codex,
    keeps_proof=True,
    names_session=True,
    upstreams=("claude", "openai", "gemini", "ollama"),
    script=_calling("exec_command", cmd=_COMMAND),
)
GEMINI = Agent(
    name="gemini",
    package="@google/gemini-cli",
    command="gemini",
    protocol="gemini",
    model="gemini-*",  # it picks one of several by asking the smallest, with a schema of the reply
    arguments=lambda prompt: ["--yolo", "--skip-trust", "-p", prompt],
    settings=_gemini,
    upstreams=("claude", "openai", "responses", "ollama"),
)
QWEN = Agent(
    name="qwen",
    package="@qwen-code/qwen-code",
    command="qwen",
    protocol="openai",
    model="agent-model",
    arguments=lambda prompt: ["--yolo", "--auth-type", "openai", "-m", "agent-model", prompt],
    settings=_qwen,
    upstreams=("claude", "responses", "gemini", "ollama"),
)
OPENCODE = Agent(
    name="opencode",
    package="opencode-ai",
    command="opencode",
    protocol="openai",
    model="agent-model",
    arguments=lambda prompt: ["run", "--auto", "-m", "ccproxy/agent-model", prompt],
    settings=_opencode("@ai-sdk/openai-compatible", "/v1"),
    names_session=True,
    upstreams=("claude", "responses", "gemini", "ollama"),
)
OPENCODE_CLAUDE = replace(
    OPENCODE,
    name="opencode-claude",
    protocol="claude",
    settings=_opencode("@ai-sdk/anthropic", "/v1"),
    keeps_proof=True,
    upstreams=("openai", "gemini"),
)
OPENCODE_RESPONSES = replace(
    OPENCODE,
    name="opencode-responses",
    protocol="responses",
    settings=_opencode("@ai-sdk/openai", "/v1"),
    keeps_proof=True,
    upstreams=("claude", "gemini"),
)
OPENCODE_GEMINI = replace(
    OPENCODE,
    name="opencode-gemini",
    protocol="gemini",
    settings=_opencode("@ai-sdk/google", "/v1beta"),
    upstreams=("claude", "responses"),
)
CLINE = Agent(
    name="cline",
    package="cline",
    command="cline",
    protocol="openai",
    model="agent-model",
    arguments=lambda prompt: ["--provider", "openai-compatible", prompt],
    settings=_cline,
    upstreams=("claude", "responses", "gemini", "ollama"),
    script=_calling("run_commands", commands=[_COMMAND]),
)
AIDER = Agent(
    name="aider",
    package="aider-chat",
    command="aider",
    protocol="openai",
    model="agent-model",
    arguments=lambda prompt: _aider_arguments("openai/agent-model", prompt),
    settings=_aider,
    script=_writing_it_down,
    has_tools=False,
    upstreams=("claude", "gemini", "ollama"),
    version="0.86.2",
    source=install.pip,
)
AIDER_OLLAMA = replace(
    AIDER,
    name="aider-ollama",
    protocol="ollama",
    arguments=lambda prompt: _aider_arguments("ollama_chat/agent-model", prompt),
    settings=lambda place: {"OLLAMA_API_BASE": place.url, "OLLAMA_API_KEY": place.token},
    upstreams=("claude", "responses"),
)

AGENTS = (
    CLAUDE,
    CLAUDE_OLD,
    CODEX,
    GEMINI,
    QWEN,
    OPENCODE,
    OPENCODE_CLAUDE,
    OPENCODE_RESPONSES,
    OPENCODE_GEMINI,
    CLINE,
    *((AIDER, AIDER_OLLAMA) if sys.version_info < (3, 13) else ()),  # aider wants no newer one
)
