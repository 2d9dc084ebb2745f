"""What has to come of a fault, held against what was seen."""

from collections.abc import Iterator

from ccproxy_tui.config.models import Protocol
from ccproxy_tui.traffic.attempt import Outcome
from ccproxy_tui.traffic.call import Phase
from ccproxy_tui.traffic.standing import State
from tests.faults.stage import FAULTY, GOOD, GOOD_TEXT, Seen
from tests.faults.table import ENDLESS, TEXT, Fault

_CLOSE = 2.0
"""Seconds by which a cooldown may differ: dates in headers have no fractions."""
_COUNTED = frozenset({Outcome.OVERLOAD, Outcome.TRANSPORT, Outcome.TIMEOUT})


def broken_promises(
    seen: Seen, fault: Fault, upstream: Protocol, *, streamed: bool, alone: bool
) -> list[str]:
    """Say, a line each, what is other than it has to be."""
    begun = streamed and upstream in fault.broken
    goes_on = not (alone or begun or fault.final or fault.good)
    return [
        *_of_attempts(seen, fault, goes_on=goes_on),
        *_of_client(seen, fault, upstream, begun=begun, goes_on=goes_on),
        *_of_health(seen, fault),
    ]


def _of_attempts(seen: Seen, fault: Fault, *, goes_on: bool) -> Iterator[str]:
    expected = [(f"{FAULTY}/m", fault.outcome)]
    if goes_on:
        expected.append((f"{GOOD}/m", Outcome.SUCCESS))
    tried = [(attempt.candidate, attempt.outcome) for attempt in seen.tried]
    if tried != expected:
        yield f"tried {tried}, not {expected}"
    if any(attempt.seconds is None for attempt in seen.tried):
        yield "an attempt has no end"
    if any(not attempt.reason for attempt in seen.tried if attempt.outcome is not Outcome.SUCCESS):
        yield "an attempt that failed has no reason"
    arrived: list[str] = [key.split("-")[1] for key in seen.requests]
    expected_there = [name.split("/")[0] for name, _ in expected]
    if fault.script is None:
        expected_there.remove(FAULTY)
    if fault.asked_again and arrived[:2] == [FAULTY, FAULTY]:
        del arrived[0]
    if arrived != expected_there:
        yield f"requests arrived at {arrived}, not {expected_there}"


def _of_client(
    seen: Seen, fault: Fault, upstream: Protocol, *, begun: bool, goes_on: bool
) -> Iterator[str]:
    client = seen.client
    if fault.good or goes_on:
        said = GOOD_TEXT if goes_on else fault.text
        if (client.status, client.error, client.text) != (200, "", said):
            yield f"the client saw {client.status} {client.error} {client.text[:80]!r}"
        if seen.call.phase is not Phase.DONE:
            yield f"the call is {seen.call.phase}: {seen.call.error}"
        return
    if seen.call.phase is not Phase.FAILED or not seen.call.error:
        yield f"the call is {seen.call.phase}: {seen.call.error!r}"
    if begun:
        part = "".join(TEXT).startswith(client.text) or not client.text.replace(ENDLESS, "")
        if not (client.status == 200 and client.error == fault.error and client.text and part):
            yield f"the client saw {client.status} {client.error} {client.text[:80]!r}"
        return
    status = (fault.own_status if upstream == "claude" else 0) or fault.status
    if upstream == "claude" and fault.own_status:
        exchange = seen.call.exchange
        assert exchange is not None
        if exchange.client_reply.body != exchange.upstream_reply.body:
            yield "the upstream's own words did not pass untouched"
    elif client.error != fault.error:
        yield f"the client saw an error of type {client.error}, not {fault.error}"
    if client.status != status:
        yield f"the client saw status {client.status}, not {status}"
    yield from _of_retry(seen, fault)


def _of_retry(seen: Seen, fault: Fault) -> Iterator[str]:
    after = seen.client.headers.get("retry-after")
    if (after is None) != (not fault.cooldown):
        yield f"the client is told to come back after {after}, but the candidate is out for {fault.cooldown}"
    elif after is not None and abs(int(after) - fault.cooldown) > _CLOSE:
        yield f"the client is told to come back after {after} s, not {fault.cooldown:.0f}"
    told = seen.client.headers.get("x-should-retry")
    if fault.retry is not None and told != str(fault.retry).lower():
        yield f"the client is told x-should-retry: {told}"


def _of_health(seen: Seen, fault: Fault) -> Iterator[str]:
    if seen.state is not fault.state or seen.whole_key is not fault.whole_key:
        yield f"the candidate is {seen.health}, not {fault.state}"
    if abs(seen.cooldown - fault.cooldown) > _CLOSE:
        yield f"it cools down for {seen.cooldown:.1f} s, not {fault.cooldown:.0f}"
    counted = int(fault.outcome in _COUNTED and fault.state is State.READY)
    if seen.in_a_row != counted:
        yield f"{seen.in_a_row} failures are counted for its breaker, not {counted}"
