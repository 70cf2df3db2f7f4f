"""Figures as a model holds them: exact decimals within bounds, never binary fractions."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from pydantic import BeforeValidator

from valuefabric.domain.formulas.limits import MAX_DIGITS


def read_figure(value: Any) -> Decimal:
    """A decimal out of a number, its text, or a percentage ("38.4%" is 0.384); raises ValueError.

    A binary float is refused: 0.1 is not one tenth in it, and the file said one tenth.
    """
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise ValueError(f"a figure must be a decimal number such as 0.384 or 38.4%, not {value!r}")  # noqa: TRY004 - pydantic
    text = value.strip() if isinstance(value, str) else value
    if isinstance(text, str) and len(text) > 2 * MAX_DIGITS:
        raise ValueError(f"a figure has at most {MAX_DIGITS} digits")
    percent = isinstance(text, str) and text.endswith("%")
    try:
        figure = Decimal(text.rstrip("%").rstrip() if isinstance(text, str) else text)
    except InvalidOperation as error:
        raise ValueError(f"'{text}' is not a number; write it like 1000000, 0.384 or 38.4%") from error
    return _bounded(figure.scaleb(-2) if percent else figure)


def _bounded(figure: Decimal) -> Decimal:
    if not figure.is_finite():
        raise ValueError("a figure must be finite")
    _, digits, exponent = figure.as_tuple()
    exponent = int(exponent)
    if len(digits) > MAX_DIGITS or exponent < -MAX_DIGITS or figure.adjusted() >= MAX_DIGITS:
        raise ValueError(f"a figure has at most {MAX_DIGITS} digits before and after the point")
    return Decimal(f"{figure:f}") if exponent > 0 else figure


def read_figures(value: Any) -> tuple[Decimal, ...]:
    """One figure, or one per period."""
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return tuple(read_figure(item) for item in value)
    return (read_figure(value),)


Figure = Annotated[Decimal, BeforeValidator(read_figure)]
Figures = Annotated[tuple[Decimal, ...], BeforeValidator(read_figures)]
