"""Model files: what is read, what is written back, and bad files refused with line and row."""

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from valuefabric.domain.model import ModelDocument, ModelFileError, compute, content_hash, dump_model, load_model

CASES = Path(__file__).parents[2] / "cases"
GOOD = """\
format: vos.model/1
id: small
title: A small model
currency: USD
conventions: {discount_rate: 0.10}
periods: [y1, y2]
drivers:
  d: {label: Driver, impact: cost}
rows:
  price:
    label: Price
    unit: USD/hour
    values: 0.1
  hours:
    label: Hours
    unit: hours
    values: [10, 20.50]
  saved:
    label: Saved
    unit: USD
    driver: d
    role: benefit
    formula: price * hours
"""


def refused(old: str, new: str) -> ModelFileError:
    assert old in GOOD
    with pytest.raises(ModelFileError) as error:
        load_model(GOOD.replace(old, new, 1))
    return error.value


def test_figures_are_exact_decimals() -> None:
    document = load_model(GOOD)
    assert document.row("price").values == (Decimal("0.1"), Decimal("0.1"))
    assert str((document.row("hours").values or ())[1]) == "20.50"


@pytest.mark.parametrize("name", ["intellum", "salesloft", "textbook"])
def test_a_file_written_back_is_the_same_document(name: str) -> None:
    document = load_model((CASES / f"{name}.yaml").read_text())
    again = load_model(dump_model(document))
    assert again == document
    assert content_hash(again) == content_hash(document)
    assert load_model(document.model_dump_json()) == document


@given(st.text(min_size=1, max_size=40), st.text(max_size=40))
def test_any_texts_survive_writing_and_reading(title: str, note: str) -> None:
    document = load_model(GOOD)
    rows = tuple(row.model_copy(update={"label": title, "note": note}) for row in document.rows)
    changed = document.model_copy(update={"title": title, "notes": (note, title), "rows": rows})
    assert load_model(dump_model(changed)) == changed


@pytest.mark.parametrize(
    "text", ["08", "1.", "no", "null", "~", "true", "1e5", "0x10", "1:30", "- a", "#", "'", "\t", "a: b", " x "]
)
def test_texts_that_look_like_something_else_survive(text: str) -> None:
    changed = load_model(GOOD).model_copy(update={"title": text, "notes": (text,)})
    assert load_model(dump_model(changed)) == changed


@given(
    st.lists(
        st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**15), max_value=10**15),
        min_size=2,
        max_size=2,
    )
)
def test_any_figures_survive_writing_and_reading(figures: list[Decimal]) -> None:
    document = load_model(GOOD)
    rows = tuple(row.model_copy(update={"values": tuple(figures)}) if row.key == "hours" else row for row in document.rows)
    changed = document.model_copy(update={"rows": rows})
    again = load_model(dump_model(changed))
    assert content_hash(again) == content_hash(changed)


def test_a_list_of_rows_is_the_same_as_a_mapping() -> None:
    document = load_model(GOOD)
    listed = json.loads(document.model_dump_json())
    assert isinstance(listed["rows"], list)
    assert load_model(json.dumps(listed)) == document


def test_the_example_of_the_documentation_computes() -> None:
    text = (Path(__file__).parents[4] / "docs" / "model-format.md").read_text()
    example = re.search(r"```yaml\n(format: .*?)```", text, re.DOTALL)
    assert example is not None
    computed = compute(load_model(example[1]))
    assert computed.rows["saved"].values == (0, 29520, 44280)
    assert computed.measures.payback_text == "13 months"


def test_percentages_are_read_everywhere() -> None:
    document = load_model(GOOD.replace("discount_rate: 0.10", "discount_rate: 8%"))
    assert document.conventions.discount_rate == Decimal("0.08")


def test_binary_floats_are_refused() -> None:
    data = json.loads(load_model(GOOD).model_dump_json())
    for change in ({"conventions": {"discount_rate": 0.1}}, {"rows": [{**data["rows"][0], "values": [0.1, 0.2]}]}):
        with pytest.raises(ValidationError, match="must be a decimal number"):
            ModelDocument.model_validate(data | change)


def test_any_change_changes_the_hash() -> None:
    document = load_model(GOOD)
    assert content_hash(document).startswith("sha256:")
    assert content_hash(load_model(GOOD.replace("20.50", "20.51"))) != content_hash(document)
    assert content_hash(load_model(GOOD.replace("label: Hours", "label: Hours."))) != content_hash(document)


def test_words_that_older_yaml_takes_for_other_things_stay_text() -> None:
    document = load_model(GOOD.replace("label: Hours", "label: no").replace("label: Price", "label: 2024-01-01"))
    assert (document.row("hours").label, document.row("price").label) == ("no", "2024-01-01")


@pytest.mark.parametrize(
    ("old", "new", "line", "row", "message"),
    [
        ("values: 0.1", "values: abc", 13, "price", "'abc' is not a number"),
        ("values: 0.1", "values: .nan", 13, "price", "finite|not a number"),
        ("values: 0.1", "values: 1e5000", 13, "price", "digits"),
        ("values: 0.1", "values: [1, 2, 3]", 10, "price", "values has 3 figures for 2 periods"),
        ("values: 0.1", "vlaues: 0.1", 13, "price", "did you mean 'values'"),
        ("    values: 0.1\n", "", 10, "price", "either values or a formula"),
        ("formula: price * hours", "formula: price * huors", 23, "saved", "did you mean 'hours'"),
        ("formula: price * hours", "formula: price + hours", 23, "saved", "cannot add USD/hour and hour"),
        ("formula: price * hours", "formula: __import__('os')", 23, "saved", "double underscores"),
        ("driver: d", "driver: e", 18, "saved", "there is no driver 'e'"),
        ("unit: USD\n", "unit: EUR\n", 18, "saved", "a benefit is money"),
        ("unit: hours", "unit: a//b", 14, "hours", "the unit 'a//b' cannot be read"),
        ("role: benefit", "role: gain", 22, "saved", "'benefit' or 'cost'"),
        ("impact: cost", "impact: fun", 8, "", "'revenue', 'cost' or 'risk'"),
        ("discount_rate: 0.10", "discount_rate: -1", 5, "", "greater than or equal to 0"),
        ("discount_rate: 0.10", "discount_rate: 0.10, discounting: daily", 5, "", "'year_end' or 'mid_year'"),
        ("currency: USD", "currency: dollars", 4, "", "pattern"),
        ("currency: USD\n", "", 0, "", "'currency' is missing"),
        ("title: A small model", "tilte: A small model", 0, "", "'title' is missing"),
        ("periods: [y1, y2]", "periods: [y1, y1]", 6, "", "two periods 'y1'"),
        ("periods: [y1, y2]", "periods: []", 6, "", "at least 1 item"),
        ("  hours:\n", "  if:\n", 14, "if", "a word of the formula language"),
        ("  hours:\n", "  a b:\n", 14, "a b", "is not a key"),
        ("  hours:\n", "  a__b:\n", 14, "a__b", "is not a key"),
        ("  hours:\n", "  price:\n", 14, "", "'price' stands here twice"),
        ("format: vos.model/1", "format: vos.model/2", 1, "", "format: vos.model/1"),
        ("periods: [y1, y2]", "periods: [y1, y2", 7, "", "not YAML"),
        ("periods: [y1, y2]", "periods: &p [y1, y2]", 6, "", "anchors and aliases"),
        ("periods: [y1, y2]", "periods: *p", 6, "", "anchors and aliases"),
        ("title: A small model", "title: !!python/object/apply:os.system [ls]", 3, "", "tag .* is not allowed"),
        ("title: A small model", "title: !!binary aGk=", 3, "", "tag .* is not allowed"),
        ("title: A small model", "? [a, b]\n: c", 3, "", "plain word"),
    ],
)
def test_bad_files_say_line_and_row(old: str, new: str, line: int, row: str, message: str) -> None:
    error = refused(old, new)
    assert re.search(message, error.message), error.message
    assert (error.line, error.row) == (line, row)


def test_a_range_that_does_not_hold_the_base_is_refused() -> None:
    error = refused("values: 0.1", "values: 0.1\n    low: 0.2")
    assert "low <= base <= high" in error.message
    assert (error.line, error.row, error.place) == (10, "price", "period y1")


def test_a_range_on_a_formula_is_refused() -> None:
    assert "belongs to a row with values" in refused("role: benefit", "low: 1").message


def test_alias_bomb_is_refused() -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(9)
    )
    with pytest.raises(ModelFileError, match="anchors and aliases"):
        load_model(bomb)


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
def test_deeply_nested_yaml_is_refused(opening: str) -> None:
    with pytest.raises(ModelFileError, match=r"levels inside each other|not YAML|brackets inside"):
        load_model("format: vos.model/1\nrows: " + ("\n" if opening == "- " else "") + opening * 50_000)


def test_deeply_nested_json_is_refused() -> None:
    with pytest.raises(ModelFileError, match="brackets inside each other"):
        load_model('{"format": ' + "[" * 100_000)


def test_huge_file_is_refused() -> None:
    with pytest.raises(ModelFileError, match="at most 256,000"):
        load_model(GOOD + "#" * 300_000)


def test_file_with_too_many_entries_is_refused() -> None:
    with pytest.raises(ModelFileError, match="more than 100,000 entries"):
        load_model("format: vos.model/1\nrows: [" + "1," * 120_000 + "1]")


def test_duplicate_keys_in_json_are_refused() -> None:
    with pytest.raises(ModelFileError, match="'id' stands in one object twice"):
        load_model('{"format": "vos.model/1", "id": "a", "id": "b"}')


def test_not_a_number_in_json_is_refused() -> None:
    with pytest.raises(ModelFileError, match="NaN is not a figure"):
        load_model('{"format": "vos.model/1", "id": NaN}')


@pytest.mark.parametrize("text", ["", "hello", "- a\n- b", "42", "---\n...\n", "format: vos.model/1\n---\nid: x\n"])
def test_something_else_is_refused(text: str) -> None:
    with pytest.raises(ModelFileError):
        load_model(text)


def test_formula_position_is_told() -> None:
    assert str(refused("formula: price * hours", "formula: price * huors")).startswith(
        "line 23, row saved, formula, position 9: there is no row 'huors'"
    )


@given(st.text(max_size=200))
def test_any_text_is_refused_with_model_file_error(text: str) -> None:
    with pytest.raises(ModelFileError):
        load_model(text)


@given(st.text(max_size=30), st.integers(0, len(GOOD)))
def test_any_damage_is_read_or_refused_with_model_file_error(damage: str, at: int) -> None:
    try:
        load_model(GOOD[:at] + damage + GOOD[at:])
    except ModelFileError as error:
        assert error.message
