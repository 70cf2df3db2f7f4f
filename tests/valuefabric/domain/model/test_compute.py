"""Computing: scenarios, overrides, rounding, risk adjustment, drivers, and failures that say where."""

from decimal import Decimal
from typing import Any

import pytest

from valuefabric.domain.formulas import FormulaError
from valuefabric.domain.model import ModelDocument, OverrideError, compute


def model(rows: dict[str, Any], **changes: Any) -> ModelDocument:
    keyed = {key: {"label": key, "unit": "USD", **row} for key, row in rows.items()}
    plain = {"id": "t", "title": "t", "currency": "USD", "conventions": {"discount_rate": "0.10"}, "periods": ["y1", "y2"]}
    return ModelDocument.model_validate({**plain, "rows": keyed, **changes})


def values(document: ModelDocument, key: str, **how: Any) -> list[Decimal]:
    return list(compute(document, **how).rows[key].values)


def test_one_figure_stands_for_every_period() -> None:
    assert values(model({"a": {"values": 5}}), "a") == [5, 5]


def test_rows_may_come_in_any_order() -> None:
    assert values(model({"b": {"formula": "a * 2"}, "a": {"values": [1, 2]}}), "b") == [2, 4]


def test_previous_takes_its_default_first() -> None:
    assert values(model({"a": {"values": [1, 2]}, "b": {"formula": "a + previous(b, 10)"}}), "b") == [11, 13]


def test_if_computes_only_the_branch_taken() -> None:
    document = model({"a": {"values": [0, 2], "unit": "number"}, "b": {"formula": "if(a = 0, 0, 10 / a)", "unit": "number"}})
    assert values(document, "b") == [0, 5]


def test_row_rounding_is_part_of_the_result() -> None:
    document = model({"a": {"values": ["2.5", "-2.5"], "round": 0}, "b": {"formula": "a * 2"}})
    assert values(document, "a") == [3, -3]
    assert values(document, "b") == [6, -6]


def test_display_rounding_changes_no_result() -> None:
    document = model({"a": {"values": ["1.4", "1.4"], "display_round": 0, "role": "benefit"}, "b": {"formula": "a * 10"}})
    computed = compute(document)
    assert computed.rows["a"].displayed == (1, 1)
    assert list(computed.rows["b"].values) == [14, 14]
    assert computed.measures.total_benefits == Decimal("2.8")


def test_risk_adjustment_comes_after_rounding_and_is_seen_by_others() -> None:
    document = model({"a": {"values": ["10.6", 0], "round": 0, "risk_adjustment": "20%"}, "b": {"formula": "a"}})
    assert values(document, "a") == [Decimal("8.8"), 0]
    assert values(document, "b") == [Decimal("8.8"), 0]


def test_risk_adjustment_makes_costs_larger() -> None:
    document = model({"a": {"values": 100, "risk_adjustment": "10%", "role": "cost"}})
    assert compute(document).costs == (110, 110)


def test_scenarios_take_the_unfavourable_and_the_favourable_end() -> None:
    document = model(
        {
            "gain": {"values": 10, "low": 5, "high": 20, "role": "benefit"},
            "spent": {"values": 4, "low": 3, "high": 8, "role": "cost"},
            "hours": {"values": 2, "low": 1, "high": 3, "better": "lower", "unit": "hours"},
            "fixed": {"values": 1},
        }
    )
    low, base, high = (compute(document, scenario=name) for name in ("low", "base", "high"))
    assert [scenario.net[0] for scenario in (low, base, high)] == [-3, 6, 17]
    assert [scenario.rows["hours"].values[0] for scenario in (low, base, high)] == [3, 2, 1]
    assert [scenario.rows["fixed"].values[0] for scenario in (low, base, high)] == [1, 1, 1]


def test_overrides_replace_figures_and_formulas() -> None:
    document = model({"a": {"values": [1, 2]}, "b": {"formula": "a * 10", "round": 0}, "c": {"formula": "b + 1"}})
    assert values(document, "c", overrides={"a": [Decimal(3), Decimal(4)]}) == [31, 41]
    assert values(document, "c", overrides={"b": [Decimal("7.5"), Decimal(0)]}) == [9, 1]
    assert values(document, "c") == [11, 21]


def test_overrides_that_do_not_fit_are_refused() -> None:
    document = model({"alpha": {"values": [1, 2]}})
    with pytest.raises(OverrideError, match="did you mean 'alpha'"):
        compute(document, overrides={"alpa": [Decimal(1), Decimal(1)]})
    with pytest.raises(OverrideError, match="needs 2 figures"):
        compute(document, overrides={"alpha": [Decimal(1)]})
    with pytest.raises(OverrideError, match="finite"):
        compute(document, overrides={"alpha": [Decimal("NaN"), Decimal(1)]})


def test_uncounted_drivers_are_listed_outside_the_number() -> None:
    drivers = {
        "sales": {"label": "Sales", "impact": "revenue"},
        "support": {"label": "Support", "impact": "cost", "counted": False},
        "unknown": {"label": "Unknown", "impact": "risk", "counted": False},
    }
    rows = {"a": {"values": 10, "role": "benefit", "driver": "sales"}, "b": {"values": 5, "role": "benefit", "driver": "support"}}
    computed = compute(model(rows, drivers=drivers))
    assert computed.measures.total_benefits == 20
    assert [(d.key, d.counted, d.measured, d.total) for d in computed.drivers] == [
        ("sales", True, True, 20),
        ("support", False, True, 10),
        ("unknown", False, False, 0),
    ]


def test_a_driver_is_its_benefits_less_its_costs() -> None:
    rows = {
        "a": {"values": 10, "role": "benefit", "driver": "d"},
        "b": {"values": 4, "role": "cost", "driver": "d"},
        "c": {"values": 99, "driver": "d"},
    }
    assert compute(model(rows, drivers={"d": {"label": "D", "impact": "cost"}})).driver("d").values == (6, 6)


def failing(formula: str, **rows: Any) -> FormulaError:
    document = model({"a": {"values": [1, 0], "unit": "number"}, "x": {"formula": formula, "unit": "number"}, **rows})
    with pytest.raises(FormulaError) as failed:
        compute(document)
    return failed.value


def test_division_by_zero_says_row_position_and_period() -> None:
    error = failing("1 + 10 / a")
    assert (error.row, error.position, error.period) == ("x", 8, "y2")
    assert str(error) == "row x, position 8, period y2: division by zero; guard it: if(b = 0, 0, a / b)"


def test_zero_divided_by_zero_is_division_by_zero() -> None:
    assert failing("a / a").message.startswith("division by zero")


def test_hostile_growth_is_refused_when_computing() -> None:
    error = failing("(((10 ^ 50) * 10 ^ 50) + a)")
    assert (error.row, error.position, error.period) == ("x", 13, "y1")
    assert "too large" in error.message


def test_huge_exponents_out_of_a_row_are_refused_when_computing() -> None:
    error = failing("2 ^ big", big={"values": 1000000, "unit": "number"})
    assert (error.row, error.position, error.period) == ("x", 3, "y1")
    assert "beyond 100" in error.message


def test_growth_over_periods_is_refused() -> None:
    document = model({"x": {"formula": "previous(x, 10) ^ 10", "unit": "number"}}, periods=[f"y{n}" for n in range(1, 41)])
    with pytest.raises(FormulaError, match="too large") as failed:
        compute(document)
    assert failed.value.period == "y2"


@pytest.mark.parametrize(
    ("rows", "row", "position", "message"),
    [
        ({"a": {"values": 1}, "x": {"formula": "a + aa"}}, "x", 5, "no row 'aa', did you mean 'a'"),
        ({"x": {"formula": "1 + x"}}, "x", 5, "refers to itself"),
        ({"x": {"formula": "y"}, "y": {"formula": "x"}}, "x", 1, "circle: x -> y -> x"),
        ({"h": {"values": 1, "unit": "hours"}, "a": {"values": 1}, "x": {"formula": "a + h"}}, "x", 3, "cannot add USD and hour"),
    ],
)
def test_models_that_make_no_sense_are_refused(rows: dict[str, Any], row: str, position: int, message: str) -> None:
    with pytest.raises(FormulaError) as refused:
        compute(model(rows))
    assert message in refused.value.message
    assert (refused.value.row, refused.value.position) == (row, position)


def test_a_thousand_rows_that_stand_on_one_another_compute() -> None:
    rows = {"r0": {"values": 1}} | {f"r{n}": {"formula": f"r{n - 1} * 1.01 + previous(r{n}, 0)"} for n in range(1, 1000)}
    document = model(rows, periods=[f"y{n}" for n in range(1, 11)])
    values = compute(document).rows["r999"].values
    # The first period multiplies by 1.01 from row to row; later ones add what stood before.
    assert values[0] == pytest.approx(Decimal("1.01") ** 999)
    assert values[9] > values[0]


def test_a_model_with_too_many_parts_is_refused() -> None:
    text = "+".join(["a"] * 120)
    rows = {"a": {"values": 1}} | {f"r{n}": {"formula": text} for n in range(100)}
    with pytest.raises(FormulaError, match="20,000 parts"):
        compute(model(rows))


def test_the_result_does_not_depend_on_the_callers_decimal_context() -> None:
    from decimal import localcontext  # the context is the subject of this test

    document = model({"a": {"values": ["1", "2"], "role": "benefit"}, "b": {"formula": "a / 3", "role": "cost"}})
    expected = compute(document)
    with localcontext(prec=3):
        assert compute(document) == expected
