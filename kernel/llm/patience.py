"""Waiting for somebody else's library without being at its mercy: it blocks in a thread, and the caller looks up now and then."""

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from contextvars import copy_context
from typing import Any, Literal

TICK_SECONDS = 0.25

type Said = tuple[Literal["piece", "end", "error"], Any]


def patient[T](begin: Callable[[], T], check: Callable[[], None] | None) -> T:
    """What ``begin`` returns or raises. ``check`` is asked while it takes its time; what that raises ends the wait.

    Nobody can end ``begin`` itself: its thread ends when it does, and what it brings then is dropped.
    """
    if check is None:
        return begin()
    return next(patiently(lambda: [begin()], check))


def patiently[T](pieces: Callable[[], Iterable[T]], check: Callable[[], None] | None) -> Iterator[T]:
    """The pieces as they come; ``check`` as above."""
    if check is None:
        yield from pieces()
        return
    said: queue.SimpleQueue[Said] = queue.SimpleQueue()
    over = threading.Event()
    context = copy_context()  # traces go on below
    threading.Thread(target=context.run, args=(_say, pieces, said, over), name="provider", daemon=True).start()
    try:
        while True:
            try:
                what, value = said.get(timeout=TICK_SECONDS)
            except queue.Empty:
                check()
                continue
            if what == "end":
                return
            if what == "error":
                raise value
            yield value
    finally:
        over.set()


def _say(pieces: Callable[[], Iterable[Any]], said: "queue.SimpleQueue[Said]", over: threading.Event) -> None:
    try:
        for piece in pieces():
            said.put(("piece", piece))
            if over.is_set():
                return
    except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
        said.put(("error", error))
    else:
        said.put(("end", None))
