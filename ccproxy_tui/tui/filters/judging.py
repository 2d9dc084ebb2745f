"""From terms to functions that judge a call: compiled once, for 100,000 calls are judged by them."""

from collections.abc import Callable, Iterable, Sequence
from re import Pattern

from ccproxy_tui.traffic.call import Call, Phase
from ccproxy_tui.tui.call_log import Matches
from ccproxy_tui.tui.filters.fields import TextField
from ccproxy_tui.tui.filters.terms import Value
from ccproxy_tui.tui.progress import only_counts
from ccproxy_tui.wildcards import compile_pattern

Fits = Callable[[str], bool]

_MOST_REMEMBERED = 20_000


class Remembering(dict[str, bool]):
    """Whether texts fit, each judged once: keys, groups and models come again and again."""

    def __init__(self, fits: Fits) -> None:
        super().__init__()
        self._fits = fits

    def __missing__(self, text: str) -> bool:
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        fits = self[text] = self._fits(text)
        return fits


def every(judges: Sequence[Matches]) -> Matches:
    """Return a judge that is content when all are, asked in their order."""
    if len(judges) == 1:
        return judges[0]
    if len(judges) == 2:
        first, second = judges
        return lambda call: first(call) and second(call)

    def all_hold(call: Call) -> bool:
        for judge in judges:  # noqa: SIM110 - twice as fast as all()
            if not judge(call):
                return False
        return True

    return all_hold


def negated(judge: Matches) -> Matches:
    """Return a judge of the other opinion."""
    return lambda call: not judge(call)


def text_judge(field: TextField, values: Iterable[Value]) -> Matches:
    """Return a judge of a text field: one of its texts fits one of the values."""
    fitting = [_fits(value) for value in values]
    only = fitting[0] if len(fitting) == 1 else lambda text: any(fits(text) for fits in fitting)
    remembered, read, none = Remembering(only), field.read, only("")

    def judge(call: Call) -> bool:
        texts = read(call)
        for text in texts:
            if remembered[text]:
                return True
        return none and not texts

    return judge


def _fits(value: Value) -> Fits:
    text = value.text.lower()
    if not value.quoted and ("*" in text or "?" in text):
        whole: Pattern[str] = compile_pattern(text)
        return lambda candidate: whole.fullmatch(candidate.lower()) is not None
    if value.test or not text:
        return lambda candidate: candidate.lower() == text
    return lambda candidate: text in candidate.lower()


def word_judge(word: str) -> Matches:
    """Return a judge of whether what the log shows of a call has a word."""
    word = word.lower()
    number = word.removeprefix("#")
    digits = number if number.isdecimal() and number.isascii() else ""
    begins = number != word
    route = "/" in word
    remembered = Remembering(lambda text: word in text.lower())
    phases = tuple(phase for phase in Phase if word in phase)

    def judge(call: Call) -> bool:
        if digits:
            place = str(call.id).find(digits)
            if place == 0 or (place > 0 and not begins) or word in str(call.status):
                return True
        return (
            remembered[call.requested]
            or remembered[call.model]
            or remembered[call.alias]
            or remembered[call.group]
            or remembered[call.key]
            or remembered[call.provider]
            or call.phase in phases
            or remembered[call.session]
            or remembered[call.path]
            or (call.error != "" and remembered[call.error])
            or (call.agent != "" and remembered[call.agent])
            or (call.remark != "" and remembered[call.remark])
            or (call.tools != () and any(remembered[tool] for tool in call.tools))
            or (route and remembered[call.target])
            or (only_counts(call) and word in "count")
        )

    return judge
