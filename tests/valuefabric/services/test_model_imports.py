"""A file becomes a model: kept as evidence, cited figure by figure, told as an event; or nothing at all is stored."""

from decimal import Decimal
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied

from kernel.events.models import OutboxEvent
from kernel.storage.services import blob_get
from tenants.actors import Actor
from valuefabric.domain.imports import Choices
from valuefabric.domain.manifesto.observations import observed_figures
from valuefabric.models import Citation, Customer, Evidence, ModelVersion, ValueModel
from valuefabric.selectors.documents import document_of
from valuefabric.selectors.model_imports import import_report, kept_preview
from valuefabric.services.model_imports import BroughtFile, ModelNotImported, SavedImport, model_import
from valuefabric.services.value_models import ModelChanged

WORKBOOKS = Path(__file__).parents[1] / "data" / "workbooks"
SUPPORT = BroughtFile("support_automation.xlsx", (WORKBOOKS / "support_automation.xlsx").read_bytes())


def brought(customer: Customer, actor: Actor, file: BroughtFile = SUPPORT, **more: object) -> SavedImport:
    return model_import(customer=customer, file=file, actor=actor, **more)  # type: ignore[arg-type]


def test_the_file_is_kept_the_model_saved_and_the_report_kept_beside(customer: Customer, seller: Actor) -> None:
    saved = brought(customer, seller)

    assert blob_get(saved.evidence.blob) == SUPPORT.content
    assert (saved.version.number, saved.version.reason) == (1, "imported from support_automation.xlsx")
    assert Decimal(saved.version.measures["npv"]).quantize(Decimal("0.01")) == Decimal("832123.30")
    report = import_report(saved.version)
    assert report is not None
    assert report["comparison"] == {"compared": 39, "agree": 39, "differ": []}
    event = OutboxEvent.objects.get(topic="value.model.imported").data
    assert (event["evidence"], event["report"], event["differing"]) == (str(saved.evidence.public_id), saved.address, 0)


def test_every_figure_cites_its_line_of_the_kept_file(customer: Customer, seller: Actor) -> None:
    saved = brought(customer, seller)
    document = document_of(saved.version)

    wage = document.row("fully_loaded_cost_per_hour")
    assert wage.source is not None
    assert wage.source.quotation == "Fully loaded cost per hour\t45\tUSD/hour\tPayroll"
    assert wage.note.startswith("support_automation.xlsx, Assumptions!B6")
    cited = set(Citation.objects.filter(model_version=saved.version).values_list("row", flat=True))
    assert cited == {row.key for row in document.rows if row.values is not None}


def test_a_line_of_the_sheet_is_cited_and_is_no_observation_of_its_own_figures(customer: Customer, seller: Actor) -> None:
    document = document_of(brought(customer, seller).version)

    retired = document.row("tool_retirement")
    assert retired.source is not None
    assert retired.source.quotation == "Tool retirement\tUSD\t0\t30000\t30000\t30000\t90000"
    assert observed_figures(retired) == []


def test_a_file_that_holds_no_model_stores_nothing(customer: Customer, seller: Actor) -> None:
    with pytest.raises(ModelNotImported, match="no row names periods") as caught:
        brought(customer, seller, BroughtFile("a.xlsx", _without_periods()))

    assert caught.value.report.of("refused")
    assert (Evidence.objects.count(), ValueModel.objects.count()) == (0, 0)


def test_a_file_that_the_evidence_refuses_stores_nothing(customer: Customer, seller: Actor) -> None:
    with pytest.raises(ModelNotImported, match="encrypted"):
        brought(customer, seller, BroughtFile("a.xlsx", b"\xd0\xcf\x11\xe0" + b"\0" * 600))

    assert (Evidence.objects.count(), ValueModel.objects.count()) == (0, 0)


def test_who_may_only_look_cannot_import(customer: Customer, viewer: Actor) -> None:
    with pytest.raises(PermissionDenied):
        brought(customer, viewer)

    assert ModelVersion.objects.count() == 0


def test_a_second_import_is_the_next_version_of_the_model_that_is_named(customer: Customer, seller: Actor) -> None:
    first = brought(customer, seller)
    choices = Choices(roles={"tool_retirement": "none"})

    second = brought(customer, seller, model=first.version.model, expected_version=1, choices=choices, reason="Counted less")

    assert (second.version.model_id, second.version.number, second.version.reason) == (first.version.model_id, 2, "Counted less")
    assert second.evidence == first.evidence
    with pytest.raises(ModelChanged):
        brought(customer, seller, model=first.version.model, expected_version=1)


def test_the_preview_of_a_kept_file_is_what_would_be_saved(customer: Customer, seller: Actor) -> None:
    saved = brought(customer, seller)

    preview = kept_preview(saved.evidence)

    assert preview.document is not None
    assert [row.key for row in preview.document.rows] == [row.key for row in document_of(saved.version).rows]
    assert ModelVersion.objects.count() == 1


def test_a_file_without_a_currency_has_the_customers(customer: Customer, seller: Actor) -> None:
    Customer.objects.update(currency="CHF")
    customer.refresh_from_db()

    saved = brought(customer, seller, BroughtFile("plain.xlsx", _plain()))

    assert document_of(saved.version).currency == "CHF"


def test_our_own_file_comes_in_as_it_is(customer: Customer, seller: Actor) -> None:
    path = Path(__file__).parents[1] / "cases" / "intellum.yaml"

    saved = brought(customer, seller, BroughtFile(path.name, path.read_bytes()))

    assert saved.version.measures["npv"].startswith("16717313.66")


def _sheet(rows: list[list[object]]) -> bytes:
    import io

    import openpyxl

    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _plain() -> bytes:
    return _sheet([["", "Year 1", "Year 2"], ["Savings", 1, 2]])


def _without_periods() -> bytes:
    return _sheet([["Savings", 1]])
