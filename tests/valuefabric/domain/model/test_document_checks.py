"""What does not fit together is refused, with the row and what to write."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from valuefabric.domain.model import FormulaError, ModelDocument, ModelFileError, compute, load_model

ROWS: dict[str, Any] = {
    "share": {"unit": "percent", "values": "60%"},
    "hours": {"unit": "hours", "values": 10},
    "a": {"unit": "USD", "role": "benefit", "values": [10, 20]},
    "b": {"unit": "USD", "role": "benefit", "values": [10, 20]},
    "c": {"unit": "USD", "role": "cost", "values": [10, 20]},
}


def model(rows: dict[str, Any] | None = None, **more: Any) -> ModelDocument:
    plain = {"id": "t", "title": "t", "currency": "USD", "conventions": {"discount_rate": "0.1"}, "periods": ["y1", "y2"]}
    merged = {
        key: {"label": key, **ROWS.get(key, {"unit": "USD"}), **(rows or {}).get(key, {})} for key in {**ROWS, **(rows or {})}
    }
    return ModelDocument.model_validate({**plain, "rows": merged, **more})


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"attribution": "150%"}, "a share is between 0 and 100 %, not 1.50; write 60%, or the key of a row that has it"),
        ({"probability": "shares"}, "row a: probability names 'shares', which is no row, did you mean 'share'?"),
        ({"attribution": "zzz"}, "row a: attribution names 'zzz', which is no row; write a figure such as 60%, or a row's key"),
        ({"attribution": "a"}, "row a: attribution names the row itself"),
        ({"attribution": "hours"}, "row a: attribution is a fraction, so the row hours must have the unit percent, not hours"),
        ({"escalation": "hours"}, "row a: escalation is a fraction, so the row hours must have the unit percent"),
        ({"escalation": {"rate": "3%", "since": "y9"}}, "row a: escalation names 'y9', which is no period"),
        ({"timing": {"once": "initial"}}, "row a: timing names 'initial', which is no period; there are y1, y2"),
        ({"timing": {"every": 1, "first": "y2", "last": "y1"}}, "the last period y1 comes before the first y2"),
        ({"convert": "USD"}, "row a: convert: USD is the model's own currency; drop it"),
        ({"convert": "EUR"}, "row a: the model has no rate for EUR; write rates: {EUR: {date: 2026-03-31}}"),
        ({"unit": "EUR"}, "must be USD, not EUR; write unit: USD and convert: EUR, and rates: {EUR: {date: 2026-03-31}}"),
        ({"distribution": {"kind": "uniform", "low": [1, 2, 3]}}, "row a: distribution: low has 3 figures for 2 periods"),
        ({"driver": "dd"}, "row a: there is no driver 'dd'"),
    ],
)
def test_a_row_that_does_not_fit_is_refused(row: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        model({"a": row})
    assert words in str(refused.value)


def test_what_is_converted_must_come_out_in_the_models_currency() -> None:
    with pytest.raises(ValidationError, match="so the unit has USD in it, not hours"):
        model({"hours": {"convert": "EUR"}}, rates={"EUR": {"rate": "1.1", "source": "treasury"}})


@pytest.mark.parametrize(
    ("overlap", "words"),
    [
        ({"rows": ["a"], "rule": "largest"}, "at least 2 items"),
        ({"rows": ["a", "a"], "rule": "largest"}, "there are two rows 'a'"),
        ({"rows": ["a", "z"], "rule": "largest"}, "overlap o: there is no row 'z'"),
        ({"rows": ["a", "c"], "rule": "largest"}, "overlap o: c is no benefit"),
        ({"rows": ["a", "b"], "rule": "cap"}, "the rule cap needs cap: the key of the row"),
        ({"rows": ["a", "b"], "rule": "share", "cap": "c"}, "the rule share has no cap; drop it"),
        ({"rows": ["a", "b"], "rule": "cap", "cap": "a"}, "'a' cannot cap a group that it belongs to"),
        ({"rows": ["a", "b"], "rule": "cap", "cap": "z"}, "there is no row 'z' to cap it"),
        ({"rows": ["a", "b"], "rule": "cap", "cap": "hours"}, "the cap hours must be money in USD, not hours"),
    ],
)
def test_an_overlap_that_cannot_be_is_refused(overlap: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        model(overlaps={"o": overlap})
    assert words in str(refused.value)


def test_a_row_is_in_one_overlap_and_its_driver_counts() -> None:
    groups = {"o": {"rows": ["a", "b"], "rule": "largest"}, "p": {"rows": ["a", "b"], "rule": "share"}}
    with pytest.raises(ValidationError, match="overlap p: a is in the overlap o already"):
        model(overlaps=groups)
    with pytest.raises(ValidationError, match="the driver of a is not counted"):
        model(
            {"a": {"driver": "d"}},
            drivers={"d": {"label": "d", "impact": "cost", "counted": False}},
            overlaps={"o": groups["o"]},
        )


@pytest.mark.parametrize(
    ("alternative", "words"),
    [
        ({"changes": [{"row": "z", "values": 0}]}, "alternative x: there is no row 'z' to change"),
        ({"rows": [{"key": "a", "label": "a", "unit": "USD", "values": 1}]}, "alternative x: the model has a row 'a' already"),
        (
            {"rows": [{"key": "n", "label": "n", "unit": "EUR", "role": "cost", "values": 1}]},
            "alternative x, row n: a cost is money",
        ),
    ],
)
def test_an_alternative_that_cannot_be_is_refused(alternative: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        model(alternatives={"x": {"label": "x", **alternative}})
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"rates": {"USD": {"date": "2026-03-31"}}}, "USD is the model's own currency"),
        ({"rates": {"EUR": {"date": "31.3.2026"}}}, "'31.3.2026' is not a day; write it like 2026-03-31"),
        ({"rates": {"EUR": {"rate": "1.1"}}}, "needs a source: who gave it, and when"),
        ({"rates": {"EUR": {}}}, "the rate of EUR needs date: 2026-03-31"),
        ({"rates": {"EUR": {"rate": 0, "source": "x"}}}, "greater than 0"),
        ({"correlations": [{"between": ["a", "z"], "rank": "0.5"}]}, "'z' is not an input row"),
        ({"benefits_at": "110%"}, "less than or equal to 1"),
    ],
)
def test_an_entry_of_the_document_that_cannot_be_is_refused(more: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        model(**more)
    assert words in str(refused.value)


def test_two_currencies_are_not_added_unless_one_is_converted() -> None:
    rows = {"x": {"values": 1, "unit": "EUR"}, "y": {"formula": "a + x", "unit": "USD"}}
    with pytest.raises(
        FormulaError, match="row y, position 3: cannot add USD and EUR; convert one of them: convert: EUR on its row"
    ):
        compute(model(rows))
    converted = {"x": {"values": 1, "unit": "USD", "convert": "EUR"}, "y": {"formula": "a + x", "unit": "USD"}}
    document = model(converted, rates={"EUR": {"rate": "1.25", "source": "treasury"}})
    assert compute(document).rows["y"].values == (Decimal("11.25"), Decimal("21.25"))


def test_dollars_a_year_and_hours_are_not_added() -> None:
    rows = {"x": {"values": 1, "unit": "USD/year"}, "y": {"formula": "x + hours", "unit": "USD"}}

    with pytest.raises(FormulaError, match="cannot add USD and hour"):
        compute(model(rows))


def test_a_formula_of_a_converted_row_is_in_the_other_currency() -> None:
    rates = {"EUR": {"rate": "1.25", "source": "treasury"}}
    rows = {"fee": {"values": 8, "unit": "EUR"}, "x": {"formula": "fee * 2", "unit": "USD", "convert": "EUR"}}

    assert compute(model(rows, rates=rates)).rows["x"].values == (20, 20)
    with pytest.raises(FormulaError, match="the formula gives USD, but the row's unit is EUR"):
        compute(model({"x": {"formula": "a * 2", "unit": "USD", "convert": "EUR"}}, rates=rates))


def test_shares_may_not_go_round_in_circles() -> None:
    rows = {"share": {"values": None, "formula": "a / (a + 100)"}, "a": {"attribution": "share"}}

    with pytest.raises(FormulaError, match="in a circle"):
        compute(model(rows))


def test_more_phases_than_can_be_told_apart_are_refused() -> None:
    rows = {f"r{n}": {"values": 1, "phase_in": {"shape": "step", "start": n}} for n in range(1, 202)}

    with pytest.raises(ValidationError, match="the model has 201 different phases; there may be 200"):
        model(rows)


def test_a_file_says_the_line_of_the_row() -> None:
    text = """format: vos.model/1
id: t
title: t
currency: USD
conventions: {discount_rate: 0.1}
periods: [y1]
rows:
  a: {label: a, unit: USD, values: 1}
  b: {label: b, unit: USD, values: 1, attribution: aa}
"""
    with pytest.raises(
        ModelFileError, match="line 9, row b: attribution names 'aa', which is no row, did you mean 'a'"
    ) as refused:
        load_model(text)
    assert refused.value.row == "b"


def test_a_rate_that_there_is_not_is_found_when_the_file_is_read() -> None:
    text = """format: vos.model/1
id: t
title: t
currency: USD
conventions: {discount_rate: 0.1}
periods: [y1]
rates: {EUR: {date: 1998-01-01}}
rows:
  a: {label: a, unit: USD, values: 1, convert: EUR}
"""
    with pytest.raises(ModelFileError, match="line 9, row a.*: there is no ECB rate for 1998-01-01"):
        load_model(text)
