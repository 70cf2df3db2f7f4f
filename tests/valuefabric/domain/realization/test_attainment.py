"""Eighteen months of telemetry against the published commitment, to the cent."""

import csv
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from valuefabric.domain.model import Computation, ModelDocument, compute, load_model
from valuefabric.domain.realization import RealizationResult, TelemetryError, TelemetryPoint, attainment

TESTS = Path(__file__).parents[2]
START = date(2027, 1, 1)


@pytest.fixture(scope="module")
def document() -> ModelDocument:
    return load_model((TESTS / "cases" / "intellum.yaml").read_text())


@pytest.fixture(scope="module")
def committed(document: ModelDocument) -> Computation:
    return compute(document)


@pytest.fixture(scope="module")
def points() -> list[TelemetryPoint]:
    with (TESTS / "data" / "intellum_discovery" / "telemetry.csv").open(newline="") as file:
        return [TelemetryPoint.model_validate(line) for line in csv.DictReader(file)]


@pytest.fixture(scope="module")
def result(document: ModelDocument, committed: Computation, points: list[TelemetryPoint]) -> RealizationResult:
    return attainment(document, committed, points, as_of=date(2028, 6, 30), starts_on=START)


def point(kpi: str, value: str, month: int, unit: str = "percent", day: int = 28) -> TelemetryPoint:
    return TelemetryPoint(observed_at=datetime(2027, month, day, tzinfo=UTC), kpi=kpi, value=Decimal(value), unit=unit)


def test_the_actual_of_a_period_is_the_mean_of_its_months_so_far(result: RealizationResult) -> None:
    actual = {row.row: row.actual for row in result.assumptions}
    assert actual["A2"] == (Decimal("0.254625"), Decimal("0.5372"), None)
    assert actual["A3"] == (Decimal("0.414975"), Decimal("0.4527"), None)
    assert actual["A4"][0] == Decimal("0.1366")
    assert actual["B4"][0] == Decimal("0.068125")


def test_value_to_date_counts_the_measured_half_of_the_second_year(result: RealizationResult) -> None:
    assert (result.months, result.term_months) == (18, 36)
    assert result.committed_to_date == Decimal("5305694.8")  # 1,563,512.80 and half of 7,484,364.00
    assert result.actual_to_date == Decimal("2290036.4")


def test_attainment_by_driver(result: RealizationResult) -> None:
    retention, spending = result.drivers
    assert (retention.committed_to_date, retention.actual_to_date) == (2112000, 672000)
    assert round(retention.attainment_pct or 0, 2) == Decimal("31.82")
    assert (spending.committed_to_date, spending.actual_to_date) == (Decimal("3193694.8"), Decimal("1618036.4"))
    assert round(spending.attainment_pct or 0, 2) == Decimal("50.66")
    assert round(result.attainment_pct or 0, 2) == Decimal("43.16")


def test_actuals_keep_the_rounding_of_rows(document: ModelDocument) -> None:
    """1.44 % overall lift in the first year counts as 1.4 %, as it did in the commitment: 14 million of retained revenue."""
    actuals = {"A2": ["0.254625"] * 3, "A3": ["0.414975"] * 3, "A4": ["0.1366"] * 3}
    computed = compute(document, overrides={key: [Decimal(v) for v in values] for key, values in actuals.items()})
    assert computed.rows["A5"].values[0] == Decimal("0.014")
    assert computed.rows["A6"].values[1] == 14000000
    assert computed.rows["Atr"].values[1] == 1344000


def test_variance_by_assumption(result: RealizationResult) -> None:
    retention, spending = result.drivers
    assert [(part.row, part.amount) for part in retention.variance] == [("A4", -608000), ("A2", -536000), ("A3", -296000)]
    assert [(part.row, round(part.amount, 2)) for part in spending.variance] == [
        ("A2", Decimal("-890349.10")),
        ("A3", Decimal("-383388.10")),
        ("B4", Decimal("-285552.97")),
        ("A4", Decimal("-16368.23")),
    ]


def test_variance_adds_up_to_the_difference(result: RealizationResult) -> None:
    for driver in result.drivers:
        explained = sum((part.amount for part in driver.variance), Decimal(0))
        assert abs(explained - (driver.actual_to_date - driver.committed_to_date)) < Decimal("1e-18")
        assert driver.residual == 0


def test_variance_tells_what_was_committed_and_measured(result: RealizationResult) -> None:
    part = result.drivers[0].variance[0]
    assert (part.label, part.committed) == ("Lift in retention among users", Decimal("0.222"))
    assert round(part.actual, 4) == Decimal("0.1552")  # twelve months at 13.66 % and six at 19.25 %


def test_forecast_holds_the_trend_within_the_committed_range(result: RealizationResult) -> None:
    forecast = {row.row: row.forecast for row in result.assumptions}
    assert forecast["A2"][0] == Decimal("0.254625")
    assert forecast["A2"][2] == Decimal("0.80")  # the trend goes beyond: held at the committed high end
    assert forecast["A4"][2] == Decimal("0.25")
    assert round(forecast["A3"][2], 6) == Decimal("0.520199")
    assert result.forecast_term == Decimal("14508235.20")
    assert round(result.forecast_pct or 0, 1) == Decimal("68.5")


def test_forecast_by_driver(result: RealizationResult) -> None:
    retention, spending = result.drivers
    assert (retention.committed_term, retention.forecast_term) == (12943488, 7379328)
    assert (spending.committed_term, spending.forecast_term) == (Decimal("8230482.4"), Decimal("7128907.2"))


def test_renewal_risk_names_its_reasons_with_figures(result: RealizationResult) -> None:
    risk = result.renewal_risk
    assert (risk.level, risk.score) == ("high", 66)
    assert [reason.text for reason in risk.reasons] == [
        "Realized value is 43.2 % of the commitment to date; 90.0 % would be on track (40 points)",
        "Realized value is 68.5 % of the commitment over the term, by forecast; 95.0 % would be on track (23 points)",
        "In the last three months against the three before, Lift in spending among users went from 8.2 % to 7.4 % (4 points)",
    ]


def test_sentences_are_computed(result: RealizationResult) -> None:
    whole, forecast, retention, spending, gaps = (sentence.text for sentence in result.sentences)
    assert whole == (
        "Through 2028-06, month 18 of the contract, USD 2,290,036 of the USD 5,305,695 committed to date came in (43.2 %)."
    )
    assert forecast == "If the measured trends hold, the whole term brings 68.5 % of the commitment."
    assert retention == (
        "Revenue retained by educated customers: USD 672,000 of USD 2,112,000 (31.8 %). The largest cause is Lift in retention"
        " among users: 15.5 % where 22.2 % was committed, worth -USD 608,000."
    )
    assert spending == (
        "Additional spending of educated customers: USD 1,618,036 of USD 3,193,695 (50.7 %). The largest cause is Share of"
        " customers offered education: 34.9 % where 51.2 % was committed, worth -USD 890,349."
    )
    assert gaps == (
        "Measured: Share of customers offered education, Utilization among customers offered, Lift in retention among users, Lift"
        " in spending among users. Still as committed, without a measurement: Annual revenue, Operating margin."
    )
    assert all(sentence.cells for sentence in result.sentences)


def test_the_timeline_has_every_month(result: RealizationResult) -> None:
    assert len(result.timeline) == 18
    first, year, last = result.timeline[0], result.timeline[11], result.timeline[17]
    assert (first.month, round(first.committed, 2), first.actual) == ("2027-01", Decimal("130292.73"), Decimal("20217.2"))
    assert (year.month, year.committed, year.actual) == ("2027-12", Decimal("1563512.8"), Decimal(691036))
    assert (last.month, last.committed, last.actual) == ("2028-06", result.committed_to_date, result.actual_to_date)


def test_the_result_survives_json(result: RealizationResult) -> None:
    assert RealizationResult.model_validate_json(result.model_dump_json()) == result


def test_points_after_the_day_are_not_known_yet(
    document: ModelDocument, committed: Computation, points: list[TelemetryPoint]
) -> None:
    result = attainment(document, committed, points, as_of=date(2027, 12, 31), starts_on=START)
    assert (result.months, result.committed_to_date, result.actual_to_date) == (12, Decimal("1563512.8"), Decimal(691036))
    retention = result.drivers[0]
    assert (retention.committed_to_date, retention.attainment_pct, retention.variance) == (0, None, ())


def test_the_order_of_points_does_not_matter(
    document: ModelDocument, committed: Computation, points: list[TelemetryPoint], result: RealizationResult
) -> None:
    assert attainment(document, committed, points[::-1], as_of=date(2028, 6, 30), starts_on=START) == result


def test_nothing_measured_is_said_plainly(document: ModelDocument, committed: Computation) -> None:
    result = attainment(document, committed, [], as_of=date(2027, 1, 15), starts_on=START)
    assert (result.months, result.actual_to_date, result.attainment_pct, result.timeline) == (0, 0, None, ())
    assert [sentence.text for sentence in result.sentences] == ["Nothing has been measured yet."]
    assert (result.renewal_risk.level, result.renewal_risk.score) == ("low", 15)


def test_actuals_as_committed_attain_everything(document: ModelDocument, committed: Computation) -> None:
    points = [point("share_of_customers_offered", "38.4", 1), point("utilization", "51.1", 1)]
    result = attainment(document, committed, points, as_of=date(2027, 2, 1), starts_on=START)
    assert result.attainment_pct == 100
    assert result.renewal_risk.score == 0
    assert all(driver.variance == () for driver in result.drivers)


def test_several_points_in_a_month_count_as_their_mean(document: ModelDocument, committed: Computation) -> None:
    points = [point("utilization", "40", 1, day=3), point("utilization", "50", 1, day=20), point("utilization", "55", 2)]
    result = attainment(document, committed, points, as_of=date(2027, 3, 1), starts_on=START)
    assert result.assumptions[0].actual[0] == Decimal("0.50")


def test_points_before_the_contract_are_left_out(document: ModelDocument, committed: Computation) -> None:
    early = TelemetryPoint(observed_at=datetime(2026, 12, 31, tzinfo=UTC), kpi="utilization", value=Decimal(1), unit="percent")
    result = attainment(document, committed, [early], as_of=date(2027, 3, 1), starts_on=START)
    assert result.months == 0


def test_fractions_and_percents_are_the_same_measurement(document: ModelDocument, committed: Computation) -> None:
    as_percent = attainment(document, committed, [point("utilization", "40", 1)], as_of=date(2027, 2, 1), starts_on=START)
    as_ratio = attainment(
        document, committed, [point("utilization", "0.40", 1, "ratio")], as_of=date(2027, 2, 1), starts_on=START
    )
    assert as_percent.actual_to_date == as_ratio.actual_to_date


def test_a_wrong_unit_is_refused(document: ModelDocument, committed: Computation) -> None:
    with pytest.raises(TelemetryError, match="telemetry of utilization comes in 'hours', but row A3 is in 'percent'"):
        attainment(document, committed, [point("utilization", "40", 1, "hours")], as_of=date(2027, 2, 1), starts_on=START)


def test_unknown_kpis_are_told_and_change_nothing(document: ModelDocument, committed: Computation) -> None:
    result = attainment(document, committed, [point("nps", "40", 1)], as_of=date(2027, 2, 1), starts_on=START)
    assert (result.unused_kpis, result.months, result.assumptions) == (("nps",), 0, ())


def test_silence_costs_points(document: ModelDocument, committed: Computation) -> None:
    points = [point("utilization", "51.1", 1)]
    result = attainment(document, committed, points, as_of=date(2027, 6, 1), starts_on=START)
    assert [reason.text for reason in result.renewal_risk.reasons] == [
        "Nothing was measured for 124 days, since 2027-01-28 (15 points)"
    ]


def test_a_contract_that_starts_in_the_middle_of_a_month(document: ModelDocument, committed: Computation) -> None:
    points = [point("utilization", "40", 1, day=20), point("utilization", "60", 2, day=10)]
    result = attainment(document, committed, points, as_of=date(2027, 3, 1), starts_on=date(2027, 1, 15))
    assert result.months == 1  # both lie between 15 January and 14 February
    assert result.assumptions[0].actual[0] == Decimal("0.5")
