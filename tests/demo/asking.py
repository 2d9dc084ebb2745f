"""Requests as the scripted upstream receives them, without a server."""

from typing import Any

import orjson

from ccproxy_tui.demo.received import Dialect, Operation, ReceivedRequest

_PATHS: dict[Dialect, str] = {"gemini": "/v1beta/models/m:generateContent", "ollama": "/api/chat"}


def asked(
    dialect: Dialect,
    body: Any,
    *,
    path: str = "",
    operation: Operation = "answer",
    **headers: str,
) -> ReceivedRequest:
    return ReceivedRequest(
        "POST",
        path or _PATHS.get(dialect, ""),
        "",
        headers,
        orjson.dumps(body),
        dialect,
        operation,
    )
