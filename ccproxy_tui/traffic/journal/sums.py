"""What calls add up to as a slot's text, and back."""

import logging
from collections import Counter
from dataclasses import astuple
from itertools import chain
from math import isfinite
from typing import Any

import orjson

from ccproxy_tui.traffic.call import Tokens
from ccproxy_tui.traffic.spent import Spent
from ccproxy_tui.traffic.totals import Histogram, Totals

log = logging.getLogger(__name__)

_LARGEST = 2**63 - 1
"""What is more is written as this: JSON may hold it, but not everybody can read it."""


def write(totals: Totals) -> str:
    """Write sums down."""
    *tokens, estimated = astuple(totals.tokens)
    facts = [
        totals.calls,
        totals.failed,
        totals.cancelled,
        totals.money if isfinite(totals.money) else 0.0,
        totals.unpriced,
        [*(min(max(count, 0), _LARGEST) for count in tokens), estimated],
        _flat(totals.ttft),
        _flat(totals.speed),
    ]
    return orjson.dumps(facts).decode()


def read(written: str) -> Totals:
    """Read sums; what cannot be read is none."""
    try:
        calls, failed, cancelled, money, unpriced, tokens, ttft, speed = orjson.loads(written)
        counts = calls, failed, cancelled, Tokens(*tokens), money, unpriced
        return Totals(*counts, _filled(ttft), _filled(speed))
    except (TypeError, ValueError):
        log.warning("a sum in the journal cannot be read; it is left out")
        return Totals()


def spent_of(written: str) -> Spent:
    """Read only what a limit asks for."""
    try:
        _, _, _, money, _, tokens, *_ = orjson.loads(written)
        return Spent(int(sum(tokens[:4])), money)
    except (TypeError, ValueError):
        return Spent()


def _flat(histogram: Histogram) -> list[int]:
    """Write a histogram as bucket, count, bucket, count and so on."""
    return list(chain.from_iterable(histogram.buckets.items()))


def _filled(flat: list[Any]) -> Histogram:
    return Histogram(Counter(dict(zip(flat[::2], flat[1::2], strict=True))))
