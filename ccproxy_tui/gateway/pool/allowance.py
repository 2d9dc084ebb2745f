"""What one API key of a provider may still take, by the limits that the user has set."""

from collections import deque
from dataclasses import dataclass, field

from ccproxy_tui.config.models import Provider

_MINUTE = 60.0


@dataclass(slots=True)
class Allowance:
    """Requests of the last minute and those under way, whatever the model."""

    in_flight: int = 0
    _sent: deque[float] = field(default_factory=deque)

    def begin(self, provider: Provider, now: float) -> None:
        """Note that an attempt begins, with a request that goes out."""
        self.in_flight += 1
        self.sends(provider, now)

    def sends(self, provider: Provider, now: float) -> None:
        """Note that a request goes out."""
        if provider.requests_per_minute is not None:
            self._sent.append(now)

    def end(self) -> None:
        """Note that an attempt is over."""
        self.in_flight -= 1

    def free_at(self, provider: Provider, now: float) -> float:
        """Tell from when on there is room: `now` or before, a time, or infinity if one must end."""
        if provider.concurrent_requests and self.in_flight >= provider.concurrent_requests:
            return float("inf")
        most = provider.requests_per_minute
        if most is None:
            return 0.0
        while self._sent and self._sent[0] <= now - _MINUTE:
            self._sent.popleft()
        return self._sent[-most] + _MINUTE if len(self._sent) >= most else 0.0

    def reason(self, provider: Provider) -> str:
        """Say which limit is reached."""
        if provider.concurrent_requests and self.in_flight >= provider.concurrent_requests:
            return f"{provider.name} allows {provider.concurrent_requests} at once for this API key"
        return f"{provider.name} allows {provider.requests_per_minute} a minute for this API key"
