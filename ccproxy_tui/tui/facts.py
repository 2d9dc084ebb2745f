"""A call in words: what the inspector's overview says, and what is copied."""

from collections.abc import Iterable
from dataclasses import dataclass

from ccproxy_tui.traffic.call import Call, Exchange, Phase, Tokens
from ccproxy_tui.tui.attempts import attempt_facts, attempt_tone
from ccproxy_tui.tui.progress import elapsed, only_counts, output_tokens, tokens_per_second
from ccproxy_tui.tui.quantities import count, dollars, moment, percent, seconds, size
from ccproxy_tui.tui.widgets.cells import Tone
from ccproxy_tui.tui.widgets.lines import Line

LABEL = 12
"""Cells of a label."""


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that is known of a call."""

    label: str
    """Empty when it belongs to the one before."""
    text: str
    tone: Tone = ""

    def line(self) -> Line:
        """Return it as a line."""
        return Line(f"{self.label:<{LABEL}}{self.text}", self.tone, LABEL, hang=LABEL)


def facts(call: Call, exchange: Exchange | None) -> list[Fact]:
    """Return what is known of a call; what is not is left out."""
    known = [
        Fact("call", f"#{call.id} · {call.method} {call.path}"),
        Fact("state", _state(call), _state_tone(call)),
        Fact("error", call.error, "bad"),
        Fact("marked", _mark(call), "accent"),
        Fact("client", _client(call)),
        Fact("asked for", call.requested),
        Fact("routed", _route(call)),
        Fact("time", _timeline(call)),
        Fact("tokens", _tokens(call)),
        Fact("context", _context(call)),
        Fact("cost", _cost(call)),
        *_attempts(call),
        Fact("called", ", ".join(call.tools)),
        Fact("session", call.session),
        Fact("agent", _agent(call)),
        Fact("replay of", "" if call.replay_of is None else f"#{call.replay_of}"),
        Fact("sizes", "" if exchange is None else _sizes(exchange)),
        *_several("changed", call.notes),
    ]
    return [fact for fact in known if fact.text]


def facts_text(call: Call) -> str:
    """Return the facts for the clipboard."""
    return "\n".join(fact.line().text for fact in facts(call, None))


def _cost(call: Call) -> str:
    if call.cost is not None:
        return dollars(call.cost)
    used = not call.live and call.tokens.context + call.tokens.output > 0 and not only_counts(call)
    return f"no price is known of it; the form of {call.provider} takes one" if used else ""


def _several(label: str, texts: Iterable[str]) -> list[Fact]:
    return [Fact("" if number else label, text) for number, text in enumerate(texts)]


def _attempts(call: Call) -> list[Fact]:
    return [
        Fact(
            "" if number > 1 else "attempts",
            attempt_facts(number, attempt, call),
            attempt_tone(attempt),
        )
        for number, attempt in enumerate(call.attempts, 1)
    ]


def _mark(call: Call) -> str:
    """Return what a person has put on the call."""
    return call.remark or ("by you" if call.marked else "")


def _agent(call: Call) -> str:
    if not call.agent:
        return ""
    started = f", started by {call.parent_agent}" if call.parent_agent else ""
    return f"sub-agent {call.agent}{started}"


def _context(call: Call) -> str:
    """Return how full the model's window is."""
    tokens = call.tokens.context
    if not (call.window and tokens):
        return ""
    return f"in {count(tokens)} of {count(call.window)}, {percent(tokens, call.window)}"


def _state(call: Call) -> str:
    parts = [str(call.phase)]
    if call.status:
        parts.append(f"status {call.status}")
    if call.stop_reason:
        parts.append(f"stopped by {call.stop_reason}")
    if len(call.attempts) > 1:
        parts.append(f"{len(call.attempts)} attempts")
    return " · ".join(parts)


def _state_tone(call: Call) -> Tone:
    if call.phase is Phase.FAILED or call.status >= 400:
        return "bad"
    return "good" if call.phase is Phase.DONE else "warn"


def _client(call: Call) -> str:
    parts = [f"key {call.key}" if call.key else "no key", f"speaks {call.protocol}"]
    parts.append("streaming" if call.streaming else "one piece")
    return " · ".join(parts)


def _route(call: Call) -> str:
    if not call.group:
        return ""
    route = f"group {call.group}"
    if call.alias:
        route += f" → alias {call.alias}"
    if call.target:
        route += f" → {call.target}"
    if call.upstream_protocol:
        same = call.upstream_protocol == call.protocol
        route += f" ({call.upstream_protocol}{', passed through' if same else ', converted'})"
    return route


def _timeline(call: Call) -> str:
    parts = [f"began {moment(call.started_at)}"]
    if call.ttft is not None:
        parts.append(f"first content after {seconds(call.ttft)}")
    parts.append(f"{'running for' if call.live else 'over after'} {seconds(elapsed(call))}")
    return " · ".join(parts)


def _tokens(call: Call) -> str:
    tokens = call.tokens
    if only_counts(call):
        counted = f"{tokens.context:,} counted" if tokens.context else ""
        return counted + (" · estimated" if counted and tokens.estimated else "")
    parts = []
    if tokens.context:
        parts.append(f"in {tokens.context:,}{_cache(tokens)}")
    if (out := output_tokens(call)) or tokens.context:
        parts.append(f"out {out:,}")
    if (rate := tokens_per_second(call)) >= 1:
        parts.append(f"{rate:.0f} tok/s")
    if parts and tokens.estimated:
        parts.append("partly estimated")
    return " · ".join(parts)


def _cache(tokens: Tokens) -> str:
    text = ""
    if tokens.cache_read:
        share = percent(tokens.cache_read, tokens.context)
        text += f" (cached {tokens.cache_read:,}, {share})"
    if tokens.cache_write:
        text += f" (written to cache {tokens.cache_write:,})"
    return text


def _sizes(exchange: Exchange) -> str:
    named = (
        ("request", exchange.client_request),
        ("upstream request", exchange.upstream_request),
        ("upstream reply", exchange.upstream_reply),
        ("reply", exchange.client_reply),
    )
    return " · ".join(
        f"{name} {size(sum(map(len, message.chunks)))}" for name, message in named if message.chunks
    )
