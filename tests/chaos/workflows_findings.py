"""What must be true of workflows when the storm is over."""

from collections import Counter

from django_tenants.utils import schema_context

from kernel.audit.models import AuditRecord
from kernel.events.models import OutboxEvent
from kernel.scheduler.models import DueWork
from tests.chaos.workflows_program import EFFECT, ITEMS
from workflows.models import Attempt, Execution, Step
from workflows.services.due import STEP_WORK
from workflows.states import ExecutionState, StepState

COMPOSITE = "map"


def findings(schema: str, runs: int) -> list[str]:
    """Every sentence is something wrong."""
    with schema_context(schema):
        return [*_ends(runs), *_effects(), *_events(schema), *_families(), *_attempts(), *_leftovers(schema)]


def _ends(runs: int) -> list[str]:
    bad = Execution.objects.exclude(state=ExecutionState.COMPLETED.value)
    wrong = [f"{run} did not end: {_stands(run)}" for run in bad[:20]]
    there = Execution.objects.filter(parent_step=None).count()
    # A run whose COMMIT was cut off by the restart may be there although its starter was told otherwise, and tried again.
    return [*wrong, *([f"{there} runs are there, {runs} were started"] if there < runs else [])]


def _stands(run: Execution) -> str:
    rows = run.steps.exclude(state=StepState.COMPLETED.value).values_list("key", "state", "failures", "error")
    return "; ".join(f"{key} {state} after {failures} failures {error[:80]}" for key, state, failures, error in rows)


def _effects() -> list[str]:
    """Each step that is done has its effect, and nobody has one twice."""
    happened = Counter(AuditRecord.objects.filter(action=EFFECT).values_list("subject", flat=True))
    done = Step.objects.filter(state=StepState.COMPLETED.value).exclude(kind=COMPOSITE).select_related("execution")
    wanted = {f"{step.execution.reference}:{step.key}" for step in done.only("key", "execution__public_id")}
    twice = [f"{subject} happened {times} times" for subject, times in happened.items() if times > 1]
    return [
        *twice[:20],
        *(f"{subject} is done and had no effect" for subject in sorted(wanted - set(happened))[:20]),
        *(f"{subject} had an effect and is not done" for subject in sorted(set(happened) - wanted)[:20]),
    ]


def _events(schema: str) -> list[str]:
    """Each end is told once, and the events of a run are numbered without a gap."""
    told = OutboxEvent.objects.filter(schema_name=schema, topic="workflow.step_completed")
    counted = Counter(told.values_list("aggregate", "data__step"))
    wrong = [f"the end of {key} was told {times} times" for key, times in counted.items() if times > 1]
    if (steps := Step.objects.filter(state=StepState.COMPLETED.value).count()) != len(counted):
        wrong.append(f"{steps} steps are done and {len(counted)} were told")
    numbers: dict[str, list[int]] = {}
    rows = OutboxEvent.objects.filter(schema_name=schema, aggregate__startswith="execution:")
    for aggregate, number in rows.order_by("sequence").values_list("aggregate", "sequence"):
        numbers.setdefault(aggregate, []).append(number)
    return [*wrong, *(f"{name} has events {has}" for name, has in numbers.items() if has != list(range(1, len(has) + 1)))]


def _families() -> list[str]:
    """Every map has each of its children once."""
    wrong = []
    for step in Step.objects.filter(kind=COMPOSITE):
        places = sorted(step.children.filter(replaced_at=None).values_list("place", flat=True))
        if places != list(range(ITEMS)) or (step.output or {}).get("count") != ITEMS:
            wrong.append(f"{step} of {step.execution_id} has children at {places} and gathered {step.output}")
    return wrong


def _attempts() -> list[str]:
    running = Attempt.objects.filter(outcome=Attempt.Outcome.RUNNING).count()
    return [f"{running} attempts are running"] if running else []


def _leftovers(schema: str) -> list[str]:
    left = DueWork.objects.filter(schema_name=schema, kind=STEP_WORK)
    return [f"due work is left: {row}" for row in left[:10]]
