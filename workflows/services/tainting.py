"""Whether a run's data come from outside: then people decide about what is done with them, whatever a policy says (promise 10).

The mark is the run's, not a value's: once something from outside is among its data, all that it does may derive from it. Nothing
takes it away again.
"""

from kernel.guardrails.taint import Taint
from workflows.models import Execution, Step


def execution_taint(execution: Execution, taint: Taint) -> None:
    """Mark a locked run if ``taint`` says so and it is not marked yet."""
    if taint is Taint.CLEAN or execution.taint == taint.value:
        return
    execution.taint = taint.value
    execution.save(update_fields=["taint"])


def children_taint(execution: Execution, step: Step) -> None:
    """A step's children are over, and the run gets what they gave: mark it if one of them is marked."""
    if Execution.objects.filter(parent_step=step, replaced_at=None, taint=Taint.UNTRUSTED.value).exists():
        execution_taint(execution, Taint.UNTRUSTED)
