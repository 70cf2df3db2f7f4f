"""Figures that somebody published for a model, as printed, and the comparison with what the engine computes."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from valuefabric.domain.formulas.figures import Figure, Figures

MeasureName = Literal[
    "total_benefits", "total_costs", "pv_benefits", "pv_costs", "npv", "roi_pct", "irr", "payback_months", "cumulative_discounted"
]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ExpectedDriver(_Frozen):
    """A driver's printed sum over the periods and present value."""

    total: Figure | None = None
    pv: Figure | None = None


class WrongAnswer(_Frozen):
    """A figure that a naive engine prints for ``measure``, and why it is wrong."""

    measure: MeasureName
    value: Figure
    why: Annotated[str, Field(min_length=1, max_length=500)]


class Expected(_Frozen):
    """Every figure as printed: its number of decimals says how exactly the engine must meet it.

    ``rows`` are compared with results, ``displayed`` with what a row shows, ``totals`` with the sum of a row's unrounded figures.
    """

    rows: dict[str, Figures] = Field(default_factory=dict)
    displayed: dict[str, Figures] = Field(default_factory=dict)
    totals: dict[str, Figure] = Field(default_factory=dict)
    drivers: dict[str, ExpectedDriver] = Field(default_factory=dict)
    measures: dict[MeasureName, Figures] = Field(default_factory=dict)
    payback: str | None = None
    wrong_answers: dict[str, WrongAnswer] = Field(default_factory=dict)
