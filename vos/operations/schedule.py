"""The standing schedule, kept in django-celery-beat's tables so that operators can see and change it."""

from django_celery_beat.models import IntervalSchedule, PeriodicTask

STANDING = {"kernel.sweep": 5, "kernel.audit_seal": 30, "agents.standing_boot": 30}


def schedule_set_up() -> None:
    """Make the standing entries that are missing; entries that operators changed are left alone."""
    for task, seconds in STANDING.items():
        interval, _new = IntervalSchedule.objects.get_or_create(every=seconds, period=IntervalSchedule.SECONDS)
        PeriodicTask.objects.get_or_create(name=task, defaults={"task": task, "interval": interval, "queue": "kernel"})
