"""The output guardrail for figures: every figure in a text must be a computed cell or stand in the evidence (promises 1, 2).

Matching is strict where it matters: a figure may be shown rounded, but only if at least three digits of it are shown, so
that a vague round number cannot hide behind whatever cell happens to be near.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

from kernel.guardrails.numerals import Figure, figures_in
from kernel.guardrails.verdicts import Allow, Refuse, Verdict

FEWEST_DIGITS_FOR_ROUNDING = 3

__all__ = ["Figure", "Grounding", "figures_grounded", "figures_in"]


@dataclass(frozen=True)
class Grounding:
    """Which figures of a text were found, and which were not."""

    figures: tuple[Figure, ...]
    missing: tuple[Figure, ...]

    @property
    def grounded(self) -> bool:
        """Whether every figure was found."""
        return not self.missing

    @property
    def verdict(self) -> Verdict:
        """Refusal that names what has no source, or allowance."""
        if self.grounded:
            return Allow()
        names = ", ".join(f"“{figure.text}” at {figure.start}" for figure in self.missing[:5])
        return Refuse(f"No computed cell and no evidence holds {names}. Quote a source or leave the figure out.")


def figures_grounded(text: str, allowed_figures: Iterable[Decimal]) -> Grounding:
    """Hold every figure of ``text`` against ``allowed_figures`` (computed cells, and figures quoted from evidence).

    Signs are not compared ("fell by 5 %" is -5 %). A percentage matches both 12 and 0.12.
    """
    allowed = tuple({abs(value) for value in allowed_figures})
    figures = figures_in(text)
    return Grounding(figures, tuple(figure for figure in figures if not _is_in(figure, allowed)))


def _is_in(figure: Figure, allowed: tuple[Decimal, ...]) -> bool:
    return any(_shows(figure, value) or (figure.is_percent and _shows(figure, value * 100)) for value in allowed)


def _shows(figure: Figure, value: Decimal) -> bool:
    """Whether ``figure`` is ``value``, exactly or rounded to the digits that the text shows."""
    if figure.value == value:
        return True
    if figure.digits < FEWEST_DIGITS_FOR_ROUNDING or not value.is_finite():
        return False
    # Both ways of rounding a half: pages round half up, Decimal's default is half to even.
    steps = value / figure.step
    rounded = (steps.quantize(Decimal(1), rounding) * figure.step for rounding in (ROUND_HALF_UP, ROUND_HALF_EVEN))
    return figure.value in rounded
