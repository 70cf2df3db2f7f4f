"""The guards in the database, against text that runs as a tenant's role and against the owning role itself."""

import pytest
from django.db import Error, connection, transaction
from django_tenants.utils import schema_context, tenant_context

from kernel.stops.models import Stop
from kernel.stops.services import stop_release, stop_set
from tenants.models import Tenant, User

_INSERT = (
    "INSERT INTO stops_stop (public_id, kind, key, schema_name, reason, set_by, set_by_name, by_operator, released_at) VALUES"
)
_WORD = "INSERT INTO stops_stoprelease (stop_id, schema_name, person, actor, name, reason) VALUES"


def _refused(statement: str, match: str = "") -> None:
    with pytest.raises(Error, match=match), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("role", ["tenant", "owner"])
@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("UPDATE stops_stop SET released_at = now()", "two different people"),
        ("UPDATE stops_stop SET reason = 'Nothing.'", "cannot be changed|permission denied"),
        ("UPDATE stops_stop SET schema_name = 'globex'", "cannot be changed|permission denied"),
        ("DELETE FROM stops_stop", "refused|permission denied"),
        ("TRUNCATE stops_stop CASCADE", "refused|permission denied"),
    ],
    ids=["released-by-nobody", "reason", "tenant", "delete", "truncate"],
)
def test_a_stop_edited_by_sql_is_refused(acme_stopped: Stop, role: str, statement: str, why: str) -> None:
    with schema_context("acme" if role == "tenant" else "public"):
        _refused(statement, why)
    acme_stopped.refresh_from_db()
    assert (acme_stopped.released_at, acme_stopped.schema_name) == (None, "acme")


def test_a_stop_released_by_sql_after_one_word_is_refused(acme_stopped: Stop, alice: User) -> None:
    stop_release(stop=acme_stopped, reason="Mended.", actor=f"user:{alice.pk}")
    with schema_context("public"):
        _refused("UPDATE stops_stop SET released_at = now()", "two different people")
        _refused(
            f"{_WORD} ({acme_stopped.pk}, 'acme', {alice.pk}, 'operator:{alice.pk}', 'Alice', 'Me again.')", "said so already"
        )
        _refused(f"{_WORD} ({acme_stopped.pk}, 'acme', 99, 'user:{alice.pk}', 'Alice', 'As another.')", "is not person")
        _refused("UPDATE stops_stoprelease SET person = 99", "refused")
        _refused("DELETE FROM stops_stoprelease", "refused")


def test_a_release_dated_by_its_writer_gets_the_databases_time(acme_stopped: Stop, alice: User, dora: User) -> None:
    before = acme_stopped.set_at
    for person in (alice, dora):
        released = stop_release(stop=acme_stopped, reason="Mended.", actor=f"user:{person.pk}")
    assert released.released_at is not None
    assert released.released_at > before
    with schema_context("public"):
        _refused("UPDATE stops_stop SET released_at = NULL", "cannot be changed")


def test_a_tenants_sql_on_another_tenants_stop_finds_nothing(acme_stopped: Stop, globex: Tenant) -> None:
    with tenant_context(globex), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM stops_stop")
        assert cursor.fetchone() == (0,)
        cursor.execute("UPDATE stops_stop SET released_at = now()")
        assert cursor.rowcount == 0
        _refused(f"{_WORD} ({acme_stopped.pk}, 'acme', 1, 'user:1', 'X', 'Mine.')", "row-level security|no such stop")
        _refused(f"{_WORD} ({acme_stopped.pk}, 'globex', 1, 'user:1', 'X', 'Mine.')", "no such stop")


@pytest.mark.parametrize(
    "values",
    [
        "(gen_random_uuid(), 'tenant', '', 'globex', 'Mischief.', 'user:1', 'X', false, NULL)",
        "(gen_random_uuid(), 'platform', '', '', 'Mischief.', 'user:1', 'X', false, NULL)",
        "(gen_random_uuid(), 'platform', '', '', 'Mischief.', 'operator:1', 'X', true, NULL)",
        "(gen_random_uuid(), 'tenant', '', 'acme', 'Mischief.', 'operator:1', 'X', true, NULL)",
        "(gen_random_uuid(), 'tenant', '', 'acme', 'Mischief.', 'user:1', 'X', false, now())",
    ],
    ids=["another-tenant", "platform", "platform-as-operator", "own-as-operator", "born-released"],
)
def test_a_tenants_sql_that_forges_a_stop_is_refused(in_acme: Tenant, values: str) -> None:
    _refused(f"{_INSERT} {values}", "row-level security|begins in force|stop_set_by_a_person")


def test_a_tenants_sql_that_speaks_for_an_operator_is_refused(acme: Tenant, alice: User) -> None:
    with schema_context("public"):
        User.objects.filter(pk=alice.pk).update(is_staff=True)
        stop = stop_set(kind="tenant", schema_name="acme", reason="Abuse.", actor=f"operator:{alice.pk}")
    with tenant_context(acme):
        _refused(f"{_WORD} ({stop.pk}, 'acme', {alice.pk}, 'operator:{alice.pk}', 'X', 'Let us.')", "row-level security")
