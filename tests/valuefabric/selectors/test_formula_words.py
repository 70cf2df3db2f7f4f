from decimal import Decimal

import pytest

from tests.factories.valuefabric import published_document
from valuefabric.domain.model import Row
from valuefabric.selectors.formula_words import formula_words

LABELS = {"A": "Revenue", "B": "Margin", "C": "Costs"}


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("A * B", "Revenue × Margin"),
        ("(A + C) * B", "(Revenue + Costs) × Margin"),
        ("A - (C - B)", "Revenue − (Costs − Margin)"),
        ("A / (B * C)", "Revenue ÷ (Margin × Costs)"),
        ("A + B * C", "Revenue + Margin × Costs"),
        ("A * 20%", "Revenue × 20 %"),
        ("A * 0.50", "Revenue × 0.5"),
        ("previous(A, 0)", "Revenue of the period before"),
        ("previous(A, 100)", "Revenue of the period before (at first 100)"),
        ("if(A > C, A - C, 0)", "if Revenue > Costs then Revenue − Costs else 0"),
        ("min(A, C)", "smallest of (Revenue, Costs)"),
        ("-A", "−Revenue"),
    ],
)
def test_formula_is_told_with_labels(formula: str, words: str) -> None:
    assert formula_words(Row(key="Z", label="Z", unit="USD", formula=formula), LABELS) == words


def test_rounding_and_risk_are_told() -> None:
    row = Row(key="Z", label="Z", unit="USD", formula="A * B", round=0, role="benefit", risk_adjustment=Decimal("0.20"))

    assert formula_words(row, LABELS) == "Revenue × Margin, rounded to whole units, less 20 % for risk"


def test_what_becomes_of_the_figures_is_told() -> None:
    features = {"convert": "EUR", "attribution": "B", "probability": "10%", "escalation": "3%", "phase_in": {"shape": "step"}}
    row = Row.model_validate({"key": "Z", "label": "Z", "unit": "USD", "formula": "A", "round": 0, **features})

    assert formula_words(row, LABELS) == (
        "Revenue, converted from EUR, phased in, of which Margin counts as ours, at a probability of 10 %, growing by 3 % a "
        "year, rounded to whole units"
    )


@pytest.mark.parametrize(
    ("timing", "words"), [({"once": "y1"}, "once, in y1"), ({"every": 2}, "every 2 periods"), ({"every": 1}, "every period")]
)
def test_given_figures_that_are_changed_say_how(timing: dict[str, object], words: str) -> None:
    row = Row.model_validate({"key": "Z", "label": "Z", "unit": "USD", "values": 1, "timing": timing})

    assert formula_words(row, LABELS) == f"the figures given, {words}"


def test_published_rows_read_like_the_published_case() -> None:
    document = published_document()
    labels = {row.key: row.label for row in document.rows}

    assert formula_words(document.row("A5"), labels) == (
        "Share of customers offered education × Utilization among customers offered × Lift in retention among users, "
        "rounded to 1 decimal of a percent"
    )
    assert formula_words(document.row("A6"), labels) == (
        "(Annual revenue + Revenue retained of the period before) × Lift in retention overall of the period before, "
        "rounded to whole units"
    )
    assert formula_words(document.row("A4"), labels) == ""
