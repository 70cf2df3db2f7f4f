"""Starting standing agents, and keeping their times in the scheduler's tables."""

import json
from datetime import UTC

from django.db import connection, transaction
from django.utils import timezone
from django_celery_beat.models import CrontabSchedule, PeriodicTask
from django_tenants.utils import schema_context

from agents.registry.selectors import agent_current
from agents.runtime.program import PROGRAM
from agents.runtime.services import limits_of
from agents.standing.crontab import crontab_fields
from agents.standing.models import StandingAgent, Starts
from kernel.processes.models import Process, Restart
from kernel.processes.services import process_ready, process_start
from kernel.scheduler.policies import Priority
from tenants.models import Tenant

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


def standing_save(*, standing: StandingAgent) -> StandingAgent:
    """Save the row and its time in the schedule. One that starts with the tenant and has ended begins anew. ValidationError."""
    standing.changed_at = timezone.now()
    standing.full_clean()
    with transaction.atomic():
        standing.save()
        if standing.starts == Starts.CRON:
            _schedule(standing)
        else:
            PeriodicTask.objects.filter(name=_task_name(standing)).delete()
    return standing


def standing_delete(*, standing: StandingAgent) -> None:
    """Delete the row and its time; processes that run go on."""
    with transaction.atomic():
        PeriodicTask.objects.filter(name=_task_name(standing)).delete()
        standing.delete()


def standing_start(*, standing: StandingAgent, schema: str) -> Process | None:
    """Start the agent in one tenant; None where it lives there already, so that nothing piles up."""
    with schema_context(schema), transaction.atomic():
        _alone(standing, schema)
        if Process.objects.filter(actor=standing.actor, ended_at=None).exists():
            return None
        return _started(standing)


def standing_boot() -> int:
    """Start what is to start with each tenant and was not started since its row was last changed; returns how many.

    One that ended stays ended (its restarts are its process's own affair) until an operator saves its row again.
    """
    rows = StandingAgent.objects.filter(starts=Starts.BOOT, enabled=True).order_by("pk")
    return sum(_booted(row, schema) for row in rows for schema in standing_schemas(row))


def standing_due(*, standing_id: int) -> int:
    """What the schedule calls at a row's time; returns in how many tenants it started."""
    row = StandingAgent.objects.filter(pk=standing_id, starts=Starts.CRON, enabled=True).first()
    return 0 if row is None else sum(standing_start(standing=row, schema=s) is not None for s in standing_schemas(row))


def standing_schemas(standing: StandingAgent) -> list[str]:
    """The tenants that a row is about."""
    tenants = Tenant.objects.filter(is_active=True).exclude(schema_name="public").order_by("schema_name")
    tenants = tenants.filter(schema_name=standing.schema_name) if standing.schema_name else tenants
    return list(tenants.values_list("schema_name", flat=True))


def _booted(standing: StandingAgent, schema: str) -> bool:
    with schema_context(schema), transaction.atomic():
        _alone(standing, schema)
        mine = Process.objects.filter(actor=standing.actor)
        if mine.filter(ended_at=None).exists() or mine.filter(created_at__gte=standing.changed_at).exists():
            return False
        _started(standing)
    return True


def _started(standing: StandingAgent) -> Process:
    manifest = agent_current(standing.agent)
    process = process_start(
        agent=manifest.identifier,
        inputs={"agent": standing.agent, "inputs": standing.inputs, "role": standing.role},
        actor=standing.actor,
        subject=standing.subject,
        program=PROGRAM,
        limits=limits_of(manifest),
        priority=Priority(standing.priority),
        restart=Restart(standing.restart),
        most_failures=standing.most_failures,
        restart_seconds=standing.restart_seconds,
    )
    return process_ready(process=process)


def _alone(standing: StandingAgent, schema: str) -> None:
    """Two schedulers that start the same at once do so one after the other, and the second finds it there."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [f"standing|{standing.pk}|{schema}"])


def _schedule(standing: StandingAgent) -> None:
    times, _new = CrontabSchedule.objects.get_or_create(**crontab_fields(standing.crontab), timezone=UTC)
    PeriodicTask.objects.update_or_create(
        name=_task_name(standing),
        defaults={
            "task": "agents.standing_due",
            "crontab": times,
            "interval": None,
            "kwargs": json.dumps({"standing_id": standing.pk}),
            "queue": "kernel",
            "enabled": standing.enabled,
        },
    )


def _task_name(standing: StandingAgent) -> str:
    return f"agents.standing:{standing.pk}"
