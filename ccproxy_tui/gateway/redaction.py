"""An API key in what an upstream says, such as "Incorrect API key provided: sk-…", is taken out.

Clients know an access key of the proxy only, and records are kept and exported.
"""

from collections.abc import Callable

from ccproxy_tui.config.snapshot import Candidate
from ccproxy_tui.gateway.credentials import read_api_key
from ccproxy_tui.traffic.call import Message

_MASK = "•••"
_SHORTEST = 8
"""Characters; a shorter key is a word that a local server passes over, such as `ollama`."""


def redact(text: str, candidate: Candidate) -> str:
    """Give a text without the candidate's API key; raises `RefusedError` when that cannot be had."""
    for form in _forms(candidate):
        text = text.replace(form, _MASK)
    return text


def redact_bytes(data: bytes, candidate: Candidate) -> bytes:
    """Do the same to JSON in UTF-8."""
    for form in _forms(candidate):
        data = data.replace(form.encode(), _MASK.encode())
    return data


def redact_headers(
    headers: tuple[tuple[str, str], ...], candidate: Candidate
) -> tuple[tuple[str, str], ...]:
    """Do the same to the values of headers."""
    forms = _forms(candidate)
    if not any(form in value for form in forms for _, value in headers):
        return headers
    return tuple([(name, redact(value, candidate)) for name, value in headers])


def redact_kept(message: Message, candidate: Candidate) -> None:
    """Do the same to a body on record, in place."""
    body = message.body
    if (clean := redact_bytes(body, candidate)) != body:
        message.chunks[:], message.times[:] = [clean], message.times[-1:]


def redactor(candidate: Candidate) -> Callable[[bytes], bytes]:
    """Return what does the same to bytes later on, on any thread."""
    forms = [form.encode() for form in _forms(candidate)]

    def clean(data: bytes) -> bytes:
        for form in forms:
            data = data.replace(form, _MASK.encode())
        return data

    return clean


def _forms(candidate: Candidate) -> tuple[str, ...]:
    """Give the key as it is, and as a JSON writer has it that escapes slashes."""
    key = read_api_key(candidate)
    return (key, key.replace("/", r"\/")) if len(key) >= _SHORTEST else ()
