"""The one query that every working process asks several times a second."""

from django.db import connection
from django_tenants.utils import get_public_schema_name, schema_context

from kernel.stops.matching import InForce

# Of all tenants at once: one query for a process, however many tenants it works for. By the index of those in force.
_QUERY = """
SELECT id, kind, key, schema_name, reason, set_by_name FROM public.stops_stop WHERE released_at IS NULL ORDER BY id
"""


def in_force_everywhere() -> tuple[InForce, ...]:
    """The stops in force, the oldest first; read as the owning role."""
    with schema_context(get_public_schema_name()), connection.cursor() as cursor:
        cursor.execute(_QUERY)
        return tuple(InForce(*row) for row in cursor.fetchall())
