"""How a case's sections are worded: figures with their units, and quotations in one pair of marks."""

from decimal import Decimal

import pytest

from tests.factories.models import large_document
from valuefabric.domain.discovery import Citation
from valuefabric.domain.model import compute
from valuefabric.domain.narrative import Story, written_as


@pytest.mark.parametrize(
    ("value", "unit", "written"),
    [
        ("3", "number", "3"),
        ("41000", "tickets", "41,000 tickets"),
        ("0.222", "percent", "22.2%"),
        ("1036188.4", "USD", "$1,036,188"),
        ("12.5", "", "12.5"),
    ],
)
def test_written_as_a_reader_expects_it(value: str, unit: str, written: str) -> None:
    assert written_as(Decimal(value), unit, "USD") == written


@pytest.mark.parametrize(
    ("quotation", "written"),
    [
        ("- We lose\n  12 customers a year.", "They say: “We lose 12 customers a year.”"),
        ('"12 of them leave."', "They say: “12 of them leave.”"),
        ('9 in 10 are "how do I" questions.', "They say: “9 in 10 are 'how do I' questions.”"),
    ],
)
def test_quotation_stands_in_one_pair_of_marks_and_is_noted_as_the_source_of_its_numbers(quotation: str, written: str) -> None:
    document = large_document(rows=3, periods=2)
    story = Story(document, compute(document), {})

    story.quote("situation", "They say: ", Citation(reference="notes", quotation=quotation, start=0, end=len(quotation)))

    assert story.sections["situation"] == written
    (figure,) = story.figures
    assert (figure.reference, figure.quotation) == ("notes", quotation)
    assert figure.text in written
