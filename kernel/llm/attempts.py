"""The retries that are safe: on the group's next deployment, else after a pause."""

import random
import time

from kernel.llm.backoff import backoff_seconds
from kernel.llm.calls import call_admitted
from kernel.llm.errors import NoProviderConfigured, RetryableModelError
from kernel.llm.messages import Message
from kernel.llm.provider import ProviderAnswer
from kernel.llm.question import Progress, Question
from kernel.llm.selectors import deployments_available

MOST_CALLS = 3
# How long a pause may last before the caller is asked again whether it still wants the answer.
LONGEST_SILENCE_SECONDS = 0.5


def attempted(question: Question, progress: Progress, messages: list[Message]) -> ProviderAnswer:
    """One answer to ``messages``, in at most ``MOST_CALLS`` calls."""
    deployments = deployments_available(question.group)
    if not deployments:
        raise NoProviderConfigured(f"No model of group {question.group!r} is configured. An operator can add one in the admin.")
    for failures in range(MOST_CALLS):
        deployment = deployments[failures % len(deployments)]
        try:
            return call_admitted(question, progress, deployment, messages)
        except RetryableModelError as error:
            if not error.retried_at_once or failures + 1 == MOST_CALLS:
                raise
            if (failures + 1) % len(deployments) == 0:
                _pause(question, failures + 1, error)
    raise AssertionError("unreachable: the last failure is raised")


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
