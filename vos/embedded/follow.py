"""Show the logs of all programs on the terminal, each line behind its program's name."""

import threading
from collections.abc import Callable
from pathlib import Path

POLL_SECONDS = 0.2
WIDTH = 9


class Follower(threading.Thread):
    """Reads what is appended to the logs of a folder. The programs write files and never notice."""

    def __init__(self, folder: Path, write: Callable[[str], object]) -> None:
        super().__init__(daemon=True)
        self.folder = folder
        self.write = write
        self.places = {log: log.stat().st_size for log in folder.glob("*.log")}
        self.done = threading.Event()

    def run(self) -> None:
        """Look again and again until told to stop."""
        while not self.done.wait(POLL_SECONDS):
            self.look()

    def look(self) -> None:
        """Write the new whole lines of each log."""
        for log in sorted(self.folder.glob("*.log")):
            if log.name.endswith(".old.log"):
                continue
            with log.open("rb") as stream:
                stream.seek(self._place(log))
                text = stream.read()
            whole = text[: text.rfind(b"\n") + 1]
            self.places[log] = self._place(log) + len(whole)
            for line in whole.decode(errors="replace").splitlines():
                self.write(f"{log.stem:<{WIDTH}}| {line}\n")

    def _place(self, log: Path) -> int:
        place = self.places.get(log, 0)
        return place if place <= log.stat().st_size else 0
