"""Scenarios: the ends of the ranges, named what-ifs on a base or on each other, and the stress that every model has."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valuefabric.domain.model import FormulaError, ModelDocument, ModelFileError, compute, dump_model, load_model
from valuefabric.domain.model.compiled import check_formulas
from valuefabric.domain.model.scenarios import UnknownScenario, scenario_document, scenario_keys, scenario_label
from valuefabric.domain.model.side_by_side import side_by_side

ROWS: dict[str, Any] = {
    "users": {"unit": "users", "values": [100, 200], "low": [80, 100], "high": [120, 300]},
    "price": {"unit": "USD/user", "values": 10},
    "gain": {"unit": "USD", "role": "benefit", "formula": "users * price"},
    "fee": {"unit": "USD", "role": "cost", "values": [500, 600], "low": [400, 500], "high": [700, 800]},
}


def model(scenarios: dict[str, Any], **more: Any) -> ModelDocument:
    plain = {"id": "t", "title": "t", "currency": "USD", "conventions": {"discount_rate": "0"}, "periods": ["y1", "y2"]}
    rows = {key: {"label": key, **row} for key, row in ROWS.items()}
    named = {key: {"label": key.title(), **scenario} for key, scenario in scenarios.items()}
    return ModelDocument.model_validate({**plain, "rows": rows, "scenarios": named, **more})


def npv(document: ModelDocument, scenario: str) -> Decimal:
    return compute(document, scenario=scenario).measures.npv


@pytest.mark.parametrize(("word", "end"), [("conservative", "low"), ("expected", "base"), ("best", "high")])
def test_the_fields_words_name_the_ends_of_the_ranges(word: str, end: str) -> None:
    assert compute(model({}), scenario=word) == compute(model({}), scenario=end)
    assert compute(model({}), scenario=word).scenario == end


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"row": "users", "values": 50}, 1000 - 1100),
        ({"row": "users", "values": [50, 70]}, 1200 - 1100),
        ({"row": "users", "factor": "0.5"}, 1500 - 1100),
        ({"row": "gain", "factor": "10%"}, 300 - 1100),
        ({"row": "gain", "formula": "users * price / 2"}, 1500 - 1100),
        ({"row": "fee", "formula": "gain * 10%"}, 3000 - 300),
    ],
)
def test_a_change_of_one_row(change: dict[str, Any], expected: int) -> None:
    document = model({"slow": {"changes": [change]}})

    assert npv(document, "slow") == expected
    assert npv(document, "base") == 3000 - 1100
    assert compute(document, scenario="slow").scenario == "slow"


def test_a_scenario_builds_on_another() -> None:
    document = model(
        {
            "slow": {"changes": [{"row": "users", "factor": "0.5"}]},
            "slower": {"on": "slow", "changes": [{"row": "users", "factor": "0.5"}, {"row": "fee", "values": 100}]},
        }
    )

    assert npv(document, "slower") == 750 - 200


def test_a_scenario_builds_on_an_end_of_the_ranges() -> None:
    document = model({"worst": {"on": "conservative", "changes": [{"row": "price", "values": 9}]}})

    assert npv(document, "worst") == 180 * 9 - 1500


def test_half_the_benefits_is_a_stress_of_every_model() -> None:
    computed = compute(model({}), scenario="half_benefits")

    assert computed.benefits == (500, 1000)
    assert computed.costs == (500, 600)
    assert computed.rows["gain"].values == (1000, 2000)
    assert computed.counted == {"gain": (500, 1000)}


def test_a_scenario_may_take_a_share_of_all_benefits() -> None:
    document = model({"quarter": {"benefits_at": "25%"}})

    assert npv(document, "quarter") == 750 - 1100


def test_a_factor_moves_the_range_along_and_new_values_have_none() -> None:
    document = model(
        {"slow": {"changes": [{"row": "users", "factor": "0.5"}]}, "fixed": {"changes": [{"row": "users", "values": 1}]}}
    )

    assert scenario_document(document, "slow").row("users").low == (40, 50)
    assert scenario_document(document, "fixed").row("users").low is None


def test_a_scenario_as_a_document_stands_alone() -> None:
    document = model({"slow": {"changes": [{"row": "users", "factor": "0.5"}]}})
    alone = scenario_document(document, "slow")

    assert compute(alone).measures == compute(document, scenario="slow").measures
    assert alone.scenarios == ()
    assert load_model(dump_model(alone)) == alone
    assert compute(scenario_document(document, "low")).measures == compute(document, scenario="low").measures


@settings(deadline=None)  # compiling a model for each example takes what the machine has left
@given(
    first=st.decimals("0", "3", places=2), second=st.decimals("0", "3", places=2), row=st.sampled_from(["users", "gain", "fee"])
)
def test_diffs_compose(first: Decimal, second: Decimal, row: str) -> None:
    """One after the other is both at once."""
    document = model(
        {
            "one": {"changes": [{"row": row, "factor": first}]},
            "two": {"on": "one", "changes": [{"row": row, "factor": second}]},
            "both": {"changes": [{"row": row, "factor": first * second}]},
        }
    )

    assert npv(document, "two") == npv(document, "both")


def test_an_unknown_scenario_is_refused_with_those_there_are() -> None:
    with pytest.raises(UnknownScenario, match="there is no scenario 'slwo', did you mean 'slow'\\?$"):
        compute(model({"slow": {}}), scenario="slwo")


@pytest.mark.parametrize(
    ("scenarios", "words"),
    [
        ({"base": {}}, "'base' is a scenario that every model has"),
        ({"half_benefits": {}}, "'half_benefits' is a scenario that every model has"),
        ({"x": {"on": "y"}}, "scenario x: there is no scenario 'y' to build on"),
        ({"x": {"on": "y"}, "y": {"on": "x"}}, "in a circle: x -> y -> x"),
        ({"x": {"on": "x"}}, "in a circle: x -> x"),
        (
            {"x": {"changes": [{"row": "user", "factor": 1}]}},
            "scenario x: there is no row 'user' to change, did you mean 'users'?",
        ),
        (
            {"x": {"changes": [{"row": "users", "values": [1, 2, 3]}]}},
            "scenario x, row users: values has 3 figures for 2 periods",
        ),
        ({"x": {"changes": [{"row": "users"}]}}, "the change of row users has one of values, formula and factor"),
        ({"x": {"changes": [{"row": "users", "values": 1, "factor": 1}]}}, "has one of values, formula and factor"),
        ({"x": {"changes": [{"row": "users", "factor": 1}, {"row": "users", "factor": 1}]}}, "two change of rows 'users'"),
        ({"x": {"changes": [{"row": "users", "factor": -1}]}}, "greater than or equal to 0"),
    ],
)
def test_a_scenario_that_cannot_be_is_refused(scenarios: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError) as refused:
        model(scenarios)
    assert words in str(refused.value)


def test_a_formula_of_a_scenario_is_checked_with_the_model() -> None:
    document = model({"x": {"changes": [{"row": "gain", "formula": "users + price"}]}})

    with pytest.raises(FormulaError, match="scenario x: cannot add user and USD/user"):
        check_formulas(document)


def test_a_file_with_a_wrong_scenario_is_refused_with_its_row() -> None:
    text = dump_model(model({"x": {"changes": [{"row": "gain", "formula": "users * prize"}]}}))

    with pytest.raises(ModelFileError, match="scenario x: there is no row 'prize', did you mean 'price'"):
        load_model(text)


def test_all_scenarios_side_by_side() -> None:
    document = model({"slow": {"changes": [{"row": "users", "factor": "0.5", "why": "fewer seats"}], "why": "a slow start"}})

    columns = side_by_side(document)

    assert [column.key for column in columns] == list(scenario_keys(document)) == ["low", "base", "high", "slow", "half_benefits"]
    assert [column.label for column in columns] == ["Conservative", "Expected", "Best", "Slow", "Every benefit halved"]
    assert [column.npv_difference for column in columns] == [1800 - 1500 - 1900, 0, 4200 - 900 - 1900, -1500, -1500]
    [change] = columns[3].changes
    assert (change.row, change.before, change.after, change.why) == ("users", (100, 200), (50, 100), "fewer seats")
    assert columns[3].why == "a slow start"
    assert all(not column.changes for column in columns if column.key != "slow")


def test_a_label_by_either_name() -> None:
    assert scenario_label(model({}), "conservative") == scenario_label(model({}), "low") == "Conservative"
