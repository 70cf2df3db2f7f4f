"""Cells resolve by name; a written number matches a figure to the digits that are written, and no further."""

from decimal import Decimal

import pytest

from valuefabric.domain.manifesto import CellError, resolve_cell, written_numbers
from valuefabric.domain.manifesto.written import states


def cell_of(case, name):
    """The cell of a name in the case."""
    return resolve_cell(name, case.document, case.computation, case.scenarios)


@pytest.mark.parametrize(
    ("name", "value", "unit"),
    [
        ("A6.y3", "90828000", "USD"),
        ("A6.total", "134828000", "USD"),
        ("A4.low", "0.1", "percent"),
        ("A2.high.y2", "0.8", "percent"),
        ("Atr.risk_adjustment", "0.2", "percent"),
        ("driver.retention.total", "12943488", "USD"),
        ("driver.spending.y2", "3260364", "USD"),
        ("convention.discount_rate", "0.1", "percent"),
        ("measure.total_benefits", "21173970.4", "USD"),
    ],
)
def test_cells_by_name(published_case, name, value, unit):
    cell = cell_of(published_case, name)

    assert (cell.value, cell.unit) == (Decimal(value), unit)


def test_scenario_prefix_takes_the_scenario(published_case):
    low, base, high = (cell_of(published_case, f"{prefix}driver.retention.pv").value for prefix in ("low:", "", "high:"))

    assert low < base < high


@pytest.mark.parametrize(
    "name",
    ["A6", "Z1.y1", "A6.y9", "driver.none.pv", "driver.retention", "measure.luck", "convention.mood", "worst:A6.y1", "A5.low"],
)
def test_unknown_cells_are_refused(published_case, name):
    with pytest.raises(CellError):
        cell_of(published_case, name)


@pytest.mark.parametrize(
    ("text", "value", "unit", "agrees"),
    [
        ("$10.0 million", "10041989.48", "USD", True),
        ("$10 million", "10041989.48", "USD", True),
        ("$10.1 million", "10041989.48", "USD", False),
        ("$10.04 million", "10041989.48", "USD", True),
        ("10,041,989 USD", "10041989.48", "USD", True),
        ("10,041,990 USD", "10041989.48", "USD", False),
        ("€10,041,989", "10041989.48", "USD", False),
        ("22.2%", "0.222", "percent", True),
        ("22%", "0.222", "percent", True),
        ("23%", "0.222", "percent", False),
        ("0.222 points", "0.222", "percent", False),
        ("329%", "329", "percent_points", True),
        ("41,000 tickets", "41000", "count", True),
        ("five months", "5.2", "months", True),
    ],
)
def test_written_number_states_a_figure_to_its_digits(text, value, unit, agrees):
    (number,) = written_numbers(text)

    assert states(number, Decimal(value), unit) is agrees


def test_names_of_periods_and_dates_are_no_numbers():
    assert list(written_numbers("In year 2 (2027), by 2026-12-31, section 4 and version 3 hold; see y1.")) == []


def test_bare_numbers_count():
    assert [number.text for number in written_numbers("ROI is 329 and 1,250.75 more.")] == ["329", "1,250.75"]
