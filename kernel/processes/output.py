"""A model's output as process events, gathered so that a stream of tokens does not become a row per token."""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from kernel.processes.models import Process
from kernel.processes.services import process_event

MOST_CHARACTERS = 240
MOST_SECONDS = 0.25


class OutputStream:
    """Takes pieces of text and writes ``text`` events ``{text, attempt}``; what remains is written when it is closed.

    An attempt with a higher number begins anew: whoever shows the text discards what earlier attempts said.
    """

    def __init__(self, process: Process, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._process, self._clock = process, clock
        self._pieces: list[str] = []
        self._attempt, self._since = 1, clock()

    def write(self, text: str, attempt: int = 1) -> None:
        """Add a piece; writes an event when enough has come together, or enough time has gone by."""
        if attempt != self._attempt:
            self.flush()
            self._attempt = attempt
        if not self._pieces:
            self._since = self._clock()
        self._pieces.append(text)
        if sum(map(len, self._pieces)) >= MOST_CHARACTERS or self._clock() - self._since >= MOST_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Write what has come together, if anything."""
        text = "".join(self._pieces)
        self._pieces = []
        if text:
            process_event(process=self._process, kind="text", data={"text": text, "attempt": self._attempt})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.flush()
