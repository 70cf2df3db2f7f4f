"""Priority inheritance and cancelling, by the name of a work: a process, or a call that several wait for.

A request names in ``works`` what it is part of. Whoever waits for a work passes its class on to all of its requests, in whatever
queue they wait or run, and to those that come later while it waits.
"""

from django.conf import settings
from redis.exceptions import RedisError

from kernel.scheduler.admission.arguments import joined, rules_arguments
from kernel.scheduler.admission.queue import PREFIX
from kernel.scheduler.admission.rules import Rules
from kernel.scheduler.admission.scripts import call
from kernel.scheduler.admission.slots import admission_client
from kernel.scheduler.policies import Priority

# The functions reach every queue of a work; fewer than no slots means: as many as the queue had at its last decision.
_ANY_QUEUE = joined(["0", "", *rules_arguments(Rules(concurrency=-1))])


def work_promote(work: str, priority: Priority, *, seconds: float) -> int:
    """Somebody of class ``priority`` waits for ``work``, for at most so many seconds; returns how many requests rose by it.

    Nothing ever falls by it. Without Valkey nothing rises: the wait is longer, and nothing else is wrong.
    """
    arguments = joined([work, int(priority), max(round(seconds * 1000), 1)])
    try:
        return int(call(admission_client(settings.REDIS_URL), "promote", f"{PREFIX}:", _ANY_QUEUE + arguments))
    except RedisError:
        return 0


def work_nudge(work: str) -> None:
    """Have those who wait on behalf of ``work`` look at once whether they are still wanted (their ``interrupted``)."""
    try:
        call(admission_client(settings.REDIS_URL), "nudge", f"{PREFIX}:", _ANY_QUEUE + joined([work]))
    except RedisError:
        return  # they look by themselves twice a second
