"""Who goes next: each policy as a plain model without Valkey, Django or a clock of its own.

The scripts in ``kernel.scheduler.admission`` decide the same, atomically and in O(log n); tests drive both side by side.
"""

from kernel.scheduler.policies.policy import Discipline, Policy
from kernel.scheduler.policies.requests import Priority, Request, Waiting

__all__ = ["Discipline", "Policy", "Priority", "Request", "Waiting"]
