"""Figures as a reader expects them: grouped digits of the reader's language, units lighter, nothing rounded in secret."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from django import template
from django.utils import formats
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

register = template.Library()

NOTHING = "–"
MINUS = "\u2212"
# Signs that stand before the number; any other currency stands after it, by its code.
SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
# Units that say no more than the figure itself does.
BARE = frozenset({"number", "count", "ratio"})
_STEPS = ((Decimal(10) ** 9, "bn"), (Decimal(10) ** 6, "m"), (Decimal(10) ** 3, "k"))


def as_decimal(value: object) -> Decimal | None:
    """The value as a finite Decimal, or None for what is no number."""
    try:
        number = value if isinstance(value, Decimal) else Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def digits(number: Decimal, decimals: int) -> str:
    """``number`` with exactly ``decimals`` places, half away from zero, grouped as the active language groups."""
    rounded = number.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    text = formats.number_format(abs(rounded), decimal_pos=decimals, use_l10n=True, force_grouping=True)
    return f"{MINUS}{text}" if rounded < 0 else text


@register.filter
def figure(value: object, decimals: int = 0) -> str:
    """A plain number: ``1044000000`` becomes ``1,044,000,000``."""
    number = as_decimal(value)
    return NOTHING if number is None else digits(number, decimals)


@register.filter
def money(value: object, currency: str = "USD") -> SafeString:
    """Whole units of a currency, the sign lighter than the digits."""
    return _money(value, currency, 0)


@register.filter
def money_cents(value: object, currency: str = "USD") -> SafeString:
    """An amount with its cents."""
    return _money(value, currency, 2)


@register.filter
def money_short(value: object, currency: str = "USD") -> SafeString:
    """An amount for a narrow place: ``10041989`` becomes ``$10.04 m``. The full amount is in the title."""
    number = as_decimal(value)
    if number is None:
        return format_html('<span class="muted">{}</span>', NOTHING)
    for size, letter in _STEPS:
        if abs(number) >= size:
            short = _signed(digits(number / size, 2), currency)
            return format_html(
                '<span class="money" title="{}">{}<span class="unit">\u00a0{}</span></span>', digits(number, 0), short, letter
            )
    return _money(number, currency, 0)


@register.filter
def percent(value: object, decimals: int = 0) -> SafeString:
    """A share as a percentage: ``0.384`` with one decimal becomes ``38.4 %``."""
    number = as_decimal(value)
    if number is None:
        return format_html('<span class="muted">{}</span>', NOTHING)
    return format_html('<span class="figure">{}<span class="unit">\u00a0%</span></span>', digits(number * 100, decimals))


@register.filter
def quantity(value: object, unit: str) -> SafeString:
    """A figure by its model unit: ``percent`` is a share, a currency code is money, anything else is a number and its unit."""
    number = as_decimal(value)
    if number is None:
        return format_html('<span class="muted">{}</span>', NOTHING)
    if unit == "percent":
        return percent(number, 1)
    if len(unit) == 3 and unit.isupper():
        return money(number, unit)
    places = 0 if number == number.to_integral_value() else 2
    if unit in BARE:
        return format_html('<span class="figure">{}</span>', digits(number, places))
    return format_html('<span class="figure">{}<span class="unit">\u00a0{}</span></span>', digits(number, places), unit)


@register.filter
def signed(value: object, decimals: int = 0) -> str:
    """A difference, with its sign always shown."""
    number = as_decimal(value)
    if number is None:
        return NOTHING
    return digits(number, decimals) if number <= 0 else f"+{digits(number, decimals)}"


@register.filter
def duration(seconds: object) -> str:
    """Seconds as people say them: ``0.4 s``, ``38 s``, ``4 min``, ``2 h 5 min``."""
    number = as_decimal(seconds)
    if number is None:
        return NOTHING
    if number < 10:
        return _("{n} s").format(n=digits(number, 1))
    if number < 60:
        return _("{n} s").format(n=digits(number, 0))
    hours, minutes = divmod(int(number) // 60, 60)
    return _("{h} h {m} min").format(h=hours, m=minutes) if hours else _("{m} min").format(m=minutes)


def _money(value: object, currency: str, decimals: int) -> SafeString:
    number = as_decimal(value)
    if number is None:
        return format_html('<span class="muted">{}</span>', NOTHING)
    return format_html('<span class="money">{}</span>', _signed(digits(number, decimals), currency))


def _signed(text: str, currency: str) -> SafeString:
    sign = SIGNS.get(currency)
    if sign is None:
        return format_html('{}<span class="unit">\u00a0{}</span>', text, currency)
    minus, rest = (MINUS, text[1:]) if text.startswith(MINUS) else ("", text)
    return format_html('{}<span class="unit">{}</span>{}', minus, sign, rest)
