"""A call in words: what the inspector's overview says, and what is copied."""

from ccproxy_tui.traffic.call import Call, Exchange, Phase, Tokens
from ccproxy_tui.tui.attempts import attempt_facts, attempt_tone
from ccproxy_tui.tui.progress import elapsed, only_counts, output_tokens, tokens_per_second
from ccproxy_tui.tui.quantities import dollars, moment, percent, seconds, size
from ccproxy_tui.tui.widgets.cells import Tone
from ccproxy_tui.tui.widgets.lines import Line

_LABEL = 12


def overview(call: Call, exchange: Exchange | None) -> list[Line]:
    """Return the facts of a call, a line each."""
    lines = [
        _fact("call", f"#{call.id} · {call.method} {call.path}"),
        _fact("state", _state(call), _state_tone(call)),
    ]
    if call.error:
        lines.append(_fact("error", call.error, "bad"))
    lines += [
        _fact("client", _client(call)),
        _fact("asked for", call.requested),
        _fact("routed", _route(call)),
        _fact("time", _timeline(call)),
        _fact("tokens", _tokens(call)),
        _fact("cost", "" if call.cost is None else dollars(call.cost)),
    ]
    for number, attempt in enumerate(call.attempts, 1):
        said = attempt_facts(number, attempt, call)
        lines.append(_fact("attempts" if number == 1 else "", said, attempt_tone(attempt)))
    if call.session:
        agent = f" · sub-agent {call.agent}" if call.agent else ""
        lines.append(_fact("session", call.session + agent))
    if exchange is not None:
        lines.append(_fact("sizes", _sizes(exchange)))
    for number, note in enumerate(call.notes):
        lines.append(_fact("" if number else "changed", note))
    return [line for line in lines if len(line.text) > _LABEL]


def facts_text(call: Call) -> str:
    """Return the facts for the clipboard."""
    return "\n".join(line.text for line in overview(call, None))


def _fact(label: str, text: str, tone: Tone = "") -> Line:
    return Line(f"{label:<{_LABEL}}{text}", tone, _LABEL, hang=_LABEL)


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
