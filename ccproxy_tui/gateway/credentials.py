"""The secrets of a candidate, looked up where the configuration names a variable for them."""

from ccproxy_tui.config.api_keys import resolve, variable
from ccproxy_tui.config.snapshot import Candidate
from ccproxy_tui.gateway.errors import RefusedError


def read_api_key(candidate: Candidate) -> str:
    """Return the API key itself; raises `RefusedError` when its variable is not set."""
    return _read(candidate, candidate.api_key, "API key")


def read_http_proxy(candidate: Candidate) -> str | None:
    """Return the address of the outgoing HTTP proxy, None for none; raises `RefusedError`."""
    return _read(candidate, candidate.http_proxy, "HTTP proxy") or None


def _read(candidate: Candidate, reference: str, what: str) -> str:
    value = resolve(reference)
    if value is None:
        raise RefusedError(
            500,
            f'provider "{candidate.provider.name}" takes its {what} from the environment variable '
            f"{variable(reference)}, which is not set where ccproxy runs",
            retry=False,
        )
    return value
