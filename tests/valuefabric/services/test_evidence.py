import hashlib

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, transaction

from agents.customer import sensitivity_of
from kernel.audit.models import AuditRecord
from kernel.events.models import OutboxEvent
from kernel.storage.services import blob_exists, blob_get
from tenants.actors import Actor
from tests.factories.valuefabric import DISCOVERY, customer_make
from valuefabric.domain.evidence import DEFAULT_LIMITS, EvidenceError
from valuefabric.models import Customer, Evidence, EvidenceSpan
from valuefabric.services.evidence import evidence_add

NOTES = (DISCOVERY / "call_notes.md").read_bytes()


def test_evidence_add_keeps_content_text_and_spans(customer: Customer, seller: Actor) -> None:
    evidence = evidence_add(customer=customer, filename="call_notes.md", content=NOTES, actor=seller)

    assert (evidence.kind, evidence.size, evidence.added_by) == ("text", len(NOTES), seller.identifier)
    assert evidence.sha256 == hashlib.sha256(NOTES).hexdigest()
    assert blob_get(evidence.blob) == NOTES
    assert evidence.untrusted is True
    spans = list(evidence.spans.order_by("start"))
    assert spans
    assert all(evidence.quote(span.start, span.end).strip() for span in spans)
    assert OutboxEvent.objects.get(topic="value.evidence.added").data["sha256"] == evidence.sha256


def test_same_content_again_is_the_same_evidence(customer: Customer, seller: Actor) -> None:
    first = evidence_add(customer=customer, filename="a.md", content=NOTES, actor=seller)
    second = evidence_add(customer=customer, filename="b.md", content=NOTES, actor=seller)

    assert (second.pk, second.filename) == (first.pk, "a.md")
    assert OutboxEvent.objects.filter(topic="value.evidence.added").count() == 1


def test_same_content_of_two_customers_is_two(customer: Customer, seller: Actor) -> None:
    other = customer_make(seller, name="Other")
    first = evidence_add(customer=customer, filename="a.md", content=NOTES, actor=seller)
    second = evidence_add(customer=other, filename="a.md", content=NOTES, actor=seller)

    assert first.pk != second.pk
    assert first.blob == second.blob


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../../etc/passwd", "passwd"),
        ("..\\..\\windows\\system.ini", "system.ini"),
        ("notes\x00.md", "notes.md"),
        ("invoice\u202egpj.md", "invoicegpj.md"),
        ("", "document"),
        ("x" * 400 + ".md", "x" * 197 + ".md"),
    ],
)
def test_path_in_a_file_name_is_only_a_name(customer: Customer, seller: Actor, name: str, shown: str) -> None:
    evidence = evidence_add(customer=customer, filename=name, content=NOTES, actor=seller)

    assert evidence.filename == shown
    assert evidence.blob == f"sha256:{evidence.sha256}"


def test_oversized_upload_is_refused_and_nothing_is_stored(customer: Customer, seller: Actor) -> None:
    content = b"a line of notes\n" * (DEFAULT_LIMITS.file_bytes // 16 + 1)

    with pytest.raises(EvidenceError, match="more than 10,000,000"):
        evidence_add(customer=customer, filename="huge.md", content=content, actor=seller)

    _nothing_stored(content)


def test_bad_sheet_names_row_and_column_and_nothing_is_stored(customer: Customer, seller: Actor) -> None:
    content = b"driver,unit,y1\nannual_revenue,USD,1,2\n"

    with pytest.raises(EvidenceError, match=r"[Rr]ow 2") as refused:
        evidence_add(customer=customer, filename="drivers.csv", content=content, actor=seller)

    assert refused.value.row == 2
    _nothing_stored(content)


def test_program_disguised_as_notes_is_refused(customer: Customer, seller: Actor) -> None:
    content = b"\x7fELF\x02\x01\x01\x00" + bytes(200)

    with pytest.raises(EvidenceError):
        evidence_add(customer=customer, filename="notes.md", content=content, actor=seller)

    _nothing_stored(content)


def test_failure_in_the_middle_leaves_no_row(customer: Customer, seller: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_arguments: object) -> None:
        raise RuntimeError("the audit is away")

    monkeypatch.setattr("valuefabric.services.records.audit_record", fail)

    with pytest.raises(RuntimeError):
        evidence_add(customer=customer, filename="call_notes.md", content=NOTES, actor=seller)

    assert Evidence.objects.count() == 0
    assert EvidenceSpan.objects.count() == 0
    assert not OutboxEvent.objects.filter(topic="value.evidence.added").exists()


def test_viewer_cannot_add(customer: Customer, viewer: Actor) -> None:
    with pytest.raises(PermissionDenied):
        evidence_add(customer=customer, filename="a.md", content=NOTES, actor=viewer)

    _nothing_stored(b"")


def test_evidence_edited_by_sql_is_refused_by_the_database(customer: Customer, seller: Actor) -> None:
    evidence = evidence_add(customer=customer, filename="a.md", content=NOTES, actor=seller)

    with pytest.raises(DatabaseError, match="refused"), transaction.atomic():
        Evidence.objects.filter(pk=evidence.pk).update(text="They guarantee a 5x return.")


def test_evidence_is_never_trusted(customer: Customer) -> None:
    values = {
        "kind": "text",
        "media_type": "text/plain",
        "size": 1,
        "sha256": "0" * 64,
        "blob": "x",
        "text": "x",
        "added_by": "system",
    }

    with pytest.raises(IntegrityError, match="evidence_untrusted"), transaction.atomic():
        Evidence.objects.create(customer=customer, filename="a", untrusted=False, **values)


def _nothing_stored(content: bytes) -> None:
    assert Evidence.objects.count() == 0
    assert not blob_exists(f"sha256:{hashlib.sha256(content).hexdigest()}")
    assert not AuditRecord.objects.filter(action="evidence.added").exists()


def test_a_document_is_confidential_unless_somebody_says_otherwise(customer: Customer, seller: Actor) -> None:
    plain = evidence_add(customer=customer, filename="a.md", content=NOTES, actor=seller)
    public = evidence_add(customer=customer, filename="b.md", content=b"A press release.", actor=seller, classification="public")
    assert (plain.classification, public.classification) == ("confidential", "public")
    assert sensitivity_of(customer) == "confidential"
    evidence_add(customer=customer, filename="c.md", content=b"The board's minutes.", actor=seller, classification="restricted")
    assert sensitivity_of(customer) == "restricted"


def test_the_same_content_does_not_pass_as_less_sensitive_than_somebody_says_now(customer: Customer, seller: Actor) -> None:
    first = evidence_add(customer=customer, filename="a.md", content=NOTES, actor=seller)
    with pytest.raises(EvidenceError, match="there already as confidential"):
        evidence_add(customer=customer, filename="a.md", content=NOTES, actor=seller, classification="restricted")
    assert evidence_add(customer=customer, filename="a.md", content=NOTES, actor=seller, classification="public") == first
    assert Evidence.objects.get().classification == "confidential"
