"""The command: any model file, computed without the database, with an exit status that says whether figures are off."""

import json
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

CASES = Path(__file__).parents[2] / "cases"


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("model", "compute", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize(("name", "figures"), [("intellum", 29), ("salesloft", 9), ("textbook", 8)])
def test_published_cases_agree(name: str, figures: int) -> None:
    assert f"{figures} of {figures} published figures agree to the printed digit" in run(str(CASES / f"{name}.yaml"))


def test_json_has_every_row_driver_and_measure_exactly() -> None:
    data = json.loads(run(str(CASES / "intellum.yaml"), "--json"), parse_float=Decimal, parse_int=Decimal)
    assert list(data["rows"]) == [
        "A1",
        "A2",
        "A3",
        "A4",
        "A5",
        "A6",
        "A7",
        "At",
        "haircut",
        "Atr",
        "B1",
        "B2",
        "B3",
        "B4",
        "B5",
        "B6",
        "Bt",
        "Btr",
    ]
    assert data["rows"]["Btr"]["values"] == [Decimal("1563512.8"), Decimal(3260364), Decimal("3406605.6")]
    assert data["rows"]["Btr"]["displayed"] == [1563513, 3260364, 3406606]
    assert round(data["drivers"]["retention"]["pv"]) == 10041989
    assert round(data["drivers"]["spending"]["pv"]) == 6675324
    assert data["published"] == {"compared": 29, "agree": True, "off": []}


def test_the_table_is_for_people() -> None:
    table = run(str(CASES / "salesloft.yaml"))
    assert "5,496,170" in table
    assert "less than 6 months" in table
    assert "328.7 %" in table


def test_a_wrong_figure_exits_with_1(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text((CASES / "textbook.yaml").read_text().replace("npv: 272336", "npv: 272337"))
    with pytest.raises(
        CommandError, match="1 of 8 published figures are off, first npv: published 272337, computed 272336"
    ) as off:
        run(str(wrong), "--json")
    assert off.value.returncode == 1


def test_a_bad_file_exits_with_2_and_names_line_and_row(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text((CASES / "intellum.yaml").read_text().replace("formula: A6 * A7", "formula: A6 * A77"))
    with pytest.raises(CommandError, match=r"bad.yaml: line \d+, row At, formula, position 6: there is no row 'A77'") as refused:
        run(str(bad))
    assert refused.value.returncode == 2


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"", b"hello"])
def test_something_else_exits_with_2(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(CommandError) as refused:
        run(str(tmp_path / "x"))
    assert refused.value.returncode == 2


def test_a_missing_file_exits_with_2() -> None:
    with pytest.raises(CommandError, match="cannot be read") as refused:
        run("/nowhere/at/all.yaml")
    assert refused.value.returncode == 2


def test_division_by_zero_is_told_with_row_and_period(tmp_path: Path) -> None:
    zero = tmp_path / "zero.yaml"
    zero.write_text(
        "format: vos.model/1\nid: z\ntitle: z\ncurrency: USD\nconventions: {discount_rate: 0}\nperiods: [y1]\n"
        "rows:\n  a: {label: a, unit: number, values: 0}\n  b: {label: b, unit: number, formula: 1 / a}\n"
    )
    with pytest.raises(CommandError, match="row b, position 3, period y1: division by zero") as refused:
        run(str(zero))
    assert refused.value.returncode == 2


def test_scenarios_are_not_compared_with_published_figures() -> None:
    data = json.loads(run(str(CASES / "intellum.yaml"), "--json", "--scenario", "low"))
    assert (data["scenario"], data["published"]["compared"]) == ("low", 0)
    assert round(data["measures"]["npv"]) == 2420113


OVERLAPPING = """format: vos.model/1
id: t
title: t
currency: USD
conventions: {discount_rate: 0.10}
periods: [y1]
rows:
  a: {label: A, unit: USD, role: benefit, values: 600}
  b: {label: B, unit: USD, role: benefit, values: 200}
overlaps: {both: {rows: [a, b], rule: largest}}
scenarios: {slow: {label: Slow, changes: [{row: a, values: 100}]}}
"""


def test_a_scenario_of_the_file_is_computed_with_what_counts(tmp_path: Path) -> None:
    file = tmp_path / "model.yaml"
    file.write_text(OVERLAPPING)

    data = json.loads(run(str(file), "--json", "--scenario", "slow"), parse_float=Decimal, parse_int=Decimal)

    assert data["scenario"] == "slow"
    assert data["rows"]["a"]["values"] == [100]
    assert [data["rows"][key]["counted"] for key in ("a", "b")] == [[0], [200]]
    assert run(str(file), "--scenario", "conservative") == run(str(file), "--scenario", "low")
    assert "what counts of" in run(str(file))


def test_a_scenario_that_there_is_not_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "model.yaml"
    file.write_text(OVERLAPPING)

    with pytest.raises(CommandError, match="there is no scenario 'slwo', did you mean 'slow'") as refused:
        run(str(file), "--scenario", "slwo")
    assert refused.value.returncode == 2
