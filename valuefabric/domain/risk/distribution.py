"""How an input may fall out, as a model's document declares it: ``distribution`` of a row and ``correlations`` of the document.

Every figure is one for all periods or one per period. One draw moves all periods of a row together: an input at its 30th
percentile is there in every column. What is left out is taken from the row: ``low``, ``values`` and ``high``.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from valuefabric.domain.formulas.arithmetic import ENGINE
from valuefabric.domain.formulas.figures import Figure, Figures

MAX_OUTCOMES = 50
_IN_UNIT = ("low", "mode", "high", "mean", "deviation", "minimum", "maximum", "value")  # in the row's unit; others are not


class _Declared(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    def check_periods(self, periods: int) -> None:
        """Raise ValueError unless every figure is given once, or once per period."""
        for name, figures in self._figures():
            if len(figures) not in {1, periods}:
                raise ValueError(f"{name} has {len(figures)} figures for {periods} periods; give one, or one per period")

    def times(self, factor: Decimal) -> Self:
        """The same shape, every figure of it ``factor`` times as large; above 0."""
        scaled = {name: _times(value, factor) for name in _IN_UNIT if (value := getattr(self, name, None)) is not None}
        return self.model_copy(update=scaled)

    def _figures(self) -> Iterator[tuple[str, tuple[Decimal, ...]]]:
        for name in type(self).model_fields:
            value = getattr(self, name)
            if isinstance(value, tuple) and name != "outcomes":
                yield name, value


class Triangular(_Declared):
    """From ``low`` over the most likely ``mode`` to ``high``, in straight lines."""

    kind: Literal["triangular"]
    low: Figures | None = None
    mode: Figures | None = None
    high: Figures | None = None


class Pert(_Declared):
    """A beta distribution from ``low`` to ``high`` whose mean is (low + weight * mode + high) / (weight + 2).

    Source: Malcolm, Roseboom, Clark and Fazar (1959), with weight 4; a larger weight (Vose's modified PERT) trusts the mode more.
    """

    kind: Literal["pert"]
    low: Figures | None = None
    mode: Figures | None = None
    high: Figures | None = None
    weight: Annotated[Figure, Field(gt=0, le=100)] = Decimal(4)


class Uniform(_Declared):
    """Every figure between ``low`` and ``high`` is as likely as any other."""

    kind: Literal["uniform"]
    low: Figures | None = None
    high: Figures | None = None


class _Bell(_Declared):
    """Where ``deviation`` is left out, the row's low and high are the 10th and the 90th percentile.

    ``minimum`` and ``maximum`` cut the tails off; what lies between keeps its shape.
    """

    mean: Figures | None = None
    deviation: Figures | None = None
    minimum: Figure | None = None
    maximum: Figure | None = None

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.deviation is None and self.mean is not None:
            raise ValueError("give deviation with mean, or neither: then low and high are the 10th and 90th percentile")
        if self.deviation is not None and any(figure < 0 for figure in self.deviation):
            raise ValueError("a standard deviation is not below zero")
        if self.minimum is not None and self.maximum is not None and self.minimum >= self.maximum:
            raise ValueError("minimum must be below maximum")
        return self


class Normal(_Bell):
    """The bell curve; with a ``deviation`` (in the row's unit), ``mean`` is the row's figure unless given."""

    kind: Literal["normal"]


class Lognormal(_Bell):
    """A figure whose logarithm is normal: above zero, with a long tail upwards. ``mean`` and ``deviation`` are the figure's own,
    not the logarithm's."""

    kind: Literal["lognormal"]


class Outcome(_Declared):
    """One of several things that may happen."""

    value: Figures
    probability: Annotated[Figure, Field(gt=0, le=1)]


class Discrete(_Declared):
    """One of ``outcomes``; their probabilities add up to exactly 1."""

    kind: Literal["discrete"]
    outcomes: Annotated[tuple[Outcome, ...], Field(min_length=1, max_length=MAX_OUTCOMES)]

    @model_validator(mode="after")
    def _certain(self) -> Self:
        total = sum((outcome.probability for outcome in self.outcomes), Decimal(0))
        if total != 1:
            raise ValueError(f"the probabilities of the outcomes add up to {total}, not 1")
        return self

    def times(self, factor: Decimal) -> Self:
        """As of the others, for every outcome."""
        return self.model_copy(update={"outcomes": tuple(outcome.times(factor) for outcome in self.outcomes)})

    def check_periods(self, periods: int) -> None:
        """As of the others, for every outcome."""
        for outcome in self.outcomes:
            outcome.check_periods(periods)


Distribution = Annotated[Triangular | Pert | Uniform | Normal | Lognormal | Discrete, Field(discriminator="kind")]


class Correlation(_Declared):
    """Two inputs that move together: ``rank`` is Spearman's coefficient, -1 to 1."""

    between: tuple[str, str]
    rank: Annotated[Figure, Field(ge=-1, le=1)]

    @model_validator(mode="after")
    def _two_rows(self) -> Self:
        if self.between[0] == self.between[1]:
            raise ValueError(f"a correlation is between two rows; '{self.between[0]}' is named twice")
        return self


def _times(value: Decimal | tuple[Decimal, ...], factor: Decimal) -> Decimal | tuple[Decimal, ...]:
    if isinstance(value, tuple):
        return tuple(ENGINE.multiply(figure, factor) for figure in value)
    return ENGINE.multiply(value, factor)


def check_correlations(correlations: Sequence[Correlation], inputs: Sequence[str]) -> None:
    """Raise ValueError for a row that is no input, and for a pair that is named twice. Whether all ranks are possible together is
    found when a simulation begins."""
    known, seen = set(inputs), set[frozenset[str]]()
    for correlation in correlations:
        for key in correlation.between:
            if key not in known:
                raise ValueError(f"correlations: '{key}' is not an input row; only rows with values are drawn")
        pair = frozenset(correlation.between)
        if pair in seen:
            raise ValueError(f"correlations: {' and '.join(sorted(pair))} are correlated twice; keep one")
        seen.add(pair)
