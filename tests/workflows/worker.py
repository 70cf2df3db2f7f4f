"""A real worker in a process of its own, which kills itself with SIGKILL where it is told to."""

import os
import signal
from typing import Any

PHASES = ("claimed", "preparing", "prepared", "committing", "closing", "committed")


def _die(*_arguments: Any, **_named: Any) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def _arm(where: str) -> None:
    """Put the kill into place, around the engine's own functions; its code stays as it is."""
    from tests.factories import workflows as factory
    from workflows.services import compensation, running

    close_step, stop_heartbeat, record = running.step_close, running.Heartbeat.__exit__, compensation.step_record
    if where == "claimed":
        running.inputs_of = _die
    elif where == "preparing":
        factory.FAULTS["prepare", "a"] = Dying()
    elif where == "prepared":
        running.Heartbeat.__exit__ = lambda *arguments: (stop_heartbeat(*arguments), _die())
    elif where == "committing":  # the effect is written, the step is not closed
        running.step_close = _die
    elif where == "closing":  # all is written, but COMMIT
        running.step_close = lambda *arguments: (close_step(*arguments), _die())
    elif where == "committed":  # the wake-up for what follows is not sent
        from kernel.scheduler.duework import wakeups

        wakeups._wakeups["workflows.step"] = _die
    elif where == "undoing":
        compensation.step_record = lambda *arguments, **named: (record(*arguments, **named), _die())


class Dying(list[Exception]):
    """A list of faults whose first one is death."""

    def pop(self, *_arguments: Any) -> Exception:
        return _die()  # type: ignore[no-any-return]

    def __bool__(self) -> bool:
        return True


def work(schema: str, step_id: int, where: str) -> None:
    """Do one step, or die at ``where``, one of ``PHASES``. The process has started Django (``tests.started``)."""
    from django_tenants.utils import schema_context

    from workflows.services import step_run

    _arm(where)
    with schema_context(schema):
        step_run(step_id=step_id, worker=f"worker:{os.getpid()}", random=lambda: 0.0)
