"""Packs are read strictly; a mistake is named by its line or its field."""

from decimal import Decimal
from pathlib import Path

import pytest

from valuefabric.domain.packs import PackError, load_pack

TEXT = (Path(__file__).parents[4] / "valuefabric" / "packs" / "customer_education.yaml").read_text()


def changed(old, new):
    """The pack's text with a part replaced."""
    assert old in TEXT
    return TEXT.replace(old, new, 1)


def test_pack_is_read():
    pack = load_pack(TEXT)

    assert (pack.key, pack.version) == ("customer_education", "1.1.0")
    assert pack.driver("spending").rows[0].formula == "A1 + A6"
    assert [driver.key for driver in pack.drivers_of_input("operating_margin")] == ["retention", "spending"]


def test_unknown_driver_names_those_there_are():
    with pytest.raises(KeyError, match="retention, spending, support"):
        load_pack(TEXT).driver("loyalty")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1"),
        ("[1, 2]", "line 1: a pack is a mapping"),
        ("format: vos.pack/1\nkey: [", "line 2"),
        ("a: 1\na: 2", "line 2: the key 'a' stands twice"),
        ("a: &x 1\nb: *x", "line 2: aliases are not allowed"),
        ("a: " + "[" * 50 + "]" * 50, "nested deeper"),
        ("a: .inf", "line 1: .inf is not a decimal number"),
        ("a: .nan", "line 1: .nan is not a decimal number"),
        ("!!python/object/apply:os.system ['true']", "not YAML"),
        ("x" * 500_001, "more than 500000"),
    ],
)
def test_malformed_and_hostile_files_are_refused(text, message):
    with pytest.raises(PackError, match=message):
        load_pack(text)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("version: 1.1.0", "colour: red", "version"),
        ("input: utilization}", "input: usage}", "the input usage is used but not defined"),
        ("kpi: retention_lift_overall", "kpi: happiness", "the KPI happiness is used but not defined"),
        ("{key: A4,", "{key: A3,", "the row A3 is defined twice"),
        ("impact: revenue", "impact: brand", "impact"),
        ("low: 40, median: 70", "low: 80, median: 70", "low, median and high"),
        ("Illustrative figure made up", "Leading figure", "illustrative"),
        ("counted: false", "counted: true", "driver support is counted"),
        ("formula: A6 * A7", "input: utilization, formula: A6 * A7", "either an input or a formula"),
        ("format: vos.pack/1", "format: vos.pack/2", "format"),
    ],
)
def test_inconsistent_packs_are_refused(old, new, message):
    with pytest.raises(PackError, match=message):
        load_pack(changed(old, new))


def test_figures_are_exact_decimals():
    assert load_pack(changed("low: 40,", "low: 40.1,")).benchmarks[0].low == Decimal("40.1")
