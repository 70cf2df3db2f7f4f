"""Realization: what was promised against what was measured, month by month."""

from valuefabric.domain.realization.attainment import attainment
from valuefabric.domain.realization.renewal import RenewalPolicy
from valuefabric.domain.realization.result import (
    AssumptionActual,
    DriverRealization,
    MonthToDate,
    RealizationResult,
    RenewalRisk,
    Sentence,
    VariancePart,
)
from valuefabric.domain.realization.telemetry import TelemetryError, TelemetryPoint

__all__ = [
    "AssumptionActual",
    "DriverRealization",
    "MonthToDate",
    "RealizationResult",
    "RenewalPolicy",
    "RenewalRisk",
    "Sentence",
    "TelemetryError",
    "TelemetryPoint",
    "VariancePart",
    "attainment",
]
