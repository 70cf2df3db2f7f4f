"""A worker of deeds in a process of its own, which kills itself with SIGKILL in the middle of one."""

import os
import signal
from typing import Any

# When the approval is used, when the deed is written, when all is but COMMIT, and after that.
PHASES = ("used", "done", "committing", "committed")


def _die(*_arguments: Any, **_named: Any) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def _arm(where: str) -> None:
    """Put the kill around the service's own functions; their code stays as it is."""
    from approvals.services import deeds

    use, done, settle = deeds.approval_use, deeds._done, deeds.due_work_done
    if where == "used":  # the approval is used up, the deed not begun
        deeds.approval_use = lambda **named: (use(**named), _die())
    elif where == "done":  # the deed's own rows are written
        deeds._done = _die
    elif where == "committing":  # everything is written, but COMMIT
        deeds._done = done
        deeds.due_work_done = lambda **named: (settle(**named), _die())


def apply(schema: str, public_id: str, where: str) -> None:
    """Do the deed as a worker does, or die at ``where``. The process has started Django (``tests.started``)."""
    from django_tenants.utils import schema_context

    from approvals.tasks import deed_apply

    _arm(where)
    with schema_context(schema):
        deed_apply(request=public_id)
    if where == "committed":
        _die()
