"""How figures read in sentences."""

from datetime import date
from decimal import Decimal

from valuefabric.domain.formulas.arithmetic import ENGINE, round_half_away


def money(value: Decimal, currency: str) -> str:
    """USD 1,234,567"""
    return f"{currency} {round_half_away(value, 0):,f}"


def percent(value: Decimal) -> str:
    """``value`` in percent, one decimal: 31.8 %"""
    return f"{round_half_away(value, 1):,f} %"


def in_unit(value: Decimal, unit: str) -> str:
    """A row's figure: fractions of ``percent`` rows as percents, others with their unit."""
    if unit == "percent":
        return percent(value.scaleb(2, context=ENGINE))
    figure = f"{round_half_away(value, 2):,f}".removesuffix(".00")
    return figure if unit == "number" else f"{figure} {unit}"


def month_name(starts_on: date, month: int) -> str:
    """The calendar month in which month ``month`` (from 0) of the contract begins, as YYYY-MM."""
    years, months = divmod(starts_on.month - 1 + month, 12)
    return f"{starts_on.year + years:04d}-{months + 1:02d}"
