"""Measuring a commitment: the same model, computed with what was measured in place of what was assumed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from valuefabric.domain.finance.discounting import added
from valuefabric.domain.formulas.arithmetic import ENGINE, ZERO
from valuefabric.domain.model import Computation, ModelDocument, compute
from valuefabric.domain.realization.actuals import (
    actual_figures,
    elapsed_shares,
    given,
    mean,
    measured_months,
    to_date,
    value_delivered,
)
from valuefabric.domain.realization.attribution import Attribution, attribute
from valuefabric.domain.realization.forecast import fit, forecast_figures
from valuefabric.domain.realization.measured_document import measured_document
from valuefabric.domain.realization.renewal import DEFAULT_POLICY, RenewalPolicy, renewal_risk
from valuefabric.domain.realization.result import (
    AssumptionActual,
    DriverRealization,
    MonthToDate,
    RealizationResult,
    Sentence,
    VariancePart,
)
from valuefabric.domain.realization.sentences import told, told_of_drivers, told_of_gaps
from valuefabric.domain.realization.telemetry import Measured, TelemetryPoint, measured_rows, term_months
from valuefabric.domain.realization.wording import month_name

RECENT_MONTHS = 3
Figures = Mapping[str, tuple[Decimal, ...]]


def attainment(
    document: ModelDocument,
    committed: Computation,
    points: Sequence[TelemetryPoint],
    *,
    as_of: date,
    starts_on: date,
    policy: RenewalPolicy = DEFAULT_POLICY,
) -> RealizationResult:
    """Committed against actual to date and over the term, as of a day.

    ``committed`` is the computation that was approved. Raises TelemetryError for measurements in a wrong unit, and FormulaError
    where the model cannot be computed with what was measured.
    """
    measured = measured_rows(document, points, starts_on=starts_on, as_of=as_of)
    document, committed = measured_document(document, committed, measured.series)
    return _Realization(document, committed, measured, as_of, starts_on, policy).result()


class _Realization:
    def __init__(
        self,
        document: ModelDocument,
        committed: Computation,
        measured: Measured,
        as_of: date,
        starts_on: date,
        policy: RenewalPolicy,
    ) -> None:
        self._document = document
        self._committed = committed
        self._measured = measured
        self._as_of = as_of
        self._starts_on = starts_on
        self._policy = policy
        self._shares = elapsed_shares(document, measured.months)
        self._actuals = self._actuals_of(measured)
        self._forecasts: Figures = {
            key: forecast_figures(document, key, series, measured.months, committed) for key, series in measured.series.items()
        }

    def result(self) -> RealizationResult:
        actual, forecast = self._computed(self._actuals), self._computed(self._forecasts)
        attribution = attribute(list(self._actuals), self._worth)
        drivers = tuple(self._driver(index, actual, forecast, attribution) for index in range(len(self._committed.drivers)))
        committed_now, actual_now = self._to_date(self._committed), self._to_date(actual)
        committed_term, forecast_term = (added(value_delivered(self._document, whole)) for whole in (self._committed, forecast))
        reached, expected = _percent_of(actual_now, committed_now), _percent_of(forecast_term, committed_term)
        risk = renewal_risk(
            self._document,
            self._measured,
            attainment_pct=reached,
            forecast_pct=expected if self._measured.months else None,
            as_of=self._as_of,
            policy=self._policy,
        )
        assumptions = tuple(self._assumption(key) for key in self._actuals)
        # A constant or a contract's price that belongs to no driver and names no KPI is nothing that telemetry could measure.
        assumed = [row for row in self._document.rows if row.values is not None and (row.driver or row.kpi)]
        unmeasured = tuple(row.label for row in assumed if row.key not in self._actuals)
        return RealizationResult(
            as_of=self._as_of,
            starts_on=self._starts_on,
            months=self._measured.months,
            term_months=term_months(self._document),
            currency=self._document.currency,
            committed_to_date=committed_now,
            actual_to_date=actual_now,
            attainment_pct=reached,
            committed_term=committed_term,
            forecast_term=forecast_term,
            forecast_pct=expected,
            drivers=drivers,
            assumptions=assumptions,
            unmeasured=tuple(dict.fromkeys(unmeasured)),
            unused_kpis=self._measured.unused,
            timeline=tuple(self._month(month) for month in range(1, self._measured.months + 1)),
            variance_method=attribution.method,
            renewal_risk=risk,
            sentences=self._sentences(committed_now, actual_now, reached, expected, drivers, assumptions, unmeasured),
        )

    def _sentences(
        self,
        committed: Decimal,
        actual: Decimal,
        reached: Decimal | None,
        expected: Decimal | None,
        drivers: Sequence[DriverRealization],
        assumptions: Sequence[AssumptionActual],
        unmeasured: Sequence[str],
    ) -> tuple[Sentence, ...]:
        currency, months = self._document.currency, self._measured.months
        month = month_name(self._starts_on, months - 1)
        whole = told(
            month=month,
            months=months,
            currency=currency,
            committed=committed,
            actual=actual,
            attainment=reached,
            forecast=expected,
        )
        gaps = told_of_gaps(list(dict.fromkeys(unmeasured)), assumptions)
        return (*whole, *told_of_drivers(drivers, currency), *gaps) if months else tuple(whole)

    def _actuals_of(self, measured: Measured) -> Figures:
        return {key: actual_figures(self._document, key, series, self._committed) for key, series in measured.series.items()}

    def _computed(self, figures: Figures) -> Computation:
        if not figures:
            return self._committed
        return compute(self._document, scenario=self._committed.scenario, overrides=figures)

    def _to_date(self, computation: Computation) -> Decimal:
        return to_date(value_delivered(self._document, computation), self._shares)

    def _worth(self, rows: frozenset[str]) -> dict[str, Decimal]:
        """Each driver's value to date with these rows at their actuals."""
        computed = self._computed({key: self._actuals[key] for key in self._actuals if key in rows})
        return {driver.key: to_date(driver.values, self._shares) for driver in computed.drivers}

    def _driver(self, index: int, actual: Computation, forecast: Computation, attribution: Attribution) -> DriverRealization:
        promised, reached, expected = self._committed.drivers[index], actual.drivers[index], forecast.drivers[index]
        committed_now, actual_now = to_date(promised.values, self._shares), to_date(reached.values, self._shares)
        parts = attribution.parts.get(promised.key, {})
        variance = [self._part(key, amount) for key, amount in parts.items() if amount]
        return DriverRealization(
            key=promised.key,
            label=promised.label,
            impact=promised.impact,
            counted=promised.counted,
            committed_to_date=committed_now,
            actual_to_date=actual_now,
            attainment_pct=_percent_of(actual_now, committed_now),
            variance=tuple(sorted(variance, key=lambda part: abs(part.amount), reverse=True)),
            residual=attribution.residual.get(promised.key, ZERO),
            committed_term=promised.total,
            forecast_term=expected.total,
            forecast_pct=_percent_of(expected.total, promised.total),
        )

    def _part(self, key: str, amount: Decimal) -> VariancePart:
        row = self._document.row(key)
        time = added(list(self._shares))
        committed = ENGINE.divide(to_date(given(self._document, self._committed, key), self._shares), time)
        actual = ENGINE.divide(to_date(self._actuals[key], self._shares), time)
        return VariancePart(row=key, label=row.label, unit=row.unit, committed=committed, actual=actual, amount=amount)

    def _assumption(self, key: str) -> AssumptionActual:
        row, series = self._document.row(key), self._measured.series[key]
        line = fit(series)
        periods = range(len(self._document.periods))
        actual = tuple(self._actuals[key][i] if measured_months(self._document, series, i) else None for i in periods)
        return AssumptionActual(
            row=key,
            label=row.label,
            unit=row.unit,
            kpi=row.kpi or row.key,
            committed=given(self._document, self._committed, key),
            actual=actual,
            forecast=self._forecasts[key],
            months=len(series),
            last=series[max(series)],
            recent=mean([series[month] for month in sorted(series)[-RECENT_MONTHS:]]),
            slope_per_month=ENGINE.divide(Decimal(line.slope.numerator), Decimal(line.slope.denominator)),
            method=line.method,
        )

    def _month(self, months: int) -> MonthToDate:
        """What one would have reported after ``months`` months."""
        known = {key: {m: v for m, v in series.items() if m < months} for key, series in self._measured.series.items()}
        measured = replace(self._measured, series={key: series for key, series in known.items() if series}, months=months)
        shares = elapsed_shares(self._document, months)
        actual = self._computed(self._actuals_of(measured))
        return MonthToDate(
            month=month_name(self._starts_on, months - 1),
            committed=to_date(value_delivered(self._document, self._committed), shares),
            actual=to_date(value_delivered(self._document, actual), shares),
        )


def _percent_of(part: Decimal, whole: Decimal) -> Decimal | None:
    """``part`` in percent of ``whole``; None where there is nothing to measure against."""
    return ENGINE.multiply(ENGINE.divide(part, whole), Decimal(100)) if whole > 0 else None
