"""A run's children, step by step; and what a run used, its children's part included."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import connection
from django.db.models import Count, F, Sum

from kernel.budgets.selectors import UsageTotal, usage_records
from workflows.models import Execution, Step
from workflows.states import StepState

MOST_SHOWN = 12
# The processes of the steps of some runs, and of the runs that those started: of every attempt, and of children that were
# replaced as well, for what failed was paid for. What a fork took over its parent paid.
_PROCESSES = """
    WITH RECURSIVE family (root, key, id) AS (
        SELECT id, ''::text, id FROM workflows_execution WHERE id = ANY(%s)
        UNION ALL
        SELECT family.root, CASE WHEN family.key = '' THEN step.key::text ELSE family.key END, child.id
        FROM family
        JOIN workflows_step step ON step.execution_id = family.id
        JOIN workflows_execution child ON child.parent_step_id = step.id
    )
    SELECT DISTINCT family.root, CASE WHEN family.key = '' THEN step.key::text ELSE family.key END, process.pid
    FROM family JOIN workflows_step step ON step.execution_id = family.id
    CROSS JOIN LATERAL (
        SELECT attempt.process::text AS pid FROM workflows_attempt attempt
        WHERE attempt.step_id = step.id AND attempt.process IS NOT NULL
        UNION SELECT step.output ->> 'process' WHERE step.output ? 'process'
    ) process
    WHERE NOT EXISTS (SELECT FROM interventions_takenover taken WHERE taken.step_id = step.id)
"""


@dataclass
class Children:
    """The children of one step: how many are in each state, and some of them, those first that ask for a person.

    ``asking`` are the approvals that some of them wait for, by the child's key.
    """

    states: dict[str, int] = field(default_factory=dict)
    some: list[Execution] = field(default_factory=list)
    asking: dict[int, str] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """How many there are."""
        return sum(self.states.values())


def children_by_step(execution: Execution) -> dict[str, Children]:
    """The children of a run by the key of the step that started them, with four queries at most."""
    rows = Execution.objects.filter(parent_step__execution=execution, replaced_at=None)
    found: dict[str, Children] = {}
    for key, state, number in (
        rows.values_list("parent_step__key", "state").annotate(Count("pk")).order_by("parent_step", "state")
    ):
        found.setdefault(key, Children()).states[state] = number
    shown = rows.select_related("parent_step").order_by("place")
    most = [*shown.filter(state__in=["failed", "stuck"])[:MOST_SHOWN], *shown.exclude(state__in=["failed", "stuck"])[:MOST_SHOWN]]
    for child in most:
        # A step that has begun its first child since they were counted is shown by the next look.
        if child.parent_step is None or child.parent_step.key not in found:
            continue
        some = found[child.parent_step.key].some
        if len(some) < MOST_SHOWN:
            some.append(child)
    if most:
        asking = Step.objects.filter(execution__in=most, state=StepState.WAITING.value, waiting_kind="approval")
        requests = dict(asking.values_list("execution_id", "waiting_key"))
        for family in found.values():
            family.asking = {child.pk: requests[child.pk] for child in family.some if child.pk in requests}
    return found


def usage_by_step(executions: Iterable[Execution]) -> Mapping[int, Mapping[str, UsageTotal]]:
    """What the processes of runs used, by run and step; a step's children count as its own. Two queries for any number."""
    rows = _processes([execution.pk for execution in executions])
    used = _by_process([pid for _root, _key, pid in rows])
    found: dict[int, dict[str, UsageTotal]] = {}
    for root, key, pid in rows:
        if pid in used:
            steps = found.setdefault(root, {})
            steps[key] = usage_sum([steps[key], used[pid]]) if key in steps else used[pid]
    return found


def processes_of_run(root: int) -> list[str]:
    """The pids of all that worked for a run, its children's part included."""
    return [pid for _root, _key, pid in _processes([root])]


def _processes(roots: list[int]) -> list[tuple[int, str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(_PROCESSES, [roots])
        return list(cursor.fetchall())


def usage_sum(totals: Iterable[UsageTotal]) -> UsageTotal:
    """Several together."""
    known = list(totals)
    return UsageTotal(
        sum(one.calls for one in known), sum(one.tokens for one in known), sum((one.money for one in known), Decimal(0))
    )


def _by_process(pids: list[str]) -> dict[str, UsageTotal]:
    rows = usage_records().filter(process__in=pids).order_by().values("process")
    sums = rows.annotate(number=Count("pk"), all=Sum(F("prompt_tokens") + F("completion_tokens")), spent=Sum("money"))
    return {row["process"]: UsageTotal(row["number"], row["all"] or 0, row["spent"] or Decimal(0)) for row in sums}
