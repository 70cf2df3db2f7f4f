"""The Celery app. Messages are wake-ups only; each task runs in the schema and role of the tenant that sent it."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vos.settings")

from celery.signals import celeryd_init
from tenant_schemas_celery.app import CeleryApp

from vos.telemetry.tracing import set_up_tracing

app = CeleryApp("vos")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@celeryd_init.connect  # type: ignore[untyped-decorator]
def _trace_worker(**_arguments: object) -> None:
    """Web and commands import this module too, and are traced under names of their own."""
    set_up_tracing("worker")
