"""Whatever a document says beside its formulas stands in the workbook and recomputes to the same cents."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import ironcalc
import pytest
from hypothesis import HealthCheck, assume, given, settings

from tests.factories.feature_models import feature_models, has_ties
from valuefabric.domain.model import ModelDocument, compute
from valuefabric.domain.model.compute import lowered_values
from valuefabric.domain.model.scenarios import scenario_document, scenario_keys
from valuefabric.exports.workbook import workbook
from valuefabric.exports.workbook_layout import FIRST_PERIOD, Layout

CENT = Decimal("0.005")
SUMMARY, MODEL = 0, 1


def opened(document: ModelDocument, path: Path, scenario: str = "base") -> Any:
    path.write_bytes(workbook(document, compute(document, scenario=scenario)))
    model = ironcalc.load_from_xlsx(str(path), "en", "UTC", "en")
    model.evaluate()
    return model


def summary_of(model: Any) -> dict[str, Any]:
    return {model.get_formatted_cell_value(SUMMARY, row, 1): model.get_cell_value(SUMMARY, row, 2) for row in range(1, 60)}


def assert_same(document: ModelDocument, model: Any, scenario: str = "base") -> None:
    """Every line, helpers and counting included, and every measure agrees to the cent."""
    layout, values, shown = Layout(document), lowered_values(document, scenario), summary_of(model)
    for key, line in layout.lines.items():
        for period, value in enumerate(values[key]):
            cell = model.get_cell_value(MODEL, line + 1, FIRST_PERIOD + period + 1)
            assert abs(Decimal(cell) - value) < CENT, (key, period)
    computed = compute(document, scenario=scenario)
    measures = computed.measures
    for label, value in (
        ("Total benefits", measures.total_benefits),
        ("Total costs", measures.total_costs),
        ("Net present value", measures.npv),
    ):
        assert abs(Decimal(shown[label]) - value) < CENT, label
    for driver in computed.drivers:
        assert not driver.measured or abs(Decimal(shown[driver.label]) - driver.total) < CENT


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=feature_models())
def test_random_models_recompute_to_the_same_cents(document: ModelDocument, tmp_path: Path) -> None:
    assume(not has_ties(document))

    assert_same(document, opened(document, tmp_path / "case.xlsx"))


@pytest.mark.parametrize("scenario", ["low", "high"])
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=feature_models())
def test_the_switch_between_scenarios_reaches_shares_and_growth(scenario: str, document: ModelDocument, tmp_path: Path) -> None:
    assume(not has_ties(document))
    model = opened(document, tmp_path / "case.xlsx")

    model.set_user_input(SUMMARY, 5, 2, scenario)
    model.evaluate()

    assert_same(document, model, scenario)


def small(rows: dict[str, Any], **more: Any) -> ModelDocument:
    plain = {"id": "t", "title": "Case", "currency": "USD", "conventions": {"discount_rate": "0.1"}, "periods": ["y1", "y2"]}
    return ModelDocument.model_validate(
        {**plain, "rows": {key: {"label": key, "unit": "USD", **row} for key, row in rows.items()}, **more}
    )


def test_the_share_of_benefits_is_a_switch(tmp_path: Path) -> None:
    document = small(
        {"a": {"role": "benefit", "driver": "d", "values": 100}, "b": {"role": "cost", "driver": "d", "values": 30}},
        drivers={"d": {"label": "Driver", "impact": "cost"}},
    )
    model = opened(document, tmp_path / "case.xlsx")

    model.set_user_input(SUMMARY, 7, 2, "0.5")
    model.evaluate()

    shown, halved = summary_of(model), compute(document, scenario="half_benefits")
    assert abs(Decimal(shown["Net present value"]) - halved.measures.npv) < CENT
    assert shown["Driver"] == halved.driver("d").total == 40


def test_a_named_scenario_is_the_base_of_a_workbook_of_its_own(tmp_path: Path) -> None:
    slow = {"label": "Slow", "changes": [{"row": "a", "factor": "0.4"}]}
    document = small({"a": {"role": "benefit", "values": 100}}, scenarios={"slow": slow})

    model = opened(document, tmp_path / "case.xlsx", "slow")

    assert model.get_formatted_cell_value(SUMMARY, 1, 1) == "Case: Slow"
    assert summary_of(model)["Total benefits"] == 80
    halved = opened(document, tmp_path / "case.xlsx", "half_benefits")
    assert halved.get_formatted_cell_value(SUMMARY, 1, 1) == "Case: Every benefit halved"
    assert summary_of(halved)["Total benefits"] == 100


def test_tables_stand_on_a_sheet_and_follow_a_change(tmp_path: Path) -> None:
    columns = {"list": {"unit": "USD/user", "values": [30, 25, 20]}}
    table = {"unit": "users", "match": "at_most", "keys": [0, 100, 500], "columns": columns}
    document = small(
        {
            "users": {"unit": "users", "values": [80, 600]},
            "fee": {"role": "cost", "formula": "users * lookup(price, users)"},
            "again": {"role": "cost", "formula": "users * lookup(other, users, list)"},
        },
        tables={"price": table, "other": table},
    )
    model = opened(document, tmp_path / "case.xlsx")
    assert_same(document, model)

    model.set_user_input(4, 8, 2, "10")  # the price of 500 users and more
    model.evaluate()

    line = Layout(document).lines["fee"] + 1
    assert [model.get_cell_value(MODEL, line, FIRST_PERIOD + 1 + period) for period in range(2)] == [2400, 6000]


def test_a_rate_is_shown_with_its_source_and_changed_in_its_first_cell(tmp_path: Path) -> None:
    rates = {"EUR": {"rate": "1.25", "source": "=Treasury"}}
    document = small({"fee": {"role": "cost", "values": 100, "convert": "EUR"}}, rates=rates)
    layout, model = Layout(document), opened(document, tmp_path / "case.xlsx")
    line = layout.lines["rate EUR"] + 1
    assert model.get_formatted_cell_value(MODEL, line, 1) == "USD for 1 EUR"
    assert model.get_formatted_cell_value(MODEL, line, layout.formula_column + 1) == "=Treasury"

    model.set_user_input(MODEL, line, FIRST_PERIOD + 1, "2")
    model.evaluate()

    assert [model.get_cell_value(MODEL, layout.lines["fee"] + 1, FIRST_PERIOD + 1 + at) for at in range(2)] == [200, 200]


def test_more_rows_than_a_function_takes_arguments_are_written(tmp_path: Path) -> None:
    rows = {f"r{number}": {"role": "benefit", "values": number, "attribution": "50%"} for number in range(300)}
    document = small(rows, overlaps={"o": {"rows": list(rows)[:50], "rule": "share"}})

    assert_same(document, opened(document, tmp_path / "case.xlsx"))


def assert_switched(document: ModelDocument, model: Any, scenario: str) -> None:
    """Every row and measure of a scenario that was chosen in the sheet agrees to the cent."""
    model.set_user_input(SUMMARY, 5, 2, scenario)
    model.evaluate()
    layout, computed, shown = Layout(document), compute(document, scenario=scenario), summary_of(model)
    for key, row in computed.rows.items():
        for period, value in enumerate(row.values):
            cell = model.get_cell_value(MODEL, layout.model_rows[key] + 1, FIRST_PERIOD + period + 1)
            assert abs(Decimal(cell) - value) < CENT, (scenario, key, period)
    assert abs(Decimal(shown["Total benefits"]) - computed.measures.total_benefits) < CENT
    assert abs(Decimal(shown["Net present value"]) - computed.measures.npv) < CENT
    for driver in computed.drivers:
        assert not driver.measured or abs(Decimal(shown[driver.label]) - driver.total) < CENT


WHAT_IFS = {
    "fewer": {"label": "Fewer hours", "changes": [{"row": "hours", "factor": "0.5"}], "why": "half the seats"},
    "careful": {"label": "Fewer and careful", "on": "low", "changes": [{"row": "wage", "factor": "0.9"}]},
    "cheaper": {"label": "Cheaper", "on": "fewer", "changes": [{"row": "wage", "values": 30}], "benefits_at": "80%"},
    "bolder": {"label": "Bolder", "on": "best", "changes": [{"row": "growth", "values": "6%"}, {"row": "budget", "factor": 2}]},
    "given": {"label": "As told", "changes": [{"row": "gain0", "values": 1234}, {"row": "gain1", "factor": "1.5"}]},
    "written": {"label": "As written", "on": "given", "changes": [{"row": "gain0", "formula": "hours * wage * linear(1, 3)"}]},
}


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=feature_models())
def test_the_switch_reaches_every_scenario_of_random_models(document: ModelDocument, tmp_path: Path) -> None:
    """Values by values, factors, formulas and each other, on any end of the ranges; and every benefit halved."""
    document = with_what_ifs(document)
    for key in WHAT_IFS:
        assume(not has_ties(scenario_document(document, key)))
    model = opened(document, tmp_path / "case.xlsx")

    for scenario in scenario_keys(document):
        assert_switched(document, model, scenario)


def with_what_ifs(document: ModelDocument) -> ModelDocument:
    plain = document.model_dump()
    plain["rows"] = [{**row, "convert": None} if row["key"] == "gain0" else row for row in plain["rows"]]
    return ModelDocument.model_validate({**plain, "scenarios": WHAT_IFS})


def test_a_factor_of_a_what_if_follows_the_assumption(tmp_path: Path) -> None:
    slow = {"label": "Slow", "changes": [{"row": "a", "factor": "0.5"}]}
    document = small({"a": {"role": "benefit", "values": 100}}, scenarios={"slow": slow})
    model, layout = opened(document, tmp_path / "case.xlsx"), Layout(document)

    model.set_user_input(2, layout.assumption_rows["a"] + 1, layout.assumption_column("base", 0) + 1, "300")
    model.set_user_input(SUMMARY, 5, 2, "slow")
    model.evaluate()

    assert summary_of(model)["Total benefits"] == 200


def test_what_ifs_that_do_not_fit_into_cells_are_named(tmp_path: Path) -> None:
    long = " + ".join(["wages"] * 100)
    scenarios = {
        "long": {"label": "Too long", "changes": [{"row": "b", "formula": long}]},
        **{f"s{n}": {"label": f"What if {n}", "changes": [{"row": "wages", "values": n}]} for n in range(13)},
    }
    document = small({"wages": {"values": 100}, "b": {"role": "benefit", "formula": "wages * 2"}}, scenarios=scenarios)
    model = opened(document, tmp_path / "case.xlsx")

    told = "one of those on the sheet Scenarios; to be exported by themselves: Too long, What if 12"
    assert model.get_cell_value(SUMMARY, 5, 3) == told
    assert_switched(document, model, "s11")
    assert_switched(document, model, "half_benefits")
