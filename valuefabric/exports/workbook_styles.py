"""How the workbook looks: like a well-set financial document. Blue figures may be changed, black ones are computed."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

FONT = "Arial"
INK, MUTED, BRAND, INPUT, RULE, PAPER, FIELD = "#1C1C1A", "#6B6A65", "#1F4D3A", "#1D4ED8", "#CFCCC2", "#F6F4EE", "#FFFBE8"
# A text that a spreadsheet would take for a formula when typed or pasted, or after a round trip through CSV.
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
_LONGEST_CELL = 32_767


class Styles:
    """Formats of one workbook, made once each."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, Any], ...], Any] = {}

    def make(self, **properties: Any) -> Any:
        """A format with the workbook's font and these xlsxwriter properties."""
        asked = tuple(properties.items())
        if asked not in self._made:
            self._made[asked] = self._of(
                {"font_name": FONT, "font_size": 10, "font_color": INK, "valign": "vcenter", **properties}
            )
        return self._made[asked]

    def _of(self, full: dict[str, Any]) -> Any:
        """Asked for in another order it is still the same format."""
        sorted_ = tuple(sorted(full.items()))
        if sorted_ not in self._made:
            self._made[sorted_] = self._book.add_format(full)
        return self._made[sorted_]

    def title(self) -> Any:
        return self.make(font_size=16, bold=True, font_color=BRAND)

    def subtitle(self) -> Any:
        return self.make(font_color=MUTED)

    def head(self, *, align: str = "left") -> Any:
        return self.make(bold=True, font_color=MUTED, bottom=1, bottom_color=INK, align=align, text_wrap=True, valign="bottom")

    def group(self) -> Any:
        return self.make(bold=True, font_color=BRAND, bg_color=PAPER, bottom=1, bottom_color=RULE)

    def words(self, **more: Any) -> Any:
        return self.make(text_wrap=True, valign="top", **more)

    def figure(self, number_format: str, **more: Any) -> Any:
        return self.make(num_format=number_format, align="right", **more)

    def field(self, number_format: str) -> Any:
        """A figure that the reader may change."""
        return self.figure(number_format, font_color=INPUT, bg_color=FIELD)


def money_format(decimals: int = 0) -> str:
    """Thousands, minus in front, a dash for nothing."""
    digits = "#,##0" + ("." + "0" * decimals if decimals else "")
    return f"{digits};-{digits};\\–"


def number_format(unit: str, values: Sequence[Decimal], *, currency: str, display_round: int | None = None) -> str:
    """The format that shows figures of ``unit`` with as many decimals as they need, four at most."""
    if unit == "percent":
        digits = _decimals([value.scaleb(2) for value in values], least=1, most=3)
        return f"0.{'0' * digits}%"
    if unit == currency:
        return money_format(max(display_round, 0) if display_round is not None else _cents(values))
    digits = _decimals(values, least=0, most=4)
    return "#,##0" + ("." + "0" * digits if digits else "")


def _cents(values: Sequence[Decimal]) -> int:
    """Cents matter for prices and wages, not beside thousands."""
    return 2 if any(value % 1 for value in values) and max(map(abs, values)) < 10_000 else 0


def _decimals(values: Sequence[Decimal], *, least: int, most: int) -> int:
    needed = (max(-int(value.normalize().as_tuple().exponent), 0) for value in values)
    return min(max(least, *needed), most)


def write_text(sheet: Any, row: int, column: int, text: str, style: Any, styles: Styles, **properties: Any) -> None:
    """Write ``text`` as text, whatever it starts with; what looks like a formula also gets the quote prefix that keeps it one
    after editing."""
    if text.startswith(_DANGEROUS):
        style = styles.make(**{"quote_prefix": True, "text_wrap": True, "valign": "top", **properties})
    sheet.write_string(row, column, text[:_LONGEST_CELL], style)
