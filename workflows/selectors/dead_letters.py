"""Dead letters: the failed steps of all runs, and what could not be undone. They stay until a person decides about them."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from tenants.actors import Actor
from workflows.models import Step
from workflows.selectors.visibility import executions_visible_to
from workflows.states import StepState

_STOPPED = (StepState.FAILED.value, StepState.COMPENSATION_FAILED.value)


@dataclass(frozen=True)
class DeadLetterFilter:
    """Which of them: all that are given must fit. ``undoing`` is True for what could not be undone, False for the others."""

    definition: str = ""
    step: str = ""
    kind: str = ""
    error_class: str = ""
    text: str = ""
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None
    undoing: bool | None = None

    @property
    def condition(self) -> Q:
        """As a condition on steps."""
        given = {
            "execution__name": self.definition,
            "key": self.step,
            "kind": self.kind,
            "error_class": self.error_class,
            "error__icontains": self.text,
            "execution__subject": self.subject,
            "ended_at__gte": self.since,
            "ended_at__lt": self.until,
        }
        condition = Q(**{name: value for name, value in given.items() if value})
        if self.undoing is not None:
            condition &= Q(state=_STOPPED[1] if self.undoing else _STOPPED[0])
        return condition


def dead_letters(actor: Actor, chosen: DeadLetterFilter | None = None) -> QuerySet[Step]:
    """Steps that ask for a person, newest first, with their runs; those that the actor may see."""
    rows = Step.objects.filter(state__in=_STOPPED, execution__in=executions_visible_to(actor).values("pk"))
    return rows.filter((chosen or DeadLetterFilter()).condition).select_related("execution").order_by("-ended_at", "-id")


def not_undone(actor: Actor) -> QuerySet[Step]:
    """What could not be undone and asks for a person, newest first."""
    return dead_letters(actor, DeadLetterFilter(undoing=True))
