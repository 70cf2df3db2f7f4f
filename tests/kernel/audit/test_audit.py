"""The audit log: written with its deed, refused changes, chained, verified."""

from collections.abc import Callable

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.db.transaction import TransactionManagementError
from django_tenants.utils import tenant_context

from kernel.audit.models import AuditLink, AuditRecord
from kernel.audit.selectors import verify_chain
from kernel.audit.services import audit_record, audit_seal
from tenants.models import Tenant
from tenants.postgres.roles import owning_role


def _record(subject: str = "case:1") -> AuditRecord:
    return audit_record(actor="user:1", action="case.commit", subject=subject, detail={"npv": "16717313.00"})


def test_record_outside_transaction_is_refused(committed: Tenant) -> None:
    with tenant_context(committed):
        with pytest.raises(TransactionManagementError):
            _record()
        assert AuditRecord.objects.count() == 0


def test_record_rolls_back_with_its_deed(in_acme: Tenant) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        _record()
        raise ZeroDivisionError
    assert AuditRecord.objects.count() == 0


@pytest.mark.parametrize("statement", ["UPDATE audit_auditrecord SET actor = 'user:2'", "DELETE FROM audit_auditrecord"])
def test_change_of_the_past_is_refused_for_the_tenant(in_acme: Tenant, statement: str) -> None:
    _record()
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert AuditRecord.objects.get().actor == "user:1"


@pytest.mark.parametrize("statement", ["UPDATE audit_auditrecord SET actor = 'user:2'", "TRUNCATE audit_auditrecord CASCADE"])
def test_change_of_the_past_is_refused_for_the_owning_role(in_acme: Tenant, statement: str) -> None:
    _record()
    with owning_role(), pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(statement)


def test_truncate_by_the_tenant_is_refused(in_acme: Tenant) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE audit_auditrecord CASCADE")


def test_seal_chains_every_record_once(in_acme: Tenant) -> None:
    for number in range(3):
        _record(f"case:{number}")

    assert audit_seal() == 3
    assert audit_seal() == 0

    links = list(AuditLink.objects.order_by("position"))
    assert [link.position for link in links] == [1, 2, 3]
    assert links[1].previous_hash == links[0].hash
    found = verify_chain()
    assert (found.holds, found.sealed, found.unsealed) == (True, 3, 0)


def test_verify_finds_a_record_changed_behind_the_triggers(in_acme: Tenant) -> None:
    _record()
    _record()
    audit_seal()
    with owning_role(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE audit_auditrecord DISABLE TRIGGER USER")
        cursor.execute("UPDATE audit_auditrecord SET actor = 'user:666' WHERE id = (SELECT max(id) FROM audit_auditrecord)")
        cursor.execute("ALTER TABLE audit_auditrecord ENABLE TRIGGER USER")

    found = verify_chain()

    assert found.broken_at == 2
    assert "changed after it was sealed" in found.reason


def test_verify_finds_a_link_taken_out(in_acme: Tenant) -> None:
    for _ in range(3):
        _record()
    audit_seal()
    with owning_role(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE audit_auditlink DISABLE TRIGGER USER")
        cursor.execute("DELETE FROM audit_auditlink WHERE position = 2")
        cursor.execute("ALTER TABLE audit_auditlink ENABLE TRIGGER USER")

    assert verify_chain().broken_at == 2


def test_command_exits_with_an_error_on_a_broken_chain(in_acme: Tenant, capsys: Callable) -> None:
    _record()
    audit_seal()
    call_command("audit", "verify", schema="acme")
    with owning_role(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE audit_auditrecord DISABLE TRIGGER USER")
        cursor.execute("UPDATE audit_auditrecord SET subject = 'case:2'")
        cursor.execute("ALTER TABLE audit_auditrecord ENABLE TRIGGER USER")

    with pytest.raises(CommandError, match="broken in: acme"):
        call_command("audit", "verify", schema="acme")
