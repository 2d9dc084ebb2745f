"""Calls as entries of a HAR 1.2 archive, which browsers and many tools open.

A call is a page with up to two entries: what passed between the client and ccproxy, and what passed
between ccproxy and the provider. Its facts are in `_ccproxy`.
"""

import base64
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from http.client import responses
from typing import Any
from urllib.parse import parse_qsl

from ccproxy_tui.traffic.call import Call, Exchange, Headers, Message

_HTTP = "HTTP/1.1"
_JSON = "application/json"
_UNKNOWN = -1
_HOST = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")
_NO_HOST = "ccproxy"


def page(call: Call) -> dict[str, Any]:
    """Return the page that a call's entries belong to."""
    where = f" → {call.target}" if call.target else ""
    return {
        "startedDateTime": _moment(call.started_at),
        "id": _page_id(call),
        "title": f"#{call.id} {call.requested or call.path}{where}",
        "pageTimings": {"onContentLoad": _UNKNOWN, "onLoad": _milliseconds(call.duration)},
    }


def entries(call: Call, exchange: Exchange, facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the entries of a call; the messages are written as they are given."""
    made = [
        _entry(call, "client", call.started_at, exchange.client_request, exchange.client_reply,
               _client_timings(call), facts)
    ]  # fmt: skip
    if exchange.upstream_request.head:
        began = call.started_at + (call.attempts[-1].began if call.attempts else 0.0)
        made.append(
            _entry(call, "provider", began, exchange.upstream_request, exchange.upstream_reply,
                   _provider_timings(call), {"id": call.id})
        )  # fmt: skip
    return made


def _entry(
    call: Call,
    side: str,
    began: float,
    request: Message,
    reply: Message,
    timings: Mapping[str, float],
    facts: Mapping[str, Any],
) -> dict[str, Any]:
    return {
        "pageref": _page_id(call),
        "startedDateTime": _moment(began),
        "time": round(sum(value for value in timings.values() if value > 0), 3),
        "request": _request(call, request),
        "response": _response(reply),
        "cache": {},
        "timings": timings,
        "_ccproxy": {"side": side, **facts},
    }


def _request(call: Call, message: Message) -> dict[str, Any]:
    method, _, url = message.head.partition(" ")
    if url.startswith("/") or not url:
        url = f"http://{_host(message.headers)}{url or call.path}"
    body = message.body
    request: dict[str, Any] = {
        "method": method or call.method,
        "url": url,
        "httpVersion": _HTTP,
        "cookies": [],
        "headers": _pairs(message.headers),
        "queryString": [
            {"name": name, "value": value}
            for name, value in parse_qsl(_query(url), keep_blank_values=True)
        ],
        "headersSize": _UNKNOWN,
        "bodySize": message.size or len(body),
    }
    if body:
        text, coded = _text(body)
        request["postData"] = {"mimeType": _type(message.headers) or _JSON, "text": text}
        if coded:
            request["postData"]["_encoding"] = "base64"
    return request


def _host(headers: Headers) -> str:
    """Return the recorded host, which is anybody's, if it is one."""
    host = next((value for name, value in headers if name.lower() == "host"), "")
    return host if _HOST.fullmatch(host) else _NO_HOST


def _query(url: str) -> str:
    return url.partition("?")[2].partition("#")[0]


def _response(message: Message) -> dict[str, Any]:
    word, _, reason = message.head.partition(" ")
    status = int(word) if word.isdecimal() else 0
    body = message.body
    text, coded = _text(body)
    content = {"size": message.size or len(body), "mimeType": _type(message.headers), "text": text}
    if coded:
        content["encoding"] = "base64"
    return {
        "status": status,
        "statusText": reason or responses.get(status, ""),
        "httpVersion": _HTTP,
        "cookies": [],
        "headers": _pairs(message.headers),
        "content": content,
        "redirectURL": "",
        "headersSize": _UNKNOWN,
        "bodySize": message.size or len(body),
    }


def _client_timings(call: Call) -> dict[str, float]:
    """Return how a client's time was spent: until the last attempt, until content came, reading it."""
    duration = call.duration or 0.0
    blocked = min(call.attempts[-1].began, duration) if call.attempts else 0.0
    content = duration if call.ttft is None else min(max(call.ttft, blocked), duration)
    return _timings(blocked, None, content - blocked, duration - content)


def _provider_timings(call: Call) -> dict[str, float]:
    """Return how the last attempt's time was spent."""
    if not call.attempts:
        return _timings(None, None, 0.0, 0.0)
    attempt = call.attempts[-1]
    took = attempt.seconds or 0.0
    connected = min(attempt.connected or 0.0, took)
    first = took if attempt.first_byte is None else min(max(attempt.first_byte, connected), took)
    return _timings(None, attempt.connected and connected, first - connected, took - first)


def _timings(
    blocked: float | None, connect: float | None, wait: float, receive: float
) -> dict[str, float]:
    return {
        "blocked": _milliseconds(blocked),
        "dns": _UNKNOWN,
        "connect": _milliseconds(connect),
        "ssl": _UNKNOWN,
        "send": 0,
        "wait": _milliseconds(wait),
        "receive": _milliseconds(receive),
    }


def _milliseconds(seconds: float | None) -> float:
    return _UNKNOWN if seconds is None else round(max(0.0, seconds) * 1000, 3)


def _moment(timestamp: float) -> str:
    return datetime.fromtimestamp(timestamp, UTC).isoformat(timespec="milliseconds")


def _page_id(call: Call) -> str:
    return f"call_{call.id}"


def _pairs(headers: Headers) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers]


def _type(headers: Headers) -> str:
    return next((value for name, value in headers if name.lower() == "content-type"), "")


def _text(body: bytes) -> tuple[str, bool]:
    """Return a body as text, and whether it is in base64."""
    try:
        return body.decode(), False
    except UnicodeDecodeError:
        return base64.b64encode(body).decode(), True
