"""What a commitment says beside a row's figures is compared with telemetry, and not applied to it once more."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from valuefabric.domain.model import ModelDocument, compute
from valuefabric.domain.realization import RealizationResult, TelemetryPoint, attainment
from valuefabric.domain.realization.measured_document import measured_document

START = date(2027, 1, 1)
LINEAR = {"shape": "linear", "over": 12}


def model(adoption: dict[str, Any], driver: dict[str, Any] | None = None, **more: Any) -> ModelDocument:
    """Two years; adopters save 10 each."""
    return ModelDocument.model_validate(
        {
            "id": "t",
            "title": "t",
            "currency": "USD",
            "conventions": {"discount_rate": "0.1"},
            "periods": ["y1", "y2"],
            "drivers": {"support": {"label": "Support", "impact": "cost", **(driver or {})}},
            "rows": {
                "half": {"label": "Half", "unit": "percent", "values": "50%", "low": "20%"},
                "adopters": {"label": "Adopters", "unit": "users", "driver": "support", "values": 1000, "high": 1200, **adoption},
                "each": {"label": "Each", "unit": "USD/user", "values": 10},
                "saved": {"label": "Saved", "unit": "USD", "role": "benefit", "driver": "support", "formula": "adopters * each"},
            },
            **more,
        }
    )


def points(kpi: str, values: list[Any], unit: str) -> Iterator[TelemetryPoint]:
    """One a month, from the first of the commitment."""
    for month, value in enumerate(values):
        at = datetime(2027 + month // 12, month % 12 + 1, 15, tzinfo=UTC)
        yield TelemetryPoint(observed_at=at, kpi=kpi, value=Decimal(str(value)), unit=unit)


def measured(
    document: ModelDocument, values: list[Any], *, kpi: str = "adopters", unit: str = "users", scenario: str = "base"
) -> RealizationResult:
    committed = compute(document, scenario=scenario)
    return attainment(document, committed, list(points(kpi, values, unit)), as_of=date(2030, 1, 1), starts_on=START)


def summary(result: RealizationResult) -> tuple[Decimal, Decimal, Decimal | None]:
    return result.committed_to_date, result.actual_to_date, result.attainment_pct


def test_measuring_a_phased_kpi_applies_its_phase_once() -> None:
    """Adoption comes as promised, from nothing to all in a year: a mean of 600, so exactly what was committed."""
    document = model({"values": 1200, "phase_in": LINEAR})
    exactly = [50 * (2 * month + 1) for month in range(12)]

    result = measured(document, exactly)

    [row] = result.assumptions
    assert row.committed == (600, 1200)
    assert row.actual == (600, None)
    assert summary(result) == (6000, 6000, 100)


def test_forecast_follows_the_phased_path() -> None:
    """Two months at half of what was promised: the rest of the way at half of the path, the second year too."""
    document = model({"phase_in": LINEAR})

    result = measured(document, [250, 250])

    [row] = result.assumptions
    assert row.forecast == (250, 500)
    assert (result.committed_term, result.forecast_term) == (15000, 7500)


@pytest.mark.parametrize(
    ("adoption", "more", "committed"),
    [
        ({"escalation": "10%"}, {}, (1000, 1100)),
        ({"escalation": "half"}, {}, (1000, 1500)),
        ({"probability": "40%"}, {}, (400, 400)),
        ({"probability": "half"}, {}, (500, 500)),
        ({"phase_in": LINEAR, "escalation": "10%"}, {}, (500, 1100)),
        ({"phase_in": LINEAR, "phase_out": {"shape": "linear", "start": 13, "over": 12}}, {}, (500, 500)),
    ],
    ids=["growth", "growth row", "probability", "probability row", "phase and growth", "comes and goes"],
)
def test_what_is_beside_the_figures_is_committed_and_not_measured_again(
    adoption: dict[str, Any], more: dict[str, Any], committed: tuple[int, int]
) -> None:
    document = model(adoption, **more)

    result = measured(document, [committed[0]] * 12 + [committed[1]] * 12)

    assert result.assumptions[0].committed == committed
    assert result.attainment_pct == 100
    assert result.forecast_pct == 100


def test_measured_money_is_in_the_models_currency_already() -> None:
    document = model({}, rates={"EUR": {"rate": "1.25", "source": "treasury"}})
    plain = document.model_dump()
    rows = [{**row, "values": [8, 8], "convert": "EUR"} if row["key"] == "each" else row for row in plain["rows"]]
    document = ModelDocument.model_validate({**plain, "rows": rows})

    result = measured(document, [10] * 24, kpi="each", unit="USD/user")

    assert summary(result) == (20000, 20000, 100)


def test_attribution_and_contract_still_count_what_is_measured() -> None:
    """A measured benefit is the whole effect; a tenth of it is ours, and the contract ends in the middle of the second year."""
    document = model({}, timeline={"start": "2027-01", "contract": {"months": 18}})
    plain = document.model_dump()
    saved = {"formula": None, "values": [100, 100], "attribution": "10%", "phase_in": LINEAR}
    rows = [{**row, **saved} if row["key"] == "saved" else row for row in plain["rows"]]
    document = ModelDocument.model_validate({**plain, "rows": rows})
    assert compute(document).rows["saved"].values == (5, 5)

    result = measured(document, [50] * 12 + [100] * 12, kpi="saved", unit="USD")

    assert summary(result) == (10, 10, 100)


def test_a_drivers_phase_on_a_measured_benefit_counts_once_and_on_a_computed_one_stays() -> None:
    document = model({}, {"phase_in": LINEAR})
    result = measured(document, [1000] * 24)
    assert summary(result) == (15000, 15000, 100)  # adopters are all there, their effect comes as promised

    plain = document.model_dump()
    rows = [{**row, "formula": None, "values": [100, 100]} if row["key"] == "saved" else row for row in plain["rows"]]
    given = measured(ModelDocument.model_validate({**plain, "rows": rows}), [50] * 12 + [100] * 12, kpi="saved", unit="USD")
    assert summary(given) == (150, 150, 100)


@pytest.mark.parametrize("scenario", ["base", "low", "slow", "half_benefits"])
def test_a_written_out_commitment_computes_to_what_was_committed(scenario: str) -> None:
    slow = {"label": "Slow", "changes": [{"row": "adopters", "factor": "0.5"}]}
    document = model({"phase_in": LINEAR, "escalation": "half", "low": 900}, scenarios={"slow": slow})
    committed = compute(document, scenario=scenario)

    written, same = measured_document(document, committed, {"adopters"})

    again = compute(written, scenario=same.scenario)
    assert again.rows["saved"].values == committed.rows["saved"].values
    assert again.measures == committed.measures


def test_an_initial_column_stays_as_committed() -> None:
    periods = {"periods": ["start", "y1"], "conventions": {"discount_rate": "0.1", "initial_period": "undiscounted"}}
    document = model({"values": [7, 1000], "high": None, "escalation": "10%"}, **periods)

    written, _ = measured_document(document, compute(document), {"adopters"})

    assert compute(written).rows["adopters"].values == compute(document).rows["adopters"].values


def test_a_commitment_without_any_of_it_is_measured_as_it_is() -> None:
    document = model({})
    committed = compute(document)

    assert measured_document(document, committed, {"adopters"}) == (document, committed)
