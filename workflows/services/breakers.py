"""Breakers: a dependency that keeps failing is left alone for a while, then one step tries it.

Kept in Postgres, so that all workers of a tenant share them and a restart forgets nothing. ``FAILURES`` failures in a row open
one for ``OPEN``; after that one attempt may probe, and closes it or opens it again.
https://martinfowler.com/bliki/CircuitBreaker.html
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from kernel.audit.services import audit_record
from kernel.stops.checks import Stopped
from tenants.actors import Actor
from tenants.roles import Permission
from workflows.definition import StepSpec
from workflows.limits.models import Breaker
from workflows.steps.dependencies import dependency_of
from workflows.steps.faults import error_text, is_retryable
from workflows.steps.protocol import StepPostponed

FAILURES = 5
OPEN = timedelta(seconds=60)

# One statement, so that of failures at the same moment each is counted.
_FAILED = """
INSERT INTO workflow_limits_breaker AS b (dependency, failures, last_error, changed_at)
VALUES (%(dependency)s, 1, %(error)s, now())
ON CONFLICT (dependency) DO UPDATE SET failures = b.failures + 1, last_error = EXCLUDED.last_error, changed_at = now(),
    probe_until = NULL,
    open_until = CASE WHEN b.failures + 1 >= %(most)s THEN now() + %(seconds)s * interval '1 second' ELSE b.open_until END"""


class DependencyOpen(StepPostponed):
    """The step's dependency failed too often and is left alone; the step is tried again when it may be asked."""


def breaker_guarded[T](spec: StepSpec, call: Callable[[], T], inputs: Mapping[str, Any] | None = None) -> T:
    """Do ``call`` unless the step's dependency is left alone just now, and note how it went. Raises DependencyOpen.

    ``inputs`` are the step's, resolved: what a tool or a function depends on may follow from them.
    """
    dependency = dependency_of(spec, inputs)
    if not dependency:
        return call()
    known = breaker_ask(dependency, probe=timedelta(seconds=spec.timeout_seconds))
    try:
        result = call()
    except Exception as error:
        breaker_note(dependency, error)
        raise
    if known:
        breaker_note(dependency, None)
    return result


def breaker_ask(dependency: str, *, probe: timedelta) -> bool:
    """Whether anything bad is known of the dependency. Raises DependencyOpen while nobody, or somebody else, may try it."""
    breaker = Breaker.objects.filter(dependency=dependency).first()
    if breaker is None or breaker.open_until is None:
        return breaker is not None
    now = timezone.now()
    free = Q(probe_until=None) | Q(probe_until__lt=now)
    if Breaker.objects.filter(free, pk=breaker.pk, open_until__lte=now).update(probe_until=now + probe):
        return True  # of any number that ask at this moment, one gets it
    until = max(breaker.open_until, now + timedelta(seconds=1))
    raise DependencyOpen(f"{dependency} failed {breaker.failures} times in a row and is left alone.", until=until)


def breaker_note(dependency: str, error: Exception | None) -> None:
    """Note how a call ended. Refusals, emergency stops and our own database's troubles say nothing of the dependency."""
    if error is None:
        rows = Breaker.objects.filter(dependency=dependency).exclude(failures=0)
        rows.update(failures=0, open_until=None, probe_until=None, changed_at=timezone.now())
    elif is_retryable(error) and not isinstance(error, DatabaseError | Stopped):
        with connection.cursor() as cursor:
            values: dict[str, str | float] = {
                "dependency": dependency,
                "error": error_text(error),
                "most": FAILURES,
                "seconds": OPEN.total_seconds(),
            }
            cursor.execute(_FAILED, values)
    else:  # it answered, or was not asked: whoever probes next may
        Breaker.objects.filter(dependency=dependency, probe_until__isnull=False).update(probe_until=None)


def breaker_close(*, dependency: str, actor: Actor) -> None:
    """A person says that the dependency is well again. Raises PermissionDenied, and Breaker.DoesNotExist."""
    actor.require(Permission.RUN_CONTROL)
    with transaction.atomic():
        breaker = Breaker.objects.select_for_update().get(dependency=dependency)
        breaker.failures, breaker.open_until, breaker.probe_until, breaker.changed_at = 0, None, None, timezone.now()
        breaker.save()
        audit_record(actor=actor.identifier, action="workflow.breaker_closed", subject=f"dependency:{dependency}")
