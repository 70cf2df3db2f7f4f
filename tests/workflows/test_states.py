"""The transition tables, in code and in the database."""

import re
from enum import StrEnum
from importlib import import_module

import pytest
from django.db import Error, connection, transaction

from tests.factories.workflows import started, step_of
from workflows.models import Execution, Step
from workflows.states import EXECUTIONS, STEPS, ExecutionState, IllegalTransition, StepState, transition

GUARDS = import_module("workflows.migrations.0004_claim_and_close").GUARDS


@pytest.mark.parametrize(("table", "number"), [(EXECUTIONS, 0), (STEPS, 1)])
def test_triggers_hold_the_same_tables(table: dict[StrEnum, frozenset[StrEnum]], number: int) -> None:
    lists = re.findall(r"NOT IN \(([^)]*)\)", GUARDS)
    in_sql = set(re.findall(r"'([a-z_]+>[a-z_]+)'", lists[number]))
    assert in_sql == {f"{before}>{after}" for before, afters in table.items() for after in afters}


def test_every_state_is_in_its_table() -> None:
    assert set(EXECUTIONS) == set(ExecutionState)
    assert set(STEPS) == set(StepState)


def test_transition_says_where_it_leads() -> None:
    with pytest.raises(IllegalTransition, match=r"What is completed cannot become running; it can become compensation_due."):
        transition(STEPS, StepState.COMPLETED, StepState.RUNNING)
    assert transition(STEPS, StepState.READY, StepState.RUNNING) is StepState.RUNNING


@pytest.mark.usefixtures("in_acme")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE workflows_step SET state = 'completed', output = '{}', closed_number = 9 WHERE key = 'b'",
        "UPDATE workflows_step SET fence = fence - 1 WHERE key = 'a'",
        "UPDATE workflows_step SET key = 'z' WHERE key = 'a'",
        "UPDATE workflows_execution SET state = 'rolled_back'",
        "UPDATE workflows_execution SET definition = '{}'",
        'UPDATE workflows_execution SET inputs = \'{"customer": "another"}\'',
        "UPDATE workflows_execution SET started_by = 'user:1'",
    ],
)
def test_raw_sql_cannot_rewrite_a_run(statement: str) -> None:
    execution = started()
    Step.objects.filter(pk=step_of(execution, "a").pk).update(fence=5)
    before = (list(Execution.objects.values()), list(Step.objects.values()))
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert (list(Execution.objects.values()), list(Step.objects.values())) == before
