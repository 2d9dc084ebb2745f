"""The one way to start a background task: it is kept alive, and its failure is logged."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar

log = logging.getLogger(__name__)

_running: set[asyncio.Task[Any]] = set()
_T = TypeVar("_T")


def spawn(coroutine: Coroutine[Any, Any, _T], name: str) -> asyncio.Task[_T]:
    """Run `coroutine` on the current loop; the caller still owns (and cancels) the task."""
    task = asyncio.get_running_loop().create_task(coroutine, name=name)
    _running.add(task)
    task.add_done_callback(_finished)
    return task


def _finished(task: asyncio.Task[Any]) -> None:
    _running.discard(task)
    if not task.cancelled() and (failure := task.exception()) is not None:
        log.error("task %s failed", task.get_name(), exc_info=failure)
