"""The trend of a KPI, and the bounds in which it is held."""

from decimal import Decimal

from valuefabric.domain.model import ModelDocument, compute
from valuefabric.domain.realization.forecast import fit, forecast_figures


def model(**row: object) -> ModelDocument:
    return ModelDocument.model_validate(
        {
            "id": "t",
            "title": "t",
            "currency": "USD",
            "conventions": {"discount_rate": "0.1", "initial_period": row.pop("initial_period", "none")},
            "periods": row.pop("periods", ["y1", "y2"]),
            "rows": {"k": {"label": "K", "unit": "percent", **row}},
        }
    )


def figures(document: ModelDocument, series: list[str]) -> list[Decimal]:
    known = {month: Decimal(value) for month, value in enumerate(series)}
    return [round(figure, 6) for figure in forecast_figures(document, "k", known, len(series), compute(document))]


def test_a_straight_line_is_found_exactly() -> None:
    line = fit({month: Decimal(month) / 4 for month in range(8)})
    assert (line.method, line.slope, line.intercept) == ("trend of 8 months", Decimal("0.25"), 0)
    assert line.at(20) == 5


def test_only_the_last_twelve_months_count() -> None:
    series = {month: Decimal(0) for month in range(10)} | {month: Decimal(1) for month in range(10, 22)}
    assert (fit(series).method, fit(series).slope, fit(series).at(30)) == ("trend of the last 12 months", 0, 1)


def test_few_months_follow_the_committed_path() -> None:
    on_plan = figures(model(values=["0.20", "0.40"], high="0.5"), ["0.20", "0.20"])
    assert on_plan == [Decimal("0.20"), Decimal("0.40")]
    assert figures(model(values=["0.20", "0.40"], high="0.5"), ["0.10"]) == [Decimal("0.10"), Decimal("0.20")]
    assert figures(model(values=["0", "0.40"], high="0.5"), ["0.10"]) == [Decimal("0.10"), Decimal("0.10")]
    assert figures(model(values="0.5", low=0, high=1), ["0.1", "0.2", "0.3"]) == [Decimal("0.275"), Decimal("0.3")]


def test_a_rising_kpi_is_held_at_the_committed_high_end() -> None:
    rising = [f"0.{n:02d}" for n in range(10, 22)]
    # months 13 to 24 would run from 0.22 to 0.33; from 0.25 on they are held: (0.22 + 0.23 + 0.24 + 9 * 0.25) / 12
    assert figures(model(values="0.20", high="0.25"), rising)[1] == Decimal("0.245")


def test_without_a_range_a_rising_kpi_is_held_at_the_committed_figure() -> None:
    rising = [f"0.{n:02d}" for n in range(10, 22)]
    assert figures(model(values="0.22"), rising)[1] == Decimal("0.22")


def test_a_falling_share_is_not_forecast_below_zero() -> None:
    falling = [f"0.{n:02d}" for n in range(22, 10, -1)]
    assert figures(model(values="0.22"), falling)[1] >= 0
    assert figures(model(values="0.22", periods=["y1", "y2", "y3", "y4"]), falling)[3] == 0


def test_a_kpi_that_should_fall_is_held_at_its_low_end() -> None:
    falling = [f"0.{n:02d}" for n in range(30, 18, -1)]
    assert figures(model(values="0.25", low="0.15", better="lower"), falling)[1] == Decimal(
        "0.155"
    )  # 0.18, 0.17, 0.16, then 0.15


def test_an_initial_column_stays_as_committed() -> None:
    document = model(values=["0", "0.5", "0.5"], periods=["initial", "y1", "y2"], initial_period="undiscounted")
    assert figures(document, ["0.4"] * 12) == [0, Decimal("0.4"), Decimal("0.4")]
