"""Two branches side by side."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tenants.actors import Actor
from tests.factories.workflows import definition_of, drive, started, step_of
from workflows.models import Execution
from workflows.selectors.forks import executions_compare, forks_of
from workflows.services import execution_fork

pytestmark = pytest.mark.usefixtures("in_acme")

STEPS = """
a: {kind: compute, function: test.value, next: b}
b: {kind: compute, function: test.value, inputs: {rate: "${inputs.rate}"}}
"""


def test_comparison_shows_what_differs_and_what_was_taken_over(seller: Actor) -> None:
    parent = drive(started(definition_of(STEPS, inputs="{rate: {type: number, default: 1}, name: {default: x}}")))
    fork = drive(execution_fork(execution=parent, step="b", inputs={"rate": 2}, actor=seller))
    assert list(forks_of(seller, parent)) == [fork]
    with CaptureQueriesContext(connection) as queries:
        compared = executions_compare(seller, left=parent.public_id, right=fork.public_id)
    assert len(queries) <= 10
    assert compared.inputs == {"rate": (1, 2)}
    assert [(step.key, step.differs) for step in compared.steps] == [("a", False), ("b", True)]
    first, second = compared.steps
    assert first.right is not None
    assert (first.right.taken_over, first.right.tokens, first.right.money) == (True, 0, Decimal(0))
    assert second.left is not None
    assert second.right is not None
    assert (second.left.output, second.right.output) == ({"rate": 1}, {"rate": 2})
    assert step_of(fork, "b").state == second.right.state == "completed"


def test_comparison_is_not_for_those_who_may_not_see_runs(seller: Actor) -> None:
    run = started()
    with pytest.raises(Execution.DoesNotExist):
        executions_compare(Actor("user:0", None), left=run.public_id, right=run.public_id)
