"""The Celery app. Messages are wake-ups only; each task runs in the schema and role of the tenant that sent it."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vos.settings")

from tenant_schemas_celery.app import CeleryApp  # noqa: E402  -- the settings module must be named before

from vos.telemetry.tracing import set_up_tracing  # noqa: E402

set_up_tracing("worker")
app = CeleryApp("vos")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
