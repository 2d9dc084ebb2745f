"""The tab that tells why a prompt was, or was not, read from its vendor's cache."""

from collections.abc import Iterator, Sequence

from ccproxy_tui.config.models import Provider
from ccproxy_tui.config.prices import find_price
from ccproxy_tui.inspection.cache import Diagnosis, Difference, Outcome, diagnose
from ccproxy_tui.inspection.prefix import Excerpt
from ccproxy_tui.traffic.call import Call
from ccproxy_tui.traffic.prices import Rates
from ccproxy_tui.tui.bars import share_bar
from ccproxy_tui.tui.outline import Node
from ccproxy_tui.tui.quantities import dollars, percent
from ccproxy_tui.tui.sheets.not_kept import not_kept
from ccproxy_tui.tui.sheets.sheet import Subject
from ccproxy_tui.tui.widgets.cells import Tone, one_line
from ccproxy_tui.tui.widgets.lines import Line

_NO_PRICE = "what that cost is not known: the model has no price"
_HEADS: dict[Outcome, tuple[str, Tone]] = {
    "hit": ("hit", "good"),
    "part": ("in part", "warn"),
    "miss": ("miss", "bad"),
    "running": ("not known yet", "muted"),
    "silent": ("not known", "muted"),
    "none": ("nothing to cache", "muted"),
}
_MOST_SHOWN = 200
"""Characters of what has changed; the whole of it is copied."""
_WIDEST_BAR = 60


class CacheSheet:
    """The share of the cache, why it is not larger, and where both prompts part."""

    title = "Cache"

    def __init__(self) -> None:
        self.providers: Sequence[Provider] = ()
        """Those of the configuration, for the prices that the user states."""
        self._found: tuple[object, Diagnosis] | None = None

    def draw(self, subject: Subject) -> Sequence[Node]:
        """Return what was found; it is looked for again only when something has changed."""
        call, found = subject.call, self._diagnose(subject)
        nodes = [*_head(call, found, min(_WIDEST_BAR, subject.width))]
        nodes += [
            Node(("cause", number), Line(f"{number}. {_sentence(cause)}", lead=2, hang=3))
            for number, cause in enumerate(found.causes, 1)
        ]
        if found.difference is not None and subject.previous is not None:
            nodes += [Node("space", Line("")), _difference(subject.previous, found)]
        elif found.problem:
            nodes.append(
                Node("problem", Line(f"The prompts cannot be compared: {found.problem}.", "muted"))
            )
        if subject.exchange is None:
            nodes += not_kept(call)
        return nodes

    def _diagnose(self, subject: Subject) -> Diagnosis:
        call, exchange, previous = subject.call, subject.exchange, subject.previous
        look = (
            call.id,
            call.live,
            call.tokens,
            id(exchange),
            None if exchange is None else len(exchange.upstream_request.chunks),
            None if previous is None else (previous.id, previous.live),
            id(subject.previous_exchange),
            id(self.providers),
        )
        if self._found is None or self._found[0] != look:
            before, own = subject.previous_exchange, _stated(call, self.providers)
            found = diagnose(call, exchange, previous, before, own)
            self._found = look, found
        return self._found[1]


def _stated(call: Call, providers: Sequence[Provider]) -> Rates | None:
    """Return the rates of the call's model as the user states them, if so."""
    prices = next((one.prices for one in providers if one.name == call.provider), ())
    found = find_price(prices, call.model)
    return None if found is None else Rates(*found.rates)


def _head(call: Call, found: Diagnosis, width: int) -> Iterator[Node]:
    """Say how much came from the cache, and what that has saved."""
    word, tone = _HEADS[found.outcome]
    tokens = found.tokens
    said = f"{word}: "
    if found.outcome in ("hit", "part", "miss"):
        said += (
            f"{percent(tokens.cache_read, tokens.context)} of the prompt came from the cache,"
            f" {tokens.cache_read:,} of {tokens.context:,} tokens"
        )
    elif found.outcome == "running":
        said += "the upstream says at the end what came from its cache"
    elif found.outcome == "silent":
        said += "the upstream has not said what came from its cache"
    else:
        said += f"a call to {call.operation} asks for no reply"
    yield Node("head", Line(said, tone, len(word) + 1))
    if found.outcome in ("hit", "part", "miss"):
        yield Node("bar", Line(share_bar(tokens.cache_read, tokens.context, width)))
    facts = []
    if tokens.cache_write:
        facts.append(f"{tokens.cache_write:,} tokens were written into it")
    if found.saved is not None:
        facts.append(f"it saved {dollars(found.saved)}")
    if call.upstream_protocol:
        facts.append(f"{call.target}, {call.upstream_protocol}")
    if facts:
        yield Node("facts", Line(" · ".join(facts), "muted"))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."


def _difference(previous: Call, found: Diagnosis) -> Node:
    """Return where the prompt is another one than before: in words, bytes, tokens and money."""
    difference = found.difference
    assert difference is not None
    head = f"Against the call before, #{previous.id}: "
    said, parting = difference.words, difference.parting
    if parting is None:
        said += "; all of the earlier prompt could be read from the cache."
        return Node("difference", Line(head + said, "good", len(head), hang=2))
    if said in found.causes:
        said = "where both prompts part"
    below = [
        Node(number, Line(line, "muted")) for number, line in enumerate(_figures(found, difference))
    ]
    if parting.excerpt is not None:
        below += _excerpt(parting.excerpt)
    return Node("difference", Line(f"{head}{said}", "warn", len(head), hang=2), below, open=True)


def _figures(found: Diagnosis, difference: Difference) -> Iterator[str]:
    if difference.parting is not None and difference.parting.offset is not None:
        yield f"the first byte that differs is byte {difference.parting.offset:,} of the request"
    yield f"about {difference.kept:,} tokens before it are the same"
    if found.outcome == "hit":
        return
    lost = f"about {difference.lost:,} after it could not come from the cache"
    if difference.cost is None:
        yield f"{lost}; {_NO_PRICE}"
    else:
        yield f"{lost}, for {dollars(difference.cost)} more"


def _excerpt(found: Excerpt) -> list[Node]:
    """Return both sides, what differs in brackets."""
    more = "…" if found.before else ""
    sides: tuple[tuple[str, Tone, str, str], ...] = (
        ("-", "bad", found.old, found.old_after),
        ("+", "good", found.new, found.new_after),
    )
    return [
        Node(
            ("side", sign),
            Line(
                f"{sign} {more}{one_line(f'{found.before}[{_cut(changed)}]{after}')}", tone, hang=4
            ),
            text=f"{sign} {found.before}{changed}{after}",
        )
        for sign, tone, changed, after in sides
    ]


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}… {len(text):,} characters"
