from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from django_tenants.utils import tenant_context

from kernel.events.models import OutboxEvent
from tenants.actors import Actor
from tenants.models import Tenant
from tests.factories.valuefabric import committed_case, evidence_make, model_make, published_document
from tests.valuefabric.worlds import *  # noqa: F403 -- fixtures, which pytest finds by name
from valuefabric.domain.model import FormulaError, ModelDocument, content_hash
from valuefabric.models import Citation, Customer, ModelVersion, ValueModel
from valuefabric.selectors.documents import document_of
from valuefabric.services.opportunities import QuotationRefused
from valuefabric.services.value_models import ModelChanged, ModelLocked, RowRefused, model_row_update, model_save

pytestmark = pytest.mark.usefixtures("in_acme")


@pytest.fixture(scope="module")
def version(acme: Tenant, kept_customer: Customer, seller: Actor) -> ModelVersion:
    """The published model, saved."""
    with tenant_context(acme):
        return model_make(kept_customer, seller)


def test_model_save_keeps_document_hash_measures_and_citations(version: ModelVersion, seller: Actor) -> None:
    assert version.number == 1
    assert version.content_hash == content_hash(published_document())
    assert content_hash(document_of(version)) == version.content_hash
    assert round(Decimal(version.measures["pv_benefits"])) == 16_717_314
    assert [(d["key"], d["counted"], round(Decimal(d["pv"]))) for d in version.measures["drivers"]] == [
        ("retention", True, 10_041_989),
        ("spending", True, 6_675_324),
        ("support", False, 0),
    ]
    cited = Citation.objects.get(model_version=version, row="A4")
    assert "22.2" in cited.quotation
    assert OutboxEvent.objects.get(topic="value.model.saved").data["version"] == 1


def test_same_document_again_is_no_version(version: ModelVersion, customer: Customer, seller: Actor) -> None:
    second = model_save(customer=customer, document=published_document(), reason="again", actor=seller, model=version.model)

    assert second.pk == version.pk
    assert ModelVersion.objects.count() == 1


def test_model_that_quotes_what_was_never_said_is_refused(customer: Customer, seller: Actor) -> None:
    evidence_make(customer, seller)
    plain = published_document().model_dump(mode="json")
    source = next(row["source"] for row in plain["rows"] if row["key"] == "A4")
    source["quotation"] = "x" * (source["end"] - source["start"])

    with pytest.raises(QuotationRefused, match="Row A4"):
        model_save(customer=customer, document=type(published_document()).model_validate(plain), reason="x", actor=seller)

    assert not ValueModel.objects.filter(customer=customer).exists()


def test_row_update_returns_each_cell_that_changed(version: ModelVersion, seller: Actor) -> None:
    update = model_row_update(
        model=version.model, row="A4", values=[Decimal("0.2")] * 3, low=[Decimal("0.1")], reason="more careful", actor=seller
    )

    assert update.version.number == 2
    changed = {(change.row, change.period): (change.before, change.after) for change in update.changes}
    assert changed["A4", "y1"] == (Decimal("0.222"), Decimal("0.2"))
    assert changed["A5", "y1"] == (Decimal("0.044"), Decimal("0.039"))
    assert changed["A6", "y2"] == (Decimal(44_000_000), Decimal(39_000_000))
    assert ("A1", "y1") not in changed
    assert update.version.reason == "more careful"


@pytest.mark.parametrize(
    ("row", "edit", "message"),
    [
        ("Z9", {"values": [Decimal(1)] * 3}, "no row 'Z9'"),
        ("A4", {"values": [Decimal(1)] * 2}, "Row A4"),
        ("A4", {"low": [Decimal("0.9")] * 3}, "Row A4"),
    ],
)
def test_edit_that_does_not_fit_is_refused(
    version: ModelVersion, seller: Actor, row: str, edit: dict[str, list[Decimal]], message: str
) -> None:
    with pytest.raises(RowRefused, match=message):
        model_row_update(model=version.model, row=row, reason="x", actor=seller, **edit)

    assert ModelVersion.objects.count() == 1


def test_hostile_formula_is_refused_and_nothing_is_saved(version: ModelVersion, seller: Actor) -> None:
    with pytest.raises(ValueError, match="A6"):
        model_row_update(model=version.model, row="A6", formula="__import__('os')", reason="x", actor=seller)

    assert ModelVersion.objects.count() == 1


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (
            {"scenarios": [{"key": "odd", "label": "Odd", "changes": [{"row": "A6", "formula": "A1 + A2"}]}]},
            "scenario odd: cannot add",
        ),
        (
            {"alternatives": [{"key": "none", "label": "None", "changes": [{"row": "A6", "formula": "A1 + A2"}]}]},
            "alternative none: cannot add",
        ),
    ],
    ids=["scenario", "alternative"],
)
def test_what_if_whose_units_do_not_fit_is_refused_when_the_model_is_saved(
    entry: dict[str, object], message: str, customer: Customer, seller: Actor
) -> None:
    evidence_make(customer, seller)
    document = ModelDocument.model_validate({**published_document().model_dump(), **entry})

    with pytest.raises(FormulaError, match=f"row A6, position 4: {message} USD and a plain number"):
        model_save(customer=customer, document=document, reason="x", actor=seller)

    assert not ValueModel.objects.filter(customer=customer).exists()


def test_edit_of_an_old_version_is_refused(version: ModelVersion, seller: Actor) -> None:
    model_row_update(model=version.model, row="A4", confidence="low", reason="one cohort", actor=seller)

    with pytest.raises(ModelChanged, match="version 2 by now"):
        model_row_update(model=version.model, row="A4", confidence="high", reason="late", actor=seller, expected_version=1)

    assert ModelVersion.objects.count() == 2


def test_version_tampered_with_by_sql_is_refused_by_the_database(version: ModelVersion, seller: Actor) -> None:
    for change in ({"document": {}}, {"content_hash": "sha256:" + "0" * 64}, {"measures": {"npv": "1"}}):
        with pytest.raises(DatabaseError, match="kept as they were written"), transaction.atomic():
            ModelVersion.objects.filter(pk=version.pk).update(**change)
    with pytest.raises(DatabaseError, match="kept as they were written"), transaction.atomic():
        ModelVersion.objects.filter(pk=version.pk)._raw_delete("default")


def test_committed_model_is_locked_in_service_and_database(
    customer: Customer, seller: Actor, voters: tuple[Actor, Actor]
) -> None:
    model = committed_case(customer, seller, voters).model_version.model

    with pytest.raises(ModelLocked, match="committed"):
        model_row_update(model=model, row="A4", confidence="low", reason="x", actor=seller)
    with pytest.raises(DatabaseError, match="locked"), transaction.atomic():
        ModelVersion.objects.create(
            model=model, number=9, document={}, content_hash="sha256:" + "0" * 64, measures={}, reason="x", by="x"
        )

    assert model.versions.count() == 1
