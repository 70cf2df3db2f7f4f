"""Reading runs: what is shown, to whom, with how many queries."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tenants.actors import NOBODY, Actor
from tenants.models import User
from tests.factories.workflows import FAULTS, drive, started, step_of
from valuefabric.models import Customer
from valuefabric.services.customers import customer_create
from workflows.models import Execution
from workflows.selectors import (
    execution_detail,
    executions_list,
    executions_visible_to,
    failed_steps,
    subject_is_visible,
    timeline,
)
from workflows.services import step_retry, step_skip
from workflows.steps.protocol import StepTerminal

pytestmark = pytest.mark.usefixtures("in_acme")


@pytest.fixture
def owner(alice: User, actor_for: Callable[[User], Actor]) -> Actor:
    """Alice, who sees everything."""
    return actor_for(alice)


@pytest.fixture
def restricted(owner: Actor, alice: User) -> Customer:
    """A customer that only Alice and administrators see."""
    return customer_create(name="Secret Inc.", country="US", currency="USD", restricted=True, owner=alice, actor=owner)


def _failed_run() -> Execution:
    FAULTS["commit", "b"] = [ConnectionError("away"), StepTerminal("Broken.")]
    return drive(started())


def test_executions_list_counts_steps(seller: Actor) -> None:
    done, failed = drive(started(subject="case:1")), _failed_run()
    rows = {row.pk: row for row in executions_list(seller)}
    assert (rows[done.pk].steps_done, rows[done.pk].steps_total) == (3, 3)
    assert (rows[failed.pk].steps_done, rows[failed.pk].state) == (1, "failed")
    assert [row.pk for row in executions_list(seller, subject="case:1")] == [done.pk]
    assert [row.pk for row in executions_list(seller, state="failed")] == [failed.pk]


@pytest.mark.parametrize("rows", [1, 3])
def test_executions_list_takes_one_query(rows: int, seller: Actor) -> None:
    for _row in range(rows):
        drive(started())
    with CaptureQueriesContext(connection) as queries:
        assert len(executions_list(seller)) == rows
    assert len(queries) == 1


@pytest.mark.parametrize("failures", [1, 4])
def test_execution_detail_takes_four_queries(failures: int, seller: Actor) -> None:
    FAULTS["commit", "a"] = [ConnectionError("away")] * failures
    execution = drive(started())
    with CaptureQueriesContext(connection) as queries:
        detail = execution_detail(seller, public_id=execution.public_id)
        assert len(detail.steps[0].attempts) == failures + 1
    assert len(queries) == 4


def test_execution_detail_shows_what_failed_and_what_can_be_done(seller: Actor, approver: Actor) -> None:
    execution = _failed_run()
    detail = execution_detail(seller, public_id=execution.public_id)
    (panel,) = detail.failed
    assert (panel.step.key, panel.step.error, panel.can_retry, panel.can_skip) == ("b", "Broken.", True, True)
    assert [(attempt.number, attempt.error) for attempt in panel.attempts] == [(1, "away"), (2, "Broken.")]
    assert (detail.done, detail.total) == (1, 3)
    (panel,) = execution_detail(approver, public_id=execution.public_id).failed
    assert (panel.can_retry, panel.can_skip) == (False, False)


def test_timeline_tells_the_whole_story_in_order(seller: Actor) -> None:
    execution = _failed_run()
    step_retry(step=step_of(execution, "b"), actor=seller)
    drive(execution)
    entries = timeline(execution)
    assert [(entry.what, entry.step, entry.attempt) for entry in entries if not entry.what.startswith("attempt")] == [
        ("started", "", None),
        ("step_completed", "a", 1),
        ("step_failed", "b", 2),
        ("step_retried", "b", 2),
        ("step_completed", "b", 3),
        ("step_completed", "c", 1),
        ("completed", "", None),
    ]
    lost = [(entry.what, entry.text, entry.retry_at is not None) for entry in entries if entry.what.startswith("attempt")]
    assert lost == [("attempt_failed", "away", True), ("attempt_failed", "Broken.", False)]
    assert [entry.actor for entry in entries if entry.what == "step_retried"] == [seller.identifier]
    assert entries == sorted(entries, key=lambda entry: entry.at)


def test_failed_steps_lists_what_asks_for_a_person(seller: Actor) -> None:
    execution = _failed_run()
    assert [(step.key, step.execution) for step in failed_steps(seller)] == [("b", execution)]
    step_skip(step=step_of(execution, "b"), reason="Done by hand.", actor=seller)
    assert failed_steps(seller) == []


def test_runs_about_a_restricted_customer_are_hidden(restricted: Customer, owner: Actor, seller: Actor) -> None:
    secret, other = started(subject=restricted.reference), started(subject="customer:unknown")
    assert set(executions_visible_to(owner)) == {secret, other}
    assert set(executions_visible_to(seller)) == {other}
    assert subject_is_visible(owner, restricted.reference)
    assert not subject_is_visible(seller, restricted.reference)
    with pytest.raises(Execution.DoesNotExist):
        execution_detail(seller, public_id=secret.public_id)
    assert list(executions_visible_to(NOBODY)) == []
