"""What a tab says of a call whose messages are not there."""

from ccproxy_tui.traffic.call import Call
from ccproxy_tui.tui.outline import Node, plain
from ccproxy_tui.tui.widgets.lines import Line

_WHY = {
    "full": "They were removed to stay within the journal's limits, or lost when the proxy was killed.",
    "errors": "Its group keeps those of failed calls only: edit the group (1, e) to keep all.",
    "off": "Its group keeps none: edit the group (1, e) to keep them.",
}


def not_kept(call: Call) -> list[Node]:
    """Say that there are no messages, and why."""
    if call.live:
        return plain(Line("Nothing yet.", "muted"))
    return plain(
        Line("The messages of this call were not kept.", "warn"), Line(_WHY[call.capture], "muted")
    )
