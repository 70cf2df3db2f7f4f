"""Starting, steering and ending processes. Every change of state goes through ``process_change``: its table, its audit record."""

from kernel.processes.services.changes import HEARTBEAT, LONGEST_SILENCE, RUN, process_change
from kernel.processes.services.checkpoints import (
    ProcessHandedOver,
    ProcessInterrupted,
    ProcessLost,
    ProcessPaused,
    ProcessStopped,
    process_check_heartbeat,
    process_checkpoint,
)
from kernel.processes.services.events import process_event, process_steer
from kernel.processes.services.families import ForkRefused
from kernel.processes.services.life import (
    process_fail,
    process_finish,
    process_preempt,
    process_ready,
    process_run,
    process_start,
    process_wait,
)
from kernel.processes.services.signals import group_signal, process_kill, process_nice, process_signal
from kernel.processes.transitions import TransitionRefused

__all__ = [
    "HEARTBEAT",
    "LONGEST_SILENCE",
    "RUN",
    "ForkRefused",
    "ProcessHandedOver",
    "ProcessInterrupted",
    "ProcessLost",
    "ProcessPaused",
    "ProcessStopped",
    "TransitionRefused",
    "group_signal",
    "process_change",
    "process_check_heartbeat",
    "process_checkpoint",
    "process_event",
    "process_fail",
    "process_finish",
    "process_kill",
    "process_nice",
    "process_preempt",
    "process_ready",
    "process_run",
    "process_signal",
    "process_start",
    "process_steer",
    "process_wait",
]
