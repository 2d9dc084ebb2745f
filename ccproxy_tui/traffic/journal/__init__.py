"""The calls on disk: written behind, in batches, on a thread of the journal's own."""

from ccproxy_tui.traffic.journal.journal import Journal
from ccproxy_tui.traffic.journal.pruning import Limits

__all__ = ["Journal", "Limits"]
