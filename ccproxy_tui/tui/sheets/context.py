"""The tab that tells what fills the window: system prompt, each tool, history, results."""

from collections.abc import Callable, Sequence

from ccproxy_tui.inspection.context import Contents, Part, measure
from ccproxy_tui.inspection.reading import UnreadableError
from ccproxy_tui.traffic.call import Call, Exchange
from ccproxy_tui.tui.bars import share_bar
from ccproxy_tui.tui.json_nodes import text_nodes
from ccproxy_tui.tui.outline import Node, plain
from ccproxy_tui.tui.quantities import count, percent, size
from ccproxy_tui.tui.sheets.not_kept import not_kept
from ccproxy_tui.tui.sheets.sheet import Subject
from ccproxy_tui.tui.widgets.cells import cut, one_line
from ccproxy_tui.tui.widgets.lines import Line

_BAR = 12
_WIDEST_BAR = 60
_LARGEST = 30
"""So many of the single pieces of a kind are listed."""
_PREVIEW = 40


class ContextSheet:
    """Parts of the window, the largest first."""

    title = "Context"

    def __init__(self) -> None:
        self._measured: tuple[Exchange, tuple[int, int], Contents] | None = None

    def draw(self, subject: Subject) -> Sequence[Node]:
        """Return the parts; a request that was measured is not measured again."""
        call, exchange = subject.call, subject.exchange
        if exchange is None:
            return not_kept(call)
        try:
            contents = self._measure(call, exchange)
        except UnreadableError as error:
            return plain(Line(f"The request cannot be read: {error}.", "muted"))
        if not contents.tokens:
            return plain(Line("The request puts nothing into the window.", "muted"))
        counted = 0 if call.tokens.estimated else call.tokens.context
        scale = counted / contents.tokens if counted else 1.0
        total = counted or contents.tokens
        return [
            *_head(call, contents, total, min(_WIDEST_BAR, subject.width)),
            *(_node(part, total, scale, top=True) for part in contents.parts),
        ]

    def _measure(self, call: Call, exchange: Exchange) -> Contents:
        look = len(exchange.client_request.chunks), len(exchange.upstream_request.chunks)
        kept = self._measured
        if kept is None or kept[0] is not exchange or kept[1] != look:
            kept = self._measured = exchange, look, measure(call, exchange)
        return kept[2]


def _head(call: Call, contents: Contents, total: int, width: int) -> list[Node]:
    """Say how full the window is, and how that was counted."""
    used = f"{total:,} tokens in {size(contents.bytes)}"
    lines = []
    if call.window:
        left = call.window - total
        rest = f"{left:,} left" if left >= 0 else f"{-left:,} too many"
        used += f" · {percent(total, call.window)} of a window of {call.window:,} · {rest}"
        lines.append(Line(share_bar(total, call.window, width)))
    counted = call.tokens.context and not call.tokens.estimated
    how = (
        "Counted here, and scaled to what the upstream counted."
        if counted
        else "Counted here with a common tokenizer; the model's own may differ."
    )
    if contents.of_client:
        how += " Of the client's request, as none that can be read went upstream."
    lines = [Line(used, "strong"), *lines, Line(how, "muted"), Line("")]
    return [
        *(Node(("head", number), line) for number, line in enumerate(lines)),
        Node("columns", Line(f"{'':{_BAR}} {'share':>5} {'tokens':>6} {'bytes':>7}", "muted")),
    ]


def _node(part: Part, total: int, scale: float, *, top: bool = False) -> Node:
    tokens = part.tokens * scale
    figures = (
        f"{share_bar(tokens, total, _BAR)} {_share(tokens, total):>5} "
        f"{count(tokens):>6} {size(part.bytes):>7}"
    )
    brief = one_line(part.text[: _PREVIEW * 4].removeprefix(part.name)).strip()
    return Node(
        part.key,
        Line(f"{figures}  {part.name}", lead=_BAR),
        _below(part, total, scale),
        open=top,
        text=part.text or None,
        summary=cut(" ".join(brief.split()), _PREVIEW),
    )


def _below(part: Part, total: int, scale: float) -> Sequence[Node] | Callable[[], Sequence[Node]]:
    """Return what a part consists of, in the end its text."""
    if part.text:
        return lambda: text_nodes(part.text, part.text)
    nodes = [_node(one, total, scale) for one in part.parts[:_LARGEST]]
    if rest := part.parts[_LARGEST:]:
        more = Part(
            "more",
            f"… {len(rest)} smaller ones",
            sum(one.bytes for one in rest),
            sum(one.tokens for one in rest),
        )
        nodes.append(_node(more, total, scale))
    return nodes


def _share(part: float, total: float) -> str:
    """Write a share; the least one is not nothing."""
    return "<1%" if 0 < part / total < 0.005 else percent(part, total)
