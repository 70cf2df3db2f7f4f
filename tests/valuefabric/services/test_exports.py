from io import BytesIO

from openpyxl import load_workbook

from kernel.events.models import OutboxEvent
from kernel.storage.services import blob_get
from tenants.actors import Actor
from tests.factories.valuefabric import honest_draft, stamped_case
from valuefabric.models import Customer, Export
from valuefabric.services.cases import case_draft
from valuefabric.services.exports import case_export_workbook


def test_workbook_is_made_once_per_content_and_kept_by_hash(customer: Customer, seller: Actor) -> None:
    case = stamped_case(customer, seller)

    first = case_export_workbook(case=case, actor=seller)
    second = case_export_workbook(case=case, actor=seller)

    assert second.pk == first.pk
    assert (first.filename, first.content_hash) == ("customer-education-v1.xlsx", case.content_hash)
    sheets = load_workbook(BytesIO(blob_get(first.blob))).sheetnames
    assert sheets == ["Summary", "Model", "Assumptions", "Sources", "Scenarios"]
    assert OutboxEvent.objects.get(topic="value.case.exported").data["blob"] == first.blob


def test_changed_case_has_a_workbook_of_its_own(customer: Customer, seller: Actor) -> None:
    case = stamped_case(customer, seller)
    case_export_workbook(case=case, actor=seller)
    changed = case_draft(
        customer=customer,
        model_version=case.model_version,
        draft=honest_draft(title="../../Evil: =cmd()"),
        actor=seller,
        case=case,
    )

    export = case_export_workbook(case=changed, actor=seller)

    assert export.filename == "evil-cmd-v2.xlsx"
    assert Export.objects.count() == 2
