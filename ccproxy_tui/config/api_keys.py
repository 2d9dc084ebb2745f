"""Secrets as the configuration has them: literals, or `env:NAME` for a variable read at use."""

import os

_ENV = "env:"


def is_variable(reference: str) -> bool:
    """Tell a reference to a variable from a literal."""
    return reference.startswith(_ENV)


def resolve(reference: str) -> str | None:
    """Return the secret itself; None when its variable is not set where ccproxy runs."""
    if not is_variable(reference):
        return reference
    return os.environ.get(variable(reference), "").strip() or None


def variable(reference: str) -> str:
    """Return the name of the variable that a reference leads to."""
    return reference.removeprefix(_ENV)
