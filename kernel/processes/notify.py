"""Telling sockets that a process has new events. Only a nudge: whoever hears it reads the events from Postgres.

A nudge that is lost or cannot be sent costs nothing but time, so nothing here ever fails a caller.
"""

import asyncio
import logging
import os
import threading
import time
from collections.abc import Callable
from functools import lru_cache

type Notifier = Callable[[str, str, int], None]

logger = logging.getLogger(__name__)
LONGEST_PING = 2.0  # seconds
PAUSE_AFTER_FAILURE = 5.0  # seconds in which nobody tries again to reach a layer that is away

_notifier: Notifier | None = None
_silent_until = 0.0


def process_group(schema_name: str, pid: str) -> str:
    """The channel layer's group of a process; the schema's name keeps tenants apart."""
    return f"{schema_name}.process.{pid}"


def set_notifier(notifier: Notifier | None) -> None:
    """Use ``notifier(schema_name, pid, number)`` in place of the channel layer; None goes back to it."""
    global _notifier, _silent_until
    _notifier, _silent_until = notifier, 0.0


def ping(schema_name: str, pid: str, number: int) -> None:
    """Say that ``pid`` has events up to ``number``. Never raises."""
    global _silent_until
    if time.monotonic() < _silent_until:
        return
    try:
        (_notifier or _channel_layer)(schema_name, pid, number)
    except Exception as error:  # noqa: BLE001 - the layer's clients raise many kinds, and none of them matters here
        _silent_until = time.monotonic() + PAUSE_AFTER_FAILURE
        logger.warning("sockets are not told of new process events", extra={"reason": type(error).__name__})


def _channel_layer(schema_name: str, pid: str, number: int) -> None:
    from channels.layers import get_channel_layer  # only where sockets are served

    layer = get_channel_layer()
    if layer is not None:
        message = {"type": "process.event", "pid": pid, "number": number}
        sending = layer.group_send(process_group(schema_name, pid), message)
        asyncio.run_coroutine_threadsafe(sending, _loop(os.getpid())).result(LONGEST_PING)


@lru_cache(maxsize=1)
def _loop(_process: int) -> asyncio.AbstractEventLoop:
    """One loop in a thread of this process (a forked one has no threads). The layer keeps a connection for each loop:
    with a loop for each ping, connecting costs ten times what telling does.
    """
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="process-pings", daemon=True).start()
    return loop
