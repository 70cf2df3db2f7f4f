"""The attempts that are safe: another deployment of the group, the groups that stand in for it, else a pause."""

import logging
import random
import time
from collections.abc import Collection, Iterator
from dataclasses import replace

from kernel.llm.backoff import backoff_seconds
from kernel.llm.calls import call_admitted
from kernel.llm.errors import ModelError, ModelsResting, RetryableModelError
from kernel.llm.health import Health, claim
from kernel.llm.messages import Message
from kernel.llm.models import ModelDeployment
from kernel.llm.provider import ProviderAnswer
from kernel.llm.question import Progress, Question
from kernel.llm.routing import Leg, health_on, legs, ordered

logger = logging.getLogger(__name__)

MOST_CALLS = 3
# How long a pause may last before the caller is asked again whether it still wants the answer.
LONGEST_SILENCE_SECONDS = 0.5


def attempted(question: Question, progress: Progress, messages: list[Message]) -> ProviderAnswer:
    """One answer to ``messages``, in at most ``MOST_CALLS`` calls per group on the way.

    A group is asked to the end of its deployments, and in a second round only where no other group stands in for it.
    """
    *earlier, last = legs(question.group, sensitivity=question.sensitivity, in_house=question.in_house)
    failure: ModelError | None = None
    for leg in earlier:
        try:
            return _on(leg, question, progress, messages, rounds=1)
        except ModelError as error:
            if not _goes_on(error, progress):
                raise
            failure = error
    try:
        return _on(last, question, progress, messages, rounds=MOST_CALLS)
    except ModelsResting as resting:
        # What really went wrong says more than that nobody else is well either.
        raise failure or resting from None


def _on(leg: Leg, question: Question, progress: Progress, messages: list[Message], *, rounds: int) -> ProviderAnswer:
    """An answer from one group. Raises the last failure."""
    failures, given_up = 0, set[int]()
    failure: ModelError | None = None
    passing: RetryableModelError | None = None  # the last one after which the same deployment may be asked again
    for number in range(rounds):
        for deployment in _who_may_be_asked(leg, given_up):
            try:
                return call_admitted(question, progress, deployment, messages, group=leg.group)
            except ModelError as error:
                failure, failures = error, failures + 1
                if failures == MOST_CALLS or not _goes_on(error, progress):
                    raise
                if isinstance(error, RetryableModelError) and error.retried_at_once:
                    passing = error
                else:
                    given_up.add(deployment.pk)
                    logger.warning("asked elsewhere", extra={"deployment": deployment.name, "error": type(error).__name__})
        if passing is None:
            raise failure or _resting(leg)
        if number + 1 < rounds:
            _pause(question, failures, passing)
    raise passing or failure or _resting(leg)


def _goes_on(error: ModelError, progress: Progress) -> bool:
    """Whether somebody else is asked after ``error``: nothing was spent or shown, or it is slow and nobody has heard anything."""
    if isinstance(error, RetryableModelError) and error.retried_at_once:
        return True
    return error.tried_elsewhere and not progress.is_shown


def _who_may_be_asked(leg: Leg, given_up: Collection[int]) -> Iterator[ModelDeployment]:
    """The group's deployments in order, without those that are left alone and those that have failed for good."""
    leg = replace(leg, deployments=tuple(one for one in leg.deployments if one.pk not in given_up))
    health = health_on([leg])
    for deployment in ordered(leg, health):
        if _is_well(health[deployment.pk]) or claim(deployment.pk, probe_seconds=deployment.timeout_seconds):
            yield deployment


def _is_well(health: Health) -> bool:
    return health.name in {"closed", "unknown"}


def _resting(leg: Leg) -> ModelsResting:
    soonest = min((one.open_seconds for one in health_on([leg]).values()), default=0.0)
    return ModelsResting(
        f"Every model of group {leg.group!r} failed several times and is left alone. Try again in {soonest:.0f} s.",
        retry_seconds=soonest,
    )


def _pause(question: Question, failures: int, error: RetryableModelError) -> None:
    seconds = backoff_seconds(failures, retry_after=error.retry_seconds, random=random.random)
    if seconds is None:
        raise error
    if question.interrupted is None:
        time.sleep(seconds)
        return
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        question.check_wanted()
        time.sleep(min(left, LONGEST_SILENCE_SECONDS))
