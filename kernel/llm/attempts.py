"""The attempts that are safe: another deployment of the group, the groups that stand in for it, else a pause."""

import random
import time
from collections.abc import Iterator

from kernel.llm.backoff import backoff_seconds
from kernel.llm.calls import call_admitted
from kernel.llm.errors import ModelsResting, RetryableModelError
from kernel.llm.health import Health, claim
from kernel.llm.messages import Message
from kernel.llm.models import ModelDeployment
from kernel.llm.provider import ProviderAnswer
from kernel.llm.question import Progress, Question
from kernel.llm.routing import Leg, health_on, legs, ordered

MOST_CALLS = 3
# How long a pause may last before the caller is asked again whether it still wants the answer.
LONGEST_SILENCE_SECONDS = 0.5


def attempted(question: Question, progress: Progress, messages: list[Message]) -> ProviderAnswer:
    """One answer to ``messages``, in at most ``MOST_CALLS`` calls per group on the way.

    A group is asked to the end of its deployments, and in a second round only where no other group stands in for it.
    """
    *earlier, last = legs(question.group, sensitivity=question.sensitivity, in_house=question.in_house)
    failure: RetryableModelError | None = None
    for leg in earlier:
        try:
            return _on(leg, question, progress, messages, rounds=1)
        except RetryableModelError as error:
            if not error.retried_at_once:
                raise
            failure = error
    try:
        return _on(last, question, progress, messages, rounds=MOST_CALLS)
    except ModelsResting as resting:
        # What really went wrong says more than that nobody else is well either.
        raise failure or resting from None


def _on(leg: Leg, question: Question, progress: Progress, messages: list[Message], *, rounds: int) -> ProviderAnswer:
    """An answer from one group. Raises the last failure."""
    failures = 0
    failure: RetryableModelError | None = None
    for number in range(rounds):
        for deployment in _who_may_be_asked(leg):
            try:
                return call_admitted(question, progress, deployment, messages, group=leg.group)
            except RetryableModelError as error:
                failure, failures = error, failures + 1
                if not error.retried_at_once or failures == MOST_CALLS:
                    raise
        if failure is None:
            raise _resting(leg)
        if number + 1 < rounds:
            _pause(question, failures, failure)
    raise failure or _resting(leg)


def _who_may_be_asked(leg: Leg) -> Iterator[ModelDeployment]:
    """The group's deployments in order, without those that are left alone."""
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
