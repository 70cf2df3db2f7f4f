"""Ours against the next-best alternative, as economic value to the customer."""

import pytest

from valuefabric.domain.model import ModelDocument, compute
from valuefabric.domain.model.alternatives import against_alternative
from valuefabric.domain.model.scenarios import alternative_document


def model() -> ModelDocument:
    rows = {
        "tickets": {"unit": "tickets", "values": [1000, 1000], "low": [800, 800], "high": [1200, 1200]},
        "deflected": {"unit": "percent", "values": "20%"},
        "cost_each": {"unit": "USD/ticket", "values": 10},
        "saved": {"role": "benefit", "driver": "support", "formula": "tickets * deflected * cost_each"},
        "fee": {"role": "cost", "values": [600, 600]},
    }
    other = {
        "label": "More agents",
        "changes": [{"row": "deflected", "values": "5%", "why": "a script"}, {"row": "fee", "values": 0}],
        "rows": [{"key": "agent", "label": "Agent", "unit": "USD", "role": "cost", "driver": "support", "values": 400}],
    }
    return ModelDocument.model_validate(
        {
            "id": "t",
            "title": "t",
            "currency": "USD",
            "conventions": {"discount_rate": "0"},
            "periods": ["y1", "y2"],
            "drivers": {"support": {"label": "Support", "impact": "cost"}},
            "rows": {key: {"label": key, "unit": "USD", **row} for key, row in rows.items()},
            "alternatives": {"agents": other},
        }
    )


def test_the_alternative_is_a_model_of_its_own() -> None:
    computed = compute(alternative_document(model(), "agents"))

    assert computed.benefits == (500, 500)
    assert computed.costs == (400, 400)
    assert alternative_document(model(), "agents").alternatives == ()


def test_reference_and_differential_value_make_the_economic_value() -> None:
    found = against_alternative(model(), "agents")

    assert found.label == "More agents"
    assert found.reference_value == 800
    assert found.differential_value == 4000 - 1000
    assert found.economic_value == 3800
    assert found.surplus == 3800 - 1200 == found.ours.npv - found.theirs.npv
    assert found.net_difference == (1300, 1300)
    assert [(driver.ours, driver.theirs, driver.difference) for driver in found.drivers] == [(4000, 200, 3800)]


def test_the_end_of_the_ranges_is_taken_on_both_sides() -> None:
    found = against_alternative(model(), "agents", scenario="conservative")

    assert found.differential_value == 3200 - 800


def test_an_unknown_alternative_is_refused() -> None:
    with pytest.raises(KeyError, match="the model has no alternative 'robots'"):
        against_alternative(model(), "robots")
