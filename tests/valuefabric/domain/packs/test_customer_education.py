"""The shipped pack's trees are those of the published case, and what is made up says so."""

from pathlib import Path

import pytest

from valuefabric.domain.packs import load_pack

PACK = load_pack((Path(__file__).parents[4] / "valuefabric" / "packs" / "customer_education.yaml").read_text())

# Rows, formulas and roundings as published (tables A and B); risk-adjusted rows are the row before, less 20 %.
PUBLISHED = {
    "A1": (None, None), "A2": (None, None), "A3": (None, None), "A4": (None, None),
    "A5": ("A2 * A3 * A4", 3), "A6": ("(A1 + previous(A6, 0)) * previous(A5, 0)", 0), "A7": (None, None),
    "At": ("A6 * A7", 0), "Atr": ("At", None),
    "B1": ("A1 + A6", None), "B2": ("A2", None), "B3": ("A3", None), "B4": (None, None),
    "B5": ("B1 * B2 * B3 * B4", 0), "B6": (None, None), "Bt": ("B5 * B6", 0), "Btr": ("Bt", None),
}  # fmt: skip


def test_rows_are_the_published_ones():
    rows = {row.key: (row.formula, row.round) for driver in PACK.drivers for row in driver.rows}

    assert rows == PUBLISHED
    assert [row.key for driver in PACK.drivers for row in driver.rows if row.risk_adjusted] == ["Atr", "Btr"]


def test_support_is_listed_without_any_row():
    support = PACK.driver("support")

    assert (support.counted, support.rows) == (False, ())


def test_every_kpi_has_a_whole_measurement_plan():
    for kpi in PACK.kpis.values():
        assert kpi.plan.source_system
        assert kpi.plan.cadence
        assert kpi.plan.owner


def test_every_driver_has_a_whole_branch_of_the_value_tree():
    for driver in PACK.drivers:
        assert all(driver.tree.model_dump().values())


def test_made_up_benchmarks_say_so():
    assert all(benchmark.demo and "llustrative" in benchmark.citation for benchmark in PACK.benchmarks)


@pytest.mark.parametrize("name", ["support_automation.yaml", "security.yaml"])
def test_other_packs_are_read(name):
    assert load_pack((Path(__file__).parents[2] / "data" / "packs" / name).read_text()).drivers
