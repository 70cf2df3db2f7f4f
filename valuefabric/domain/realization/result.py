"""What measuring a commitment gives: frozen, and ready to be stored as JSON."""

from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict

RiskLevel = Literal["low", "medium", "high"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Sentence(_Frozen):
    """A sentence made by code out of computed figures; ``cells`` name what each figure is, in order."""

    text: str
    cells: tuple[str, ...]


class VariancePart(_Frozen):
    """One assumption's part of a driver's difference to date. Figures are means over the measured time, in the row's unit."""

    row: str
    label: str
    unit: str
    committed: Decimal
    actual: Decimal
    amount: Decimal


class DriverRealization(_Frozen):
    """A driver: committed and actual to date, the difference by assumption, and the forecast for the whole term (money)."""

    key: str
    label: str
    impact: str
    counted: bool
    committed_to_date: Decimal
    actual_to_date: Decimal
    attainment_pct: Decimal | None
    variance: tuple[VariancePart, ...]
    residual: Decimal
    committed_term: Decimal
    forecast_term: Decimal
    forecast_pct: Decimal | None


class AssumptionActual(_Frozen):
    """A measured row by period: what was committed, what was measured (None before anything was), what is forecast.

    ``recent`` is the mean of the last three measured months, ``slope_per_month`` the trend's change a month."""

    row: str
    label: str
    unit: str
    kpi: str
    committed: tuple[Decimal, ...]
    actual: tuple[Decimal | None, ...]
    forecast: tuple[Decimal, ...]
    months: int
    last: Decimal
    recent: Decimal
    slope_per_month: Decimal
    method: str


class MonthToDate(_Frozen):
    """Counted value through the end of one month, as ``YYYY-MM``; what was known then, not revised since."""

    month: str
    committed: Decimal
    actual: Decimal


class RenewalRisk(_Frozen):
    """``score`` from 0 to 100; each reason carries its figures and its points."""

    level: RiskLevel
    score: int
    reasons: tuple[Sentence, ...]


class RealizationResult(_Frozen):
    """Attainment as of a day. Totals are over counted drivers. ``unmeasured`` are assumptions that still stand on the promise
    alone; ``unused_kpis`` came in, and no row is measured by them."""

    as_of: date
    starts_on: date
    months: int
    term_months: int
    currency: str
    committed_to_date: Decimal
    actual_to_date: Decimal
    attainment_pct: Decimal | None
    committed_term: Decimal
    forecast_term: Decimal
    forecast_pct: Decimal | None
    drivers: tuple[DriverRealization, ...]
    assumptions: tuple[AssumptionActual, ...]
    unmeasured: tuple[str, ...]
    unused_kpis: tuple[str, ...]
    timeline: tuple[MonthToDate, ...]
    variance_method: str
    renewal_risk: RenewalRisk
    sentences: tuple[Sentence, ...]
