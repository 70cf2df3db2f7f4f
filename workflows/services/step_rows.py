"""The rows of runs' steps, made by one statement for any number of runs."""

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.utils import timezone

from workflows.definition import Definition
from workflows.states import StepState

# What is not named begins as it begins for every step. Written out here, because Django would send thirty values for each row.
_INSERT = """
INSERT INTO workflows_step (execution_id, key, kind, title, position, state, due_at, attempt, failures, fence, worker,
    waiting_kind, waiting_key, waiting_match, taken, error_class, error, reason, overridden_by)
SELECT step.run, step.key, step.kind, step.title, step.place, CASE step.place WHEN 0 THEN %s ELSE %s END,
    CASE step.place WHEN 0 THEN %s::timestamptz END, 0, 0, 0, '', '', '', '{}', '{}', '', '', '', ''
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::int[]) WITH ORDINALITY AS step (run, key, kind, title, place, n)
ORDER BY step.n
RETURNING id, position"""


def steps_make(runs: Sequence[tuple[int, Definition]], *, begins: bool = False) -> list[int]:
    """Make the steps of new runs; with ``begins`` the first of each is ready. Returns the keys of these first steps, in order."""
    rows = [
        (run, key, spec.kind, spec.title or key.replace("_", " ").capitalize(), place)
        for run, graph in runs
        for place, (key, spec) in enumerate(graph.steps.items())
    ]
    first, now = (StepState.READY, timezone.now()) if begins else (StepState.PENDING, None)
    values: list[Any] = [first.value, StepState.PENDING.value, now, *map(list, zip(*rows, strict=True))]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, values)
        return [pk for pk, position in cursor.fetchall() if position == 0]
