"""Checks of a client's request that say where it is wrong."""

from typing import Any

from ccproxy_tui.protocols.base import BadRequestError
from ccproxy_tui.protocols.hub import JsonObject


def need(holds: object, field: str, what: str) -> None:
    """Raise `BadRequestError` unless something holds of `field`, which must be `what`."""
    if not holds:
        raise BadRequestError(field, f"must be {what}")


def number(body: JsonObject, name: str, field: str = "") -> Any:
    """Give a number of `body`, None when it is absent; raises `BadRequestError` naming `field`."""
    value = body.get(name)
    fits = value is None or (isinstance(value, int | float) and not isinstance(value, bool))
    need(fits, field or name, "a number")
    return value
