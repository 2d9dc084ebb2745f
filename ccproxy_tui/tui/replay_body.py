"""The body of a call that is sent again: laid out to be edited, and read back."""

import json
from typing import Any

from ccproxy_tui import json_bytes


class BodyError(Exception):
    """What was edited is no JSON; says where."""


def laid_out(body: bytes) -> str:
    """Return a body as a person edits it; what is no JSON stays as it is."""
    try:
        value = json_bytes.read(body)
        written = json.dumps(value, ensure_ascii=False, indent=2)
        written.encode()
    except UnicodeEncodeError:
        return json.dumps(value, indent=2)
    except (ValueError, RecursionError):
        return body.decode("utf-8", "replace")
    return written


def edited_body(text: str) -> bytes:
    """Return the body that a text means; raises `BodyError`."""
    try:
        value: Any = json.loads(text)
    except json.JSONDecodeError as error:
        raise BodyError(f"line {error.lineno}, column {error.colno}: {error.msg}") from error
    except RecursionError as error:
        raise BodyError("it is nested too deeply") from error
    if not isinstance(value, dict):
        raise BodyError("a request is an object: it begins with { and ends with }")
    return json_bytes.write(value)
