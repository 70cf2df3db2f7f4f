"""What a benefit is adjusted by for risk, measured: a declared row counts only by what the benefit really falls."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from valuefabric.domain.model import ModelDocument
from valuefabric.domain.model.adjustment import risk_adjustments


def model(**saved: Any) -> ModelDocument:
    rows = {
        "gross": {"unit": "USD", "values": [0, 1000]},
        "haircut": {"unit": "percent", "values": ["20%", "10%"]},
        "saved": {"unit": "USD", "role": "benefit", **saved},
    }
    return ModelDocument.model_validate(
        {
            "id": "t",
            "title": "t",
            "currency": "USD",
            "conventions": {"discount_rate": "0.1"},
            "periods": ["y1", "y2"],
            "rows": {key: {"label": key, **row} for key, row in rows.items()},
        }
    )


@pytest.mark.parametrize(
    ("row", "adjustment"),
    [
        ({"formula": "gross * (1 - haircut)", "risk_adjusted_by": "haircut"}, "0.1"),
        ({"formula": "gross * (1 - haircut)", "risk_adjusted_by": "haircut", "risk_adjustment": "50%"}, "0.55"),
        ({"formula": "(gross + 1000) * (1 - haircut)", "risk_adjusted_by": "haircut"}, "0.1"),
        ({"formula": "gross", "risk_adjusted_by": "haircut"}, "0"),
        ({"formula": "gross * (1 + haircut)", "risk_adjusted_by": "haircut"}, "0"),
        ({"formula": "gross / haircut", "risk_adjusted_by": "haircut"}, "0"),
        ({"formula": "gross * (1 - haircut)"}, "0"),
        ({"formula": "gross", "risk_adjustment": "20%"}, "0.2"),
    ],
    ids=["declared", "both", "least period", "not named", "raises", "not without", "not declared", "own"],
)
def test_an_adjustment_is_what_the_benefit_falls_by(row: dict[str, Any], adjustment: str) -> None:
    assert risk_adjustments(model(**row)) == {"saved": Decimal(adjustment)}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"formula": "gross", "risk_adjusted_by": "hair"},
            "risk_adjusted_by names 'hair', which is no row, did you mean 'haircut'",
        ),
        ({"formula": "gross", "risk_adjusted_by": "gross"}, "must have the unit percent, not USD"),
        ({"formula": "gross", "risk_adjusted_by": "haircut", "role": "cost"}, "risk_adjusted_by is for benefits"),
    ],
    ids=["unknown", "money", "cost"],
)
def test_a_declaration_that_cannot_hold_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        model(**changes)
