"""The insides of a run's steps as runs of their own, with their steps: for whoever shows them in the place where they belong."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Count, Q

from workflows.models import Execution, Step

# A step with more parts than this shows a list of runs instead, and a run of a thousand is not read here.
MOST_PARTS = 4
DEEPEST = 4


@dataclass
class Part:
    """One run inside a step: its steps in the order of the definition, and what lies inside of these, by key."""

    execution: Execution
    steps: Sequence[Step] = ()
    inside: dict[str, list["Part"]] = field(default_factory=dict)


def parts_of(execution: Execution) -> Mapping[str, Sequence[Part]]:
    """The parts of a run by step, four deep; steps with more than ``MOST_PARTS`` are left out. Two queries a level."""
    top = Part(execution)
    level = {execution.pk: top}
    for _depth in range(DEEPEST):
        level = _next_level(level)
        if not level:
            break
    return top.inside


def _next_level(parents: Mapping[int, Part]) -> dict[int, Part]:
    few = (
        Step.objects.filter(execution__in=parents)
        .annotate(parts=Count("children", filter=Q(children__replaced_at=None)))
        .filter(parts__gte=1, parts__lte=MOST_PARTS)
    )
    rows = Execution.objects.filter(parent_step__in=few.values("pk"), replaced_at=None).select_related("parent_step")
    found = {child.pk: Part(child) for child in rows.order_by("parent_step", "place")}
    steps: dict[int, list[Step]] = defaultdict(list)
    for step in Step.objects.filter(execution__in=found).order_by("position") if found else ():
        steps[step.execution_id].append(step)
    for part in found.values():
        part.steps = steps[part.execution.pk]
        if (parent := part.execution.parent_step) is not None:
            parents[parent.execution_id].inside.setdefault(parent.key, []).append(part)
    return found
