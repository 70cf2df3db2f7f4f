"""Admission: who may use a scarce thing now, such as one of four slots on a model. There is no scheduler process to lose.

Every worker runs the same atomic scripts in Valkey; a slot is a lease that expires; a waiter that is forgotten (Valkey was
flushed) enqueues again by itself.
"""

from kernel.scheduler.admission.inheritance import work_nudge, work_promote
from kernel.scheduler.admission.queue import AdmissionQueue
from kernel.scheduler.admission.rebuilding import HeldSlot, holders_register
from kernel.scheduler.admission.rules import (
    AdmissionError,
    AdmissionTimeout,
    AdmissionUnavailable,
    Heard,
    Lease,
    LeaseLost,
    Limits,
    ProviderStopped,
    QueueFull,
    Rules,
    SlotWanted,
)
from kernel.scheduler.admission.slots import (
    admission_configure,
    admission_observe,
    admission_survey,
    admission_warm,
    admitted,
    slot_noted,
    slot_yield,
)
from kernel.scheduler.admission.survey import Survey, TenantPart

__all__ = [
    "AdmissionError",
    "AdmissionQueue",
    "AdmissionTimeout",
    "AdmissionUnavailable",
    "Heard",
    "HeldSlot",
    "Lease",
    "LeaseLost",
    "Limits",
    "ProviderStopped",
    "QueueFull",
    "Rules",
    "SlotWanted",
    "Survey",
    "TenantPart",
    "admission_configure",
    "admission_observe",
    "admission_survey",
    "admission_warm",
    "admitted",
    "holders_register",
    "slot_noted",
    "slot_yield",
    "work_nudge",
    "work_promote",
]
