"""What Prometheus is told: counters and histograms of calls, by OpenTelemetry's names where it has one.

https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-metrics (development, 1.41). Dots become
underscores and seconds are part of the name, as Prometheus wants it. A model is named by the alias
that caught it: what clients ask for has no end.
"""

from collections.abc import Callable
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from ccproxy_tui.protocols.base import Operation
from ccproxy_tui.traffic.call import Call, Phase
from ccproxy_tui.traffic.totals import output_rate

_NAMES: Final = {
    Operation.GENERATE.value: "chat",
    Operation.COMPLETE.value: "text_completion",
    Operation.EMBED.value: "embeddings",
}
"""`gen_ai.operation.name`."""
_PROVIDERS: Final = {
    "claude": "anthropic",
    "openai": "openai",
    "responses": "openai",
    "gemini": "gcp.gemini",
    "ollama": "ollama",
}
"""`gen_ai.provider.name`, by the protocol that the upstream speaks."""
_GEN_AI: Final = (
    "gen_ai_operation_name",
    "gen_ai_provider_name",
    "gen_ai_request_model",
    "gen_ai_response_model",
    "ccproxy_group",
    "ccproxy_provider",
)
_SECONDS: Final = tuple(0.01 * 2**step for step in range(18))
"""The convention's steps from 0.01 to 81.92, and on to 22 minutes: agents' calls take long."""
_TOKENS: Final = tuple(4**step for step in range(14))
_FIRST_SECONDS: Final = (0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60)
_SECONDS_A_TOKEN: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 1)


class Metrics:
    """Counts calls as they end, which takes some microseconds each."""

    def __init__(self, running: Callable[[], int]) -> None:
        """`running` tells how many calls are under way."""
        registry = self._registry = CollectorRegistry()
        self._duration = Histogram(
            "gen_ai_client_operation_duration_seconds",
            "Time of a call from its start to its end",
            (*_GEN_AI, "error_type"),
            buckets=_SECONDS,
            registry=registry,
        )
        self._usage = Histogram(
            "gen_ai_client_token_usage",
            "Tokens of a call, read (cached ones included) and written",
            (*_GEN_AI, "gen_ai_token_type"),
            buckets=_TOKENS,
            registry=registry,
        )
        self._first = Histogram(
            "gen_ai_server_time_to_first_token_seconds",
            "Time from a call's start to the first content of its reply",
            _GEN_AI,
            buckets=_FIRST_SECONDS,
            registry=registry,
        )
        self._per_token = Histogram(
            "gen_ai_server_time_per_output_token_seconds",
            "Time for each token of a streamed reply after its first content",
            _GEN_AI,
            buckets=_SECONDS_A_TOKEN,
            registry=registry,
        )
        self._calls = Counter(
            "ccproxy_calls",
            "Calls that are over, by how they ended",
            ("group", "key", "operation", "status", "phase"),
            registry=registry,
        )
        self._tokens = Counter(
            "ccproxy_tokens",
            "Tokens, none counted twice",
            ("group", "alias", "provider", "model", "key", "type"),
            registry=registry,
        )
        self._cost = Counter(
            "ccproxy_cost_dollars",
            "US dollars, as far as prices are known",
            ("group", "alias", "provider", "model", "key"),
            registry=registry,
        )
        self._attempts = Counter(
            "ccproxy_attempts",
            "Requests upstream, by what came of them",
            ("provider", "candidate", "outcome"),
            registry=registry,
        )
        Gauge("ccproxy_calls_running", "Calls under way", registry=registry).set_function(running)

    def note(self, call: Call) -> None:
        """Count a call that is over."""
        status = str(call.status) if call.status else "none"
        self._calls.labels(call.group, call.key, call.operation, status, call.phase.value).inc()
        for attempt in call.attempts:
            outcome = "none" if attempt.outcome is None else attempt.outcome.value
            provider = attempt.candidate.partition("/")[0]
            self._attempts.labels(provider, attempt.candidate, outcome).inc()
        if call.provider and call.operation in _NAMES:
            self._note_generation(call)

    def _note_generation(self, call: Call) -> None:
        tokens = call.tokens
        labels = (
            _NAMES[call.operation],
            _PROVIDERS.get(call.upstream_protocol, call.upstream_protocol),
            call.alias,
            call.model,
            call.group,
            call.provider,
        )
        if call.duration is not None:
            self._duration.labels(*labels, _error_type(call)).observe(call.duration)
        if tokens.context or tokens.output:
            self._usage.labels(*labels, "input").observe(tokens.context)
            self._usage.labels(*labels, "output").observe(tokens.output)
        if call.phase is Phase.DONE and call.ttft is not None:
            self._first.labels(*labels).observe(call.ttft)
            if rate := output_rate(call):
                self._per_token.labels(*labels).observe(1 / rate)
        whose = (call.group, call.alias, call.provider, call.model, call.key)
        for kind in ("input", "cache_read", "cache_write", "output"):
            if count := getattr(tokens, kind):
                self._tokens.labels(*whose, kind).inc(count)
        if call.cost:
            self._cost.labels(*whose).inc(call.cost)

    def text(self) -> bytes:
        """Write all of it in Prometheus's text format, version 0.0.4."""
        return generate_latest(self._registry)


def _error_type(call: Call) -> str:
    if call.phase is Phase.DONE:
        return ""
    if call.phase is Phase.CANCELLED:
        return "cancelled"
    last = call.attempts[-1].outcome if call.attempts else None
    return last.value.replace(" ", "_") if last is not None else str(call.status or "error")
