"""Money of a run: what one agent holds for a call, the others cannot spend."""

from decimal import Decimal

import pytest

from kernel.budgets.services import Used, budget_reserve, reservation_release, reservation_settle
from kernel.llm.errors import OverBudget
from tenants.actors import Actor
from tests.factories.workflows import definition_of, drive, started
from workflows.models import Step
from workflows.selectors.spending import RunMoney, affords_of, run_money

pytestmark = pytest.mark.usefixtures("in_acme")

# Two that work side by side in runs of their own; the steps' outputs name the processes that worked for them.
TWO = """
fan:
  kind: map
  over: "${inputs.pids}"
  body: {kind: compute, function: test.value, inputs: {process: "${inputs.item}"}}
"""


@pytest.fixture
def step(seller: Actor) -> int:
    """A step of the first of the two parts."""
    run = started(definition_of(TWO, inputs="{pids: list}"), actor=seller, pids=["p-1", "p-2"])
    for _time in range(3):
        for child in Step.objects.filter(execution__parent_step__execution=run).order_by("pk"):
            drive(child.execution)
        drive(run)
    return Step.objects.filter(execution__parent_step__execution=run).order_by("pk")[0].pk


def _call(process: str, money: str) -> object:
    return budget_reserve(tokens=1, money=Decimal(money), process=process)


def test_agents_side_by_side_cannot_spend_the_same_money(step: int) -> None:
    ask = affords_of(step, Decimal(1))
    first = _call("p-1", "0.6")
    ask()
    second = _call("p-2", "0.6")
    with pytest.raises(OverBudget, match="may spend 1 USD, has spent 0.0000, and would hold 1.2000"):
        ask()
    reservation_release(reservation=second.pk)
    reservation_settle(reservation=first.pk, used=Used(1, 0, money=Decimal("0.1")), deployment="fake")
    _call("p-2", "0.6")
    ask()
    assert run_money(step) == RunMoney(Decimal("0.1"), Decimal("0.6"))


def test_money_of_another_run_is_not_counted(step: int) -> None:
    _call("p-3", "5")
    affords_of(step, Decimal(1))()
    assert run_money(step) == RunMoney(Decimal(0), Decimal(0))
