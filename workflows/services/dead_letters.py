"""Replaying dead letters: one, or many at once; each in a transaction of its own, and each at most once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from django.core.exceptions import PermissionDenied
from django.db import transaction

from tenants.actors import Actor
from tenants.roles import Permission
from workflows.models import Step
from workflows.selectors.dead_letters import DeadLetterFilter, dead_letters
from workflows.selectors.visibility import executions_visible_to
from workflows.services.control import step_retry
from workflows.services.passing import step_locked
from workflows.states import IllegalTransition

MOST_REPLAYED = 500


class ReplayRefused(ValueError):
    """More was to be replayed than one call does."""


@dataclass(frozen=True)
class Letter:
    """One failure: the step's key, and the attempt that failed. A step that was replayed and failed again is another letter."""

    step: int
    attempt: int


@dataclass(frozen=True)
class Replay:
    """What came of one. ``gone``: it was replayed, skipped or ended before; nothing was done now."""

    letter: Letter
    outcome: Literal["replayed", "gone", "refused"]
    why: str = ""


def dead_letters_replay(*, letters: Sequence[Letter], actor: Actor) -> list[Replay]:
    """Try the failed steps again. Doing it twice, or two people at once, replays each failure once.

    Raises PermissionDenied without the permission at all, and ReplayRefused for too many.
    """
    actor.require(Permission.RUN_CONTROL)
    if len(letters) > MOST_REPLAYED:
        raise ReplayRefused(f"At most {MOST_REPLAYED} at once; these are {len(letters)}.")
    visible = executions_visible_to(actor).values("pk")
    steps = Step.objects.filter(execution__in=visible).select_related("execution").in_bulk([letter.step for letter in letters])
    return [_replayed(letter, steps.get(letter.step), actor) for letter in letters]


def dead_letters_replay_all(*, chosen: DeadLetterFilter, actor: Actor, limit: int = MOST_REPLAYED) -> list[Replay]:
    """The same for all that fit, the newest first, ``limit`` at most."""
    rows = dead_letters(actor, chosen).values_list("pk", "attempt")[: min(limit, MOST_REPLAYED)]
    return dead_letters_replay(letters=[Letter(*row) for row in rows], actor=actor)


def _replayed(letter: Letter, step: Step | None, actor: Actor) -> Replay:
    if step is None:
        return Replay(letter, "gone", "There is no such step here.")
    try:
        with transaction.atomic():
            _execution, locked = step_locked(step)
            if locked.attempt != letter.attempt:
                return Replay(letter, "gone", f"It has come to attempt {locked.attempt} since.")
            step_retry(step=step, actor=actor)
    except IllegalTransition as error:
        return Replay(letter, "gone", str(error))
    except PermissionDenied as error:
        return Replay(letter, "refused", str(error))
    return Replay(letter, "replayed")
