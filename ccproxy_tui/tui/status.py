"""What the screen says of the proxy itself."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProxyStatus:
    """Where the proxy listens."""

    address: str
    """As in 127.0.0.1:11435."""
    base_url: str
    """What clients are pointed at, without a group."""
    note: str = ""
    """Something that must be seen at all times, such as that the data is temporary."""
