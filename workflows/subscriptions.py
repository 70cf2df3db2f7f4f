"""Waiting steps go on when their event arrives, and triggers fire. What steps miss, the sweeper finds (``step_check``)."""

from django.db.models import QuerySet
from django_tenants.utils import get_public_schema_name

from kernel.events.envelope import Envelope
from kernel.events.subscriptions import subscribes
from workflows.definition import WaitStep
from workflows.definition.document import steps_within
from workflows.library import definitions
from workflows.models import Execution, Step
from workflows.services import step_check
from workflows.services.settling import settling_ask
from workflows.states import ExecutionState, StepState
from workflows.steps.approval import APPROVAL
from workflows.steps.wait import EVENT
from workflows.triggers.topics import topics_offered, triggers_fire


def approval_decided(event: Envelope) -> None:
    """Go on with the steps that wait for this approval request."""
    _resume(Step.objects.filter(waiting_kind=APPROVAL, waiting_key=event.data["request"]))


def execution_stuck(event: Envelope) -> None:
    """Ask people about what this run could not undo."""
    execution = Execution.objects.filter(public_id=event.data["execution"], state=ExecutionState.STUCK.value).first()
    if execution is not None:
        settling_ask(execution)


def event_arrived(event: Envelope) -> None:
    """Go on with the steps that wait for an event of this topic with these data, and start the runs that it triggers.

    Events of the whole platform (a stop of all tenants) are nobody's here: there are no runs in the public schema.
    """
    if event.schema_name == get_public_schema_name():
        return
    _resume(Step.objects.filter(waiting_kind=EVENT, waiting_key=event.topic, waiting_match__contained_by=event.data))
    triggers_fire(event)


def _resume(steps: QuerySet[Step]) -> None:
    for step_id in steps.filter(state=StepState.WAITING.value).order_by("pk").values_list("pk", flat=True):
        step_check(step_id=step_id)


def register_subscriptions() -> None:
    """Listen to decisions, and to every topic that a trigger may name or a definition of the library waits for."""
    subscribes("approval.decided", name="workflows.approval_decided")(approval_decided)
    subscribes("workflow.stuck", name="workflows.execution_stuck")(execution_stuck)
    waits = (spec for graph in definitions().values() for _, spec in steps_within(graph) if isinstance(spec, WaitStep))
    for topic in sorted({*topics_offered(), *(spec.event for spec in waits if spec.event)}):
        subscribes(topic, name=f"workflows.wait:{topic}")(event_arrived)
