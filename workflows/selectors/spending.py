"""What a run has spent, and what its agents hold for calls under way: a money constraint holds before each call of a model.

A call puts aside the most it can cost, in a transaction of its own, and is asked about afterwards. So of agents that work side by
side each sees what the others hold; two that ask at the same moment may both be refused, and never both go past the bound.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from kernel.budgets.selectors import money_held, usage_of_processes
from kernel.llm.errors import OverBudget
from workflows.models import Step
from workflows.selectors.families import processes_of_run


@dataclass(frozen=True)
class RunMoney:
    """US dollars of a whole run: ``spent`` by calls that are over, ``held`` for those under way."""

    spent: Decimal
    held: Decimal


def run_money(step_id: int) -> RunMoney:
    """The money of the run at the top, whatever part of it the step is in: children spend their parent's money."""
    processes = processes_of_run(_root(step_id))
    held = money_held(processes)  # first: what is settled meanwhile counts twice then, and not never
    return RunMoney(usage_of_processes(processes).money, held)


def affords_of(step_id: int, most: Decimal) -> Callable[[], None]:
    """What an agent asks for each call of a model, once that has put aside what it may cost."""

    def ask() -> None:
        """Raise OverBudget where the run could come to more than ``most``."""
        money = run_money(step_id)
        if money.spent + money.held > most:
            raise OverBudget(
                f"The run may spend {most} USD, has spent {money.spent:.4f}, and would hold {money.held:.4f} with this call."
            )

    return ask


def _root(step_id: int) -> int:
    execution = Step.objects.select_related("execution__parent_step__execution").get(pk=step_id).execution
    while execution.parent_step is not None:
        execution = execution.parent_step.execution
    return execution.pk
