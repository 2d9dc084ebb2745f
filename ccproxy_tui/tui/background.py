"""What fails in the background is said and logged; neither app nor proxy ends for that."""

import logging

from textual.worker import Worker, WorkerState

log = logging.getLogger(__name__)


def report_failure(event: Worker.StateChanged) -> None:
    """Show and log why a worker failed, if it did."""
    worker = event.worker
    if event.state is not WorkerState.ERROR or worker.error is None:
        return
    log.error("%s failed", worker.name, exc_info=worker.error)
    what = worker.name.removeprefix("_").replace("_", " ")
    words = str(worker.error) or type(worker.error).__name__
    worker.node.app.notify(f"{what} failed: {words}", severity="error", timeout=10)
