"""What the process holds: tasks, descriptors, memory."""

import asyncio
import gc
import os
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Level:
    """At one moment."""

    tasks: int
    descriptors: int
    blocks: int
    """Python's own blocks of memory."""
    rss: float
    """MiB."""

    @classmethod
    def now(cls) -> "Level":
        """Measure, after whatever can go has gone."""
        gc.collect()
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return cls(
            len(asyncio.all_tasks()),
            sum(1 for _ in Path("/proc/self/fd").iterdir()),
            sys.getallocatedblocks(),
            pages * os.sysconf("SC_PAGE_SIZE") / 2**20,
        )
