"""Whether what VOS needs is there. Each probe answers a plain sentence, or raises."""

import asyncio
from collections.abc import Callable

import psycopg
from django.conf import settings
from django.db import connection

SECONDS = 1.0
# A new connection to a busy server takes longer than a ping.
DATABASE_SECONDS = 2.0
# Of Django's connections, and nothing that tells where the server is.
_DJANGOS = frozenset({"context", "cursor_factory", "prepare_threshold"})


def database() -> str:
    """Postgres lets a new connection in, and the public schema has been migrated.

    Asked over a connection of its own: on the thread's, a server that is there and says nothing would be waited for without end.
    """
    return asyncio.run(asyncio.wait_for(_migrations(), DATABASE_SECONDS))


async def _migrations() -> str:
    where = {name: value for name, value in connection.get_connection_params().items() if name not in _DJANGOS}
    async with await psycopg.AsyncConnection.connect(**where) as opened:
        answer = await opened.execute("SELECT count(*) FROM public.django_migrations")
        found = await answer.fetchone()
    return f"{found[0] if found else 0} migrations"


def broker() -> str:
    """Valkey answers a ping."""
    import redis  # health checks and the relay only

    redis.Redis.from_url(settings.REDIS_URL, socket_timeout=SECONDS, socket_connect_timeout=SECONDS).ping()
    return "answers"


def worker() -> str:
    """At least one worker answers over the broker."""
    from vos.celery import app  # imports all tasks; the web process needs them only here

    # The first answer is enough: waiting for all of them takes the whole second each time.
    if not app.control.ping(timeout=SECONDS, limit=1):
        raise ConnectionError("no worker answered")
    return "answers"


PROBES: dict[str, Callable[[], str]] = {"database": database, "broker": broker, "worker": worker}


def probe_all() -> dict[str, dict[str, object]]:
    """Run every probe; one that fails says why, without the address or the password in it."""
    return {name: _probe(run) for name, run in PROBES.items()}


def _probe(run: Callable[[], str]) -> dict[str, object]:
    try:
        return {"ready": True, "detail": run()}
    except Exception as error:  # noqa: BLE001  -- whatever fails, the answer is "not ready"
        return {"ready": False, "detail": type(error).__name__}
