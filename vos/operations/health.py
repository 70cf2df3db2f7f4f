"""Whether what VOS needs is there. Each probe answers a plain sentence, or raises."""

from collections.abc import Callable

from django.conf import settings
from django.db import connection

SECONDS = 1.0


def database() -> str:
    """Postgres answers, and has all migrations of the public schema."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_migrations")
        return f"{cursor.fetchone()[0]} migrations"


def broker() -> str:
    """Valkey answers a ping."""
    import redis  # health checks and the relay only

    redis.Redis.from_url(settings.REDIS_URL, socket_timeout=SECONDS, socket_connect_timeout=SECONDS).ping()
    return "answers"


def worker() -> str:
    """At least one worker answers over the broker."""
    from vos.celery import app  # imports all tasks; the web process needs them only here

    answers = app.control.ping(timeout=SECONDS)
    if not answers:
        raise ConnectionError("no worker answered")
    return f"{len(answers)} answered"


PROBES: dict[str, Callable[[], str]] = {"database": database, "broker": broker, "worker": worker}


def probe_all() -> dict[str, dict[str, object]]:
    """Run every probe; one that fails says why, without the address or the password in it."""
    return {name: _probe(run) for name, run in PROBES.items()}


def _probe(run: Callable[[], str]) -> dict[str, object]:
    try:
        return {"ready": True, "detail": run()}
    except Exception as error:  # noqa: BLE001  -- whatever fails, the answer is "not ready"
        return {"ready": False, "detail": type(error).__name__}
