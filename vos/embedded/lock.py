"""One supervisor per data folder, by a file lock that the kernel drops when its holders are gone."""

import fcntl
import os
import time
from pathlib import Path

from vos.embedded.processes import ServerError, is_alive, watchdog

FILE = "supervisor.lock"
# A watchdog that cleans up after a killed supervisor holds the lock for at most its grace period.
CLEANUP_SECONDS = 15.0


class AlreadyRunningError(ServerError):
    """Another supervisor owns the data folder."""


class SupervisorLock:
    """Held for as long as this process, or the watchdog that cleans up after it, is alive."""

    def __init__(self, data: Path) -> None:
        self.file = data / FILE
        self.descriptor = -1

    def take(self) -> None:
        """Take it; waits for a watchdog that still cleans up, and refuses when a living supervisor has it."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.descriptor = os.open(self.file, os.O_RDWR | os.O_CREAT, 0o600)
        deadline = time.monotonic() + CLEANUP_SECONDS
        while not self._try():
            holder = self._holder()
            if (holder and is_alive(holder)) or time.monotonic() > deadline:
                self._close()
                raise AlreadyRunningError(
                    f"VOS is running already (process {holder}, {self.file.parent}): stop it first, or set VOS_DATA"
                )
            time.sleep(0.1)
        os.ftruncate(self.descriptor, 0)
        os.pwrite(self.descriptor, str(os.getpid()).encode(), 0)
        watchdog.held = (self.descriptor,)

    def release(self) -> None:
        """Let others start."""
        watchdog.held = ()
        self._close()

    @property
    def is_held(self) -> bool:
        """Whether we are the supervisor of the folder."""
        return self.descriptor >= 0

    def _close(self) -> None:
        os.close(self.descriptor)
        self.descriptor = -1

    def _try(self) -> bool:
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _holder(self) -> int:
        text = self.file.read_text().strip()
        return int(text) if text.isdigit() else 0
