"""What the real vendors refuse in a request, in words like theirs."""

from ccproxy_tui.demo.received import ReceivedRequest


def find_fault(request: ReceivedRequest) -> str:
    """Say the first thing that is wrong with the request; empty when nothing is."""
    return ""
