"""Total cost of ownership: one-time and recurring costs, over the term and at present value."""

from decimal import Decimal

from valuefabric.domain.model import ModelDocument
from valuefabric.domain.model.ownership import cost_of_ownership


def model() -> ModelDocument:
    rows = {
        "setup": {"role": "cost", "values": [5000, 0, 0]},
        "training": {"role": "cost", "values": 2200, "timing": {"once": "y1"}},
        "licence": {"role": "cost", "values": [0, 1100, 1210], "risk_adjustment": "10%"},
        "audit": {"role": "cost", "values": 110, "timing": {"every": 2, "first": "y1"}},
        "hidden": {"role": "cost", "values": 999, "driver": "idea"},
        "gain": {"role": "benefit", "values": 1},
    }
    return ModelDocument.model_validate(
        {
            "id": "t",
            "title": "t",
            "currency": "USD",
            "conventions": {"discount_rate": "0.10", "initial_period": "undiscounted"},
            "periods": ["initial", "y1", "y2"],
            "drivers": {"idea": {"label": "Idea", "impact": "cost", "counted": False}},
            "rows": {key: {"label": key.title(), "unit": "USD", **row} for key, row in rows.items()},
        }
    )


def test_every_cost_that_counts_is_a_line() -> None:
    found = cost_of_ownership(model())

    assert [(line.key, line.one_time, line.total, line.pv) for line in found.lines] == [
        ("setup", True, 5000, 5000),
        ("training", True, 2200, 2000),
        ("licence", False, 2541, 2200),
        ("audit", False, 110, 100),
    ]


def test_one_time_and_recurring_add_up() -> None:
    found = cost_of_ownership(model())

    assert (found.one_time, found.recurring, found.total, found.pv) == (7200, 2651, 9851, 9300)
    assert found.a_year == Decimal("4925.5")
