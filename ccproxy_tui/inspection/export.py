"""Calls written for other programs: as lines of JSON, or as a HAR archive; never with a secret."""

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Literal

from ccproxy_tui import __version__, json_bytes
from ccproxy_tui.inspection import har
from ccproxy_tui.inspection.redaction import Redaction
from ccproxy_tui.inspection.shape import length_of, shape
from ccproxy_tui.traffic.attempt import Attempt
from ccproxy_tui.traffic.call import Call, Exchange, Message

Format = Literal["jsonl", "har"]
Bodies = Literal["whole", "shape", "none"]
"""Bodies as they are, with each text replaced by its length, or not at all."""

_MESSAGES = ("client_request", "upstream_request", "upstream_reply", "client_reply")


def facts(call: Call) -> dict[str, Any]:
    """Return all that is known of a call but its messages, as JSON has it."""
    tokens = call.tokens
    return {
        "id": call.id,
        "started_at": datetime.fromtimestamp(call.started_at, UTC).isoformat(
            timespec="milliseconds"
        ),
        "method": call.method,
        "path": call.path,
        "operation": call.operation,
        "protocol": call.protocol,
        "key": call.key,
        "group": call.group,
        "requested": call.requested,
        "alias": call.alias,
        "provider": call.provider,
        "model": call.model,
        "upstream_protocol": call.upstream_protocol,
        "streaming": call.streaming,
        "session": call.session,
        "agent": call.agent,
        "parent_agent": call.parent_agent,
        "phase": str(call.phase),
        "status": call.status,
        "error": call.error,
        "stop_reason": call.stop_reason,
        "tools": list(call.tools),
        "ttft": call.ttft,
        "duration": call.duration,
        "tokens": {
            "input": tokens.input,
            "cache_read": tokens.cache_read,
            "cache_write": tokens.cache_write,
            "output": tokens.output,
            "estimated": tokens.estimated,
        },
        "window": call.window,
        "cost": call.cost,
        "attempts": [_attempt(attempt) for attempt in tuple(call.attempts)],
        "why": list(call.why),
        "notes": list(call.notes),
        "replay_of": call.replay_of,
        "marked": call.marked,
        "remark": call.remark,
    }


def facts_json(call: Call) -> str:
    """Return the facts laid out, for people."""
    return json.dumps(facts(call), ensure_ascii=False, indent=2)


def whole(call: Call, exchange: Exchange) -> bytes:
    """Return a call with its four messages, laid out, as JSON; as recorded, with nothing taken out."""
    said = {**facts(call), "messages": _messages(exchange)}
    return json.dumps(said, ensure_ascii=False, indent=2).encode("utf-8", "replace")


class Writer:
    """Writes calls one after the other; what it gives goes into the file as it is."""

    def __init__(self, form: Format, bodies: Bodies) -> None:
        self._form = form
        self._bodies = bodies
        self._redaction = Redaction()
        self._pages: list[dict[str, Any]] = []
        self._first = True
        self.without_messages = 0
        """Calls whose messages were not kept."""

    @property
    def redacted(self) -> int:
        """How many secrets were taken out."""
        return self._redaction.found.total()

    @property
    def kinds(self) -> dict[str, int]:
        """How many of each kind, the most frequent first."""
        return dict(self._redaction.found.most_common())

    def begin(self) -> bytes:
        """Return what comes before all calls."""
        if self._form == "jsonl":
            return b""
        creator = {"name": "ccproxy", "version": __version__}
        return b'{"log":{"version":"1.2","creator":' + json_bytes.write(creator) + b',"entries":['

    def call(self, call: Call, exchange: Exchange | None) -> bytes:
        """Return a call."""
        if exchange is None:
            self.without_messages += 1
            exchange = Exchange()
        said = facts(call)
        if self._bodies != "whole":
            said = _without_words(said)
        said = self._clean(said)
        exchange = self._fitted(exchange)
        if self._form == "jsonl":
            return json_bytes.write({**said, "messages": _messages(exchange)}) + b"\n"
        self._pages.append(self._clean(har.page(call)))
        made = har.entries(call, exchange, said)
        comma, self._first = (b"" if self._first else b","), False
        return comma + b",\n".join(json_bytes.write(entry) for entry in made) + b"\n"

    def end(self) -> bytes:
        """Return what comes after all calls."""
        if self._form == "jsonl":
            return b""
        return b'],"pages":' + json_bytes.write(self._pages) + b"}}\n"

    def _fitted(self, exchange: Exchange) -> Exchange:
        """Return the messages without secrets, and with as much of their bodies as is wanted."""
        return Exchange(*(self._message(getattr(exchange, name)) for name in _MESSAGES))

    def _message(self, message: Message) -> Message:
        body = message.body if self._bodies != "none" else b""
        if self._bodies == "shape" and body:
            body = shape(body)
        body = self._redaction.body(body)
        return replace(
            message,
            head=self._redaction.text(message.head),
            headers=tuple((name, self._redaction.text(value)) for name, value in message.headers),
            chunks=[body] if body else [],
            size=message.size or sum(map(len, tuple(message.chunks))),
            times=[],
        )

    def _clean(self, value: Any) -> Any:
        """Return facts without secrets."""
        if isinstance(value, str):
            return self._redaction.text(value)
        if isinstance(value, dict):
            return {key: self._clean(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._clean(item) for item in value]
        return value


def _without_words(said: dict[str, Any]) -> dict[str, Any]:
    """Return facts without what may quote a body, as a provider's errors do, and without remarks."""
    return {
        **{name: value for name, value in said.items() if name != "remark"},
        "error": said["error"] and length_of(said["error"]),
        "attempts": [
            {**attempt, "reason": attempt["reason"] and length_of(attempt["reason"])}
            for attempt in said["attempts"]
        ],
    }


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "candidate": attempt.candidate,
        "began": attempt.began,
        "seconds": attempt.seconds,
        "status": attempt.status,
        "outcome": None if attempt.outcome is None else str(attempt.outcome),
        "reason": attempt.reason,
        "connected": attempt.connected,
        "first_byte": attempt.first_byte,
    }


def _messages(exchange: Exchange) -> dict[str, Any]:
    return {
        name: dict(_parts(message))
        for name in _MESSAGES
        if (message := getattr(exchange, name)).head or message.chunks
    }


def _parts(message: Message) -> Iterator[tuple[str, Any]]:
    body = message.body
    yield "head", message.head
    yield "headers", [list(header) for header in message.headers]
    yield "size", message.size or len(body)
    if body:
        try:
            yield "body", body.decode()
        except UnicodeDecodeError:
            yield "body_base64", base64.b64encode(body).decode()
