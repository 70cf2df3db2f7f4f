"""Example figures: those of the published customer-education case, times 91 in the long variant."""

from decimal import Decimal

from django.utils.safestring import SafeString

from vos.web.templatetags.figures import money

PERIODS = ("Year 1", "Year 2", "Year 3")
REVENUE = tuple(map(Decimal, (1_000_000_000, 1_000_000_000, 1_000_000_000)))
RETENTION = tuple(map(Decimal, (0, 4_224_000, 8_719_488)))
SPENDING = tuple(map(Decimal, (1_563_513, 3_260_364, 3_406_606)))
COSTS = tuple(map(Decimal, (-420_000, -415_000, -415_000)))
PV_RETENTION, PV_SPENDING, PV_COSTS = Decimal(10_041_989), Decimal(6_675_324), Decimal(-1_036_852)
NPV = PV_RETENTION + PV_SPENDING + PV_COSTS
_FACTOR = 91


def grown(values: tuple[Decimal, ...], *, long: bool) -> tuple[Decimal, ...]:
    """The values, or nine digits of them."""
    return tuple(value * _FACTOR for value in values) if long else values


def amount(value: Decimal, *, long: bool) -> SafeString:
    """An amount of dollars as markup."""
    return money(value * _FACTOR if long else value)
