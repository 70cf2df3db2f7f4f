"""Processes of all tenants, for operators: that there is work, who does it and what it uses; never what it is about."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection
from django.db.models import CharField, Q
from django.db.models.functions import Cast
from django_tenants.utils import schema_context

from kernel.processes.models import Process
from kernel.processes.transitions import TERMINAL

SHORTEST_PREFIX = 4


class NoSuchProcess(LookupError):
    """No process, or more than one, has a pid that begins like this."""


@dataclass(frozen=True)
class Placed:
    """A process and the schema it lives in."""

    schema: str
    process: Process


def process_schemas() -> list[str]:
    """Every schema that holds processes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT schemaname FROM pg_tables WHERE tablename = 'processes_process' ORDER BY 1")
        return [row[0] for row in cursor.fetchall()]


def processes_everywhere(*, schema: str = "", ended: bool = False, limit: int = 200) -> list[Placed]:
    """The newest processes of one schema or of all, those that live or all, newest first."""
    shown = Q() if ended else ~Q(state__in=[state.value for state in TERMINAL])
    found = [
        Placed(name, process)
        for name in _schemas(schema)
        for process in Process.objects.filter(shown).order_by("-created_at")[:limit]
    ]
    return sorted(found, key=lambda placed: placed.process.created_at, reverse=True)[:limit]


def process_find(start: str, *, schema: str = "") -> Placed:
    """The one process whose pid begins with ``start``, in one schema or in any. Raises NoSuchProcess."""
    if len(start) < SHORTEST_PREFIX:
        raise NoSuchProcess(f"Give at least {SHORTEST_PREFIX} characters of the pid; {start!r} may be many.")
    found = [
        Placed(name, process)
        for name in _schemas(schema)
        for process in Process.objects.annotate(text=Cast("pid", CharField())).filter(text__startswith=start.lower())[:2]
    ]
    if len(found) != 1:
        raise NoSuchProcess(f"{'More than one process has' if found else 'No process has'} a pid that begins with {start!r}.")
    return found[0]


def _schemas(schema: str) -> Iterator[str]:
    """The schemas, each entered while it is its turn."""
    for name in [schema] if schema else process_schemas():
        with schema_context(name):
            yield name
