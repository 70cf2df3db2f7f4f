"""The Celery app. Messages are wake-ups only; each task runs in the schema and role of the tenant that sent it."""

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vos.settings")
# Celery would run Django's checks before each start. They import every page and form, for seconds, and are of the code:
# `make lint` runs them.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")

from celery.signals import celeryd_init, task_prerun, worker_ready, worker_shutting_down
from tenant_schemas_celery.app import CeleryApp

from vos.telemetry.tracing import set_up_tracing

app = CeleryApp("vos")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@app.on_after_configure.connect  # type: ignore[untyped-decorator]
def _keep_connections(sender: CeleryApp, **_arguments: object) -> None:
    """Threads keep their database connection from task to task for its ``CONN_MAX_AGE``: Celery would close it after each.

    Making one costs more than most tasks. Where a pool lends them, they go back after each task.
    """
    from django.conf import settings  # configured by now

    if settings.DATABASES["default"].get("CONN_MAX_AGE"):
        sender.conf["CELERY_DB_REUSE_MAX"] = sys.maxsize


@task_prerun.connect  # type: ignore[untyped-decorator]
def _drop_old_connections(**_arguments: object) -> None:
    """A connection that has had its time, or has met an error, is not used again."""
    from django.db import close_old_connections  # as above

    close_old_connections()


@celeryd_init.connect  # type: ignore[untyped-decorator]
def _trace_worker(**_arguments: object) -> None:
    """Web and commands import this module too, and are traced under names of their own."""
    set_up_tracing("worker")


@worker_ready.connect  # type: ignore[untyped-decorator]
def _warm_admission(**_arguments: object) -> None:
    """The time of grace after an empty start of Valkey begins now, not with the first caller who needs a model."""
    from kernel.scheduler.admission import admission_warm  # reads Django's settings, which only a worker has by now

    admission_warm()


@worker_shutting_down.connect  # type: ignore[untyped-decorator]
def _drain(**_arguments: object) -> None:
    """SIGTERM: what this worker runs is handed over at its next checkpoint, and the rest of the queue is left to others."""
    from kernel.processes.draining import drain  # as above

    drain()
