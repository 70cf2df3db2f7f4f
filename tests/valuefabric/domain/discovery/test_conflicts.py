"""Sources that disagree are reported with both quotations; nothing is averaged."""

from decimal import Decimal

import pytest

from valuefabric.domain.discovery import discover
from valuefabric.domain.evidence import EvidenceError

SHEET = "driver,unit,y1,y2,y3,low,high,source,confidence\n"


def test_sheet_against_notes(texts, education):
    items = texts(notes="Operating margin is 14%.", sheet=SHEET + "operating_margin,percent,12,12,12,11,13,finance,high\n")

    found = discover(items, education)

    (conflict,) = found.conflicts
    assert conflict.subject == "operating_margin"
    assert [(s.value, s.citation.reference) for s in conflict.stated] == [("12 %", "sheet"), ("14 %", "notes")]
    margin = found.assumption("operating_margin")
    assert margin.values == (Decimal("0.12"),) * 3
    assert (margin.confidence, margin.source.reference) == ("low", "sheet")


def test_record_against_notes(texts, education):
    items = texts(
        notes="They book about $1.2 billion of annual revenue.", record='{"account": {"annual_revenue_usd": 1000000000}}'
    )

    (conflict,) = discover(items, education).conflicts
    assert [s.value for s in conflict.stated] == ["1000000000", "1200000000"]


def test_two_sentences_of_the_notes(texts, education):
    found = discover(texts(notes="Operating margin is 12%.\n\nLater finance said the operating margin is 15%."), education)

    assert "12 %; 15 %" in found.conflicts[0].message


def test_two_discount_rates(texts, education):
    found = discover(texts(notes="The discount rate is 10%.\n\nTreasury uses a discount rate of 12%."), education)

    assert found.conflicts[0].subject == "discount_rate"
    assert found.convention("discount_rate").value == Decimal("0.1")


def test_term_of_the_record_against_the_notes(texts, education):
    items = texts(notes="The business case should cover five years.", record='{"opportunity": {"term_months": 36}}')

    assert [c.subject for c in discover(items, education).conflicts] == ["term_years"]


def test_delay_that_the_packs_rows_do_not_have(texts, education):
    found = discover(texts(notes="An effect on retention shows in the same year."), education)

    assert found.conflicts[0].subject == "lag_years of retention"


def test_sheet_in_another_currency_than_the_deal(texts, education):
    items = texts(sheet=SHEET + "annual_revenue,EUR,5,5,5,4,6,CRM,high\n", record='{"opportunity": {"currency": "USD"}}')

    found = discover(items, education)
    assert (found.currency, found.conflicts[0].subject) == ("USD", "currency")


def test_unknown_row_of_a_sheet_is_reported(texts, education):
    found = discover(texts(sheet=SHEET + "parking_spaces,count,5,5,5,4,6,me,low\n"), education)

    assert [row.name for row in found.unmatched] == ["parking_spaces"]


def test_labels_and_aliases_name_inputs(texts, education):
    sheet = 'Driver,Unit,Value\nUptake,%,51.1\nOperating Margin,percent,12%\nARR,USD,"1,000,000"\n'

    found = discover(texts(sheet=sheet), education)
    assert {a.input: a.values[0] for a in found.assumptions} == {
        "annual_revenue": Decimal(1000000),
        "utilization": Decimal("0.511"),
        "operating_margin": Decimal("0.12"),
    }


@pytest.mark.parametrize("cell", ["lots", "=1+1", "12 to 14", "1e999999", "NaN", "Infinity"])
def test_cell_that_is_no_number_is_refused_by_row_and_column(texts, education, cell):
    with pytest.raises(EvidenceError, match="row 2, column y2") as refused:
        discover(texts(sheet=SHEET + f"operating_margin,percent,12,{cell},12,11,13,finance,high\n"), education)
    assert (refused.value.row, refused.value.column) == (2, "y2")


def test_row_without_any_value_is_refused(texts, education):
    with pytest.raises(EvidenceError, match="no value"):
        discover(texts(sheet=SHEET + "operating_margin,percent,,,,11,13,finance,high\n"), education)


def test_documents_without_anything_give_an_empty_discovery(texts, education):
    found = discover(texts(notes="Nothing of use was said."), education)

    assert (found.assumptions, found.hypotheses, found.currency) == ((), (), None)
