"""Figures of a model by their unit: as they are shown, as a person types them, and what a person typed as a figure."""

import re
from decimal import Decimal

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from valuefabric.domain.discovery.numbers import DIGITS, SCALE, parse_amount
from vos.web.charts import Numerals
from vos.web.templatetags.figures import BARE, MINUS, as_decimal, digits, money, percent, quantity

_SHARES = ("percent",)
_TYPED = re.compile(rf"(?P<sign>[-{MINUS}]?)(?P<number>{DIGITS})(?:[ \u00a0]?(?P<scale>{SCALE}))?")
_LONGEST = 40
# A share is shown to a tenth of a percent, or finer where it has more.
_FINEST = 3
_WHOLE_FROM = 100


class NoFigure(ValueError):
    """What was typed is no figure of this unit; the message says what to write."""


def amount(value: Decimal | None, unit: str) -> SafeString:
    """A figure with its unit. Shares keep the decimals that they have, so that nothing is rounded in secret."""
    if value is None or unit not in ("percent", "percent_points"):
        return quantity(value, unit)
    share = value if unit == "percent" else value / 100
    return percent(share, _decimals(value * 100) if unit == "percent" else _decimals_of_return(value))


def span(low: Decimal | None, high: Decimal | None, unit: str) -> SafeString | str:
    """A range of figures: ``30.0 % to 80.0 %``; empty without both ends."""
    if low is None or high is None:
        return ""
    return format_html(_("{} to {}"), amount(low, unit), amount(high, unit))


def plain_span(low: Decimal, high: Decimal, unit: str) -> str:
    """The same as text, for messages and titles."""
    return _("%(low)s to %(high)s") % {"low": typed(low, unit), "high": typed(high, unit)}


def typed(value: Decimal, unit: str) -> str:
    """A figure as somebody would type it, exactly: ``38.4 %``, ``1,000,000``, ``41,000``."""
    number = value * 100 if unit in _SHARES else value
    text = f"{number.normalize():,f}"
    return f"{text} %" if unit in _SHARES else text


def raw(value: Decimal, unit: str) -> str:
    """A figure for a number field: ``38.4``, ``1000000``; shares as percents."""
    number = value * 100 if unit in _SHARES else value
    return f"{number.normalize():f}"


def read(text: str, unit: str) -> Decimal:
    """The figure that somebody typed; shares as fractions. Raises NoFigure."""
    words = " ".join(text.split()).strip("$€£ ")
    is_share = unit in _SHARES
    if is_share:
        words = words.removesuffix("%").strip()
    found = _TYPED.fullmatch(words) if len(words) <= _LONGEST else None
    if found is None:
        example = _("38.4 %") if is_share else _("1,000,000 or 1.2 million")
        raise NoFigure(_("“%(text)s” is no figure. Write it like %(example)s.") % {"text": text[:_LONGEST], "example": example})
    value = parse_amount(found["number"], found["scale"])
    value = -value if found["sign"] else value
    return value / 100 if is_share else value


def numerals_of(currency: str) -> Numerals:
    """How charts write amounts of a currency."""
    return Numerals(currency=currency)


def short(value: Decimal, currency: str) -> str:
    """An amount in few characters, as text: ``$10.0 m``."""
    return numerals_of(currency).short(value)


def whole(value: object, currency: str) -> SafeString:
    """An amount in whole units."""
    return money(value, currency)


def _decimals_of_return(percents: Decimal) -> int:
    """A return is a result, and no more exact than its inputs: a tenth of a percent below 100 %, whole percents from there on."""
    return 0 if abs(percents) >= _WHOLE_FROM else 1


def _decimals(percents: Decimal) -> int:
    number = as_decimal(percents)
    if number is None:
        return 1
    needed = -int(number.normalize().as_tuple().exponent) if number else 0
    return min(max(needed, 1), _FINEST)


def plain(value: Decimal, unit: str) -> str:
    """A figure as text without markup, for titles and labels of pictures."""
    if unit in ("percent", "percent_points"):
        if unit == "percent_points":
            return f"{digits(value, _decimals_of_return(value))} %"
        return f"{digits(value * 100, _decimals(value * 100))} %"
    if len(unit) == 3 and unit.isupper():
        return numerals_of(unit).full(value)
    places = 0 if value == value.to_integral_value() else 2
    return digits(value, places) if unit in BARE else f"{digits(value, places)} {unit}"
