"""Where the data lives, and that only its owner can read it."""

import fcntl
import os
from pathlib import Path
from typing import IO

import platformdirs


class HomeInUseError(Exception):
    """Another ccproxy works with the same data."""


class Home:
    """The data folder: `$CCPROXY_HOME`, else the platform's folder for user data."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.configuration = folder / "ccproxy.db"
        self.journal = folder / "journal.db"
        self.pool = folder / "pool.db"
        self.control = folder / "control.sock"
        self.log = folder / "ccproxy.log"
        self.picture = folder / "picture.json"
        self._lock: IO[str] | None = None

    @classmethod
    def find(cls) -> "Home":
        """Find the folder and make it if it is missing, for its owner only."""
        named = os.environ.get("CCPROXY_HOME", "").strip()
        folder = Path(named).expanduser() if named else platformdirs.user_data_path("ccproxy")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        return cls(folder)

    def lock(self) -> None:
        """Keep other processes from serving with this data until `unlock` or this one's end.

        Raises `HomeInUseError`.
        """
        path = self.folder / "lock"
        path.touch(mode=0o600)
        handle = path.open("r+")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            owner = handle.read().strip()
            handle.close()
            raise HomeInUseError(
                f"another ccproxy{f' (process {owner})' if owner else ''} works with the data in "
                f"{self.folder}; stop it, or set CCPROXY_HOME to another folder"
            ) from error
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        self._lock = handle

    def unlock(self) -> None:
        """Let others serve with this data."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None
