"""The choices behind a present value, written out. Two engines that disagree usually differ in one of these."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from valuefabric.domain.formulas.arithmetic import ENGINE, ONE, ZERO
from valuefabric.domain.formulas.figures import Figure

Discounting = Literal["year_end", "mid_year"]
InitialPeriod = Literal["none", "undiscounted"]


class Conventions(BaseModel):
    """How flows become measures.

    ``discount_rate`` is a year's, as a fraction. ``discounting``: a period's flow falls at its end (``year_end``) or in its
    middle (``mid_year``). ``initial_period``: ``undiscounted`` makes the first column a moment of its own, before the first
    period, with factor 1; ``none``: the first column is the first period. ``payback`` is counted on the flows named, spread
    evenly inside a period, and below ``payback_floor_months`` is told as "less than 6 months". ROI is always
    (PV of benefits - PV of costs) / PV of costs.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    discount_rate: Annotated[Figure, Field(ge=0, le=10)]
    discounting: Discounting = "year_end"
    initial_period: InitialPeriod = "none"
    months_per_period: Annotated[int, Field(ge=1, le=120)] = 12
    payback: Literal["interpolated", "period_end"] = "interpolated"
    payback_flows: Literal["undiscounted", "discounted"] = "undiscounted"
    payback_floor_months: Annotated[int, Field(ge=0, le=120)] = 6

    def time_of(self, index: int) -> Decimal:
        """Years from the start to where the flow of column ``index`` (from 0) falls."""
        if self.initial_period == "undiscounted" and index == 0:
            return ZERO
        number = Decimal(index if self.initial_period == "undiscounted" else index + 1)
        if self.discounting == "mid_year":
            number -= ONE / 2
        return ENGINE.divide(number * self.months_per_period, Decimal(12))
