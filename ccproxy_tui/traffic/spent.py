"""What calls have used, summed up."""

from dataclasses import dataclass

from ccproxy_tui.traffic.call import Call

FREE_OPERATION = "count tokens"
"""The operation that reads no tokens, but only tells how many there are."""


@dataclass(frozen=True, slots=True)
class Spent:
    """Tokens, read and written, cached or not, and US dollars as far as prices are known."""

    tokens: int = 0
    money: float = 0.0

    @classmethod
    def by(cls, call: Call) -> "Spent":
        """Return what one call has used so far."""
        if call.operation == FREE_OPERATION:
            return cls()
        tokens = call.tokens.bounded()
        return cls(tokens.context + tokens.output, call.money or 0.0)

    def __add__(self, other: "Spent") -> "Spent":
        return Spent(self.tokens + other.tokens, self.money + other.money)
