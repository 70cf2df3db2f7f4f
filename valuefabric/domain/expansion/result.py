"""What looking for the next value gives: frozen, and ready to be stored as JSON."""

from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict

from valuefabric.domain.realization.result import Sentence

Position = Literal["below_low", "below_median", "below_high"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class DriverUplift(_Frozen):
    """What closing a gap adds to one driver over a term, and its present value."""

    driver: str
    label: str
    total: Decimal
    pv: Decimal


class Gap(_Frozen):
    """A KPI that stays behind its benchmark. ``rows`` are the assumptions it moves; figures are in the rows' unit.

    ``target`` is the benchmark's median, or its high end for a KPI that has passed the median (``stretch``). ``basis`` says
    whether ``current`` was measured or is only committed. ``pv`` and ``total`` are the engine's, with this gap closed alone.
    """

    kpi: str
    label: str
    unit: str
    rows: tuple[str, ...]
    current: Decimal
    basis: Literal["measured", "committed"]
    low: Decimal
    median: Decimal
    high: Decimal
    target: Decimal
    position: Position
    stretch: bool
    citation: str
    demo: bool
    total: Decimal
    pv: Decimal
    drivers: tuple[DriverUplift, ...]
    sentence: Sentence


class Uncounted(_Frozen):
    """A driver that is listed and has no figure: what to measure so that it can become a case. It carries no number."""

    driver: str
    label: str
    impact: str
    kpi: str
    note: str
    sentence: Sentence


class ExpansionResult(_Frozen):
    """Gaps by present value, largest first. ``together`` is what closing all of them to the median adds, computed once: it is not
    the sum of the single gaps, since their effects multiply. ``unused`` are benchmarks that no row of the model moves."""

    currency: str
    periods: tuple[str, ...]
    gaps: tuple[Gap, ...]
    together_total: Decimal
    together_pv: Decimal
    uncounted: tuple[Uncounted, ...]
    unused: tuple[str, ...]
    convention: str
