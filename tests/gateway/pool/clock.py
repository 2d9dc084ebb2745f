"""A time that goes on when a test says so."""


class Clock:
    """Seconds since the epoch; no two looks are at the same moment, as with a real one."""

    def __init__(self, now: float = 1_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        self.now += 1e-6
        return self.now

    def forward(self, seconds: float) -> None:
        """Let time pass; who waits for it has to be woken up."""
        self.now += seconds
