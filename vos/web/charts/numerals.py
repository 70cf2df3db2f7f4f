"""Amounts as words for charts, in the reader's grouping; pure, so the caller says what language groups how."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

MINUS = "\u2212"
SPACE = "\u00a0"
_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
_STEPS = ((Decimal(10) ** 9, "bn"), (Decimal(10) ** 6, "m"), (Decimal(10) ** 3, "k"))


@dataclass(frozen=True)
class Numerals:
    """How amounts of one currency are written. An empty ``currency`` writes plain numbers."""

    currency: str = "USD"
    group_mark: str = ","
    decimal_mark: str = "."

    def digits(self, value: Decimal, places: int = 0) -> str:
        """The absolute value, rounded half away from zero and grouped."""
        rounded = abs(value).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
        return f"{rounded:,}".translate({ord(","): self.group_mark, ord("."): self.decimal_mark})

    def full(self, value: Decimal) -> str:
        """Every digit: ``$10,041,989``."""
        return self._with_currency(value, self.digits(value))

    def short(self, value: Decimal) -> str:
        """Three digits that matter: ``$10.0 m``."""
        # 999.95 thousand would be written "1000 k": the next step begins where rounding reaches it.
        for size, letter in _STEPS:
            if abs(value) >= size * Decimal("0.9995"):
                places = 0 if abs(value) >= size * 100 else 1
                return self._with_currency(value, f"{self.digits(value / size, places)}{SPACE}{letter}")
        return self._with_currency(value, self.digits(value))

    def percent(self, share: Decimal, places: int = 0) -> str:
        """A share as a percentage: ``71 %``."""
        minus = MINUS if share < 0 else ""
        return f"{minus}{self.digits(share * 100, places)}{SPACE}%"

    def _with_currency(self, value: Decimal, words: str) -> str:
        minus = MINUS if value < 0 else ""
        if not self.currency:
            return f"{minus}{words}"
        sign = _SIGNS.get(self.currency)
        return f"{minus}{sign}{words}" if sign else f"{minus}{words}{SPACE}{self.currency}"


DOLLARS = Numerals()
