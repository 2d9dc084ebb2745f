"""The tab with the facts of a call: what became of it, what it took, what it cost."""

from collections.abc import Sequence

from ccproxy_tui.tui.bars import share_bar
from ccproxy_tui.tui.facts import LABEL, Fact, facts, facts_text
from ccproxy_tui.tui.outline import Node, plain
from ccproxy_tui.tui.sheets.sheet import Subject
from ccproxy_tui.tui.timeline import attempt_spans, bar, call_spans, legend, scale
from ccproxy_tui.tui.widgets.lines import Line

_WIDEST = 100
_CONTEXT_BAR = 20


class OverviewSheet:
    """Facts and timeline."""

    title = "Overview"

    def draw(self, subject: Subject) -> Sequence[Node]:
        """Return the facts, a line each; long reasons are below theirs."""
        nodes: list[Node] = []
        label, number = "", 0
        for fact in facts(subject.call, subject.exchange):
            label, number = (fact.label, 0) if fact.label else (label, number + 1)
            nodes.append(_node(subject, label, number, fact))
        return nodes


def _node(subject: Subject, label: str, number: int, fact: Fact) -> Node:
    call = subject.call
    width = max(1, min(_WIDEST, subject.width - LABEL))
    if label == "call":
        return Node(label, fact.line(), text=lambda: facts_text(call))
    if label == "time":
        spans = call_spans(call)
        drawn = bar(spans, 0.0, scale(call), width)
        fact = Fact(label, f"{drawn}\n{legend(spans)}\n{fact.text}")
    elif label == "attempts" and len(call.attempts) > 1:
        attempt = call.attempts[number]
        spans = attempt_spans(attempt, call)
        drawn = bar(spans, attempt.began, scale(call), width)
        fact = Fact(fact.label, f"{fact.text}\n{drawn}\n{legend(spans)}", fact.tone)
    elif label == "context" and call.window:
        drawn = share_bar(call.tokens.context, call.window, _CONTEXT_BAR)
        fact = Fact(label, f"{drawn} {fact.text}")
    elif label == "routed" and call.why:
        return Node(label, fact.line(), plain(*(Line(reason) for reason in call.why)),
                    summary="why…")  # fmt: skip
    return Node((label, number), fact.line())
