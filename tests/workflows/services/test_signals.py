"""Messages to runs."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import Error, connection, transaction

from kernel.events.models import OutboxEvent
from tenants.actors import SYSTEM_ACTOR, Actor
from tests.factories.workflows import started
from workflows.models import Signal
from workflows.services import SignalRefused, execution_cancel, signal_send

pytestmark = pytest.mark.usefixtures("in_acme")


def test_signal_is_kept_told_and_sent_once_per_key() -> None:
    execution = started()
    first = signal_send(execution=execution, name="go", payload={"n": 1}, key="mail 7", actor=SYSTEM_ACTOR)
    again = signal_send(execution=execution, name="go", payload={"n": 2}, key="mail 7", actor=SYSTEM_ACTOR)
    without = [signal_send(execution=execution, name="go", payload={}, actor=SYSTEM_ACTOR) for _ in range(2)]
    assert (first.pk, again.payload) == (again.pk, {"n": 1})
    assert len({first.pk, *(signal.pk for signal in without)}) == 3
    assert OutboxEvent.objects.filter(topic="workflow.signalled", aggregate=execution.reference).count() == 3


def test_signal_to_a_run_that_is_over_is_refused() -> None:
    execution = execution_cancel(execution=started(), reason="", actor=SYSTEM_ACTOR)
    with pytest.raises(SignalRefused, match="cancelled"):
        signal_send(execution=execution, name="go", payload={}, actor=SYSTEM_ACTOR)
    assert Signal.objects.count() == 0


def test_who_may_not_steer_runs_sends_no_signals(approver: Actor) -> None:
    execution = started()
    with pytest.raises(PermissionDenied):
        signal_send(execution=execution, name="go", payload={}, actor=approver)
    assert Signal.objects.count() == 0


@pytest.mark.parametrize("change", ["payload = '{}'", "sent_by = 'user:1'", "name = 'stop'"])
def test_raw_sql_cannot_rewrite_a_signal(change: str) -> None:
    signal_send(execution=started(), name="go", payload={"n": 1}, actor=SYSTEM_ACTOR)
    with pytest.raises(Error, match="cannot be edited"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE workflows_signal SET {change}")
