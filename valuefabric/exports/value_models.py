"""A model as a ValueModel of The Value Project, schema version 1.0.0 (github.com/The-Value-Project/value-models).

The standard has one figure a variable and one equation a driver, for a year, that recurs with a yearly decay or does not. What a
model has beyond that (costs, ranges, figures by year, other periods) it cannot say; all of it is listed, in the file as well.
"""

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from valuefabric.domain.formulas import compile_formula
from valuefabric.domain.imports.value_models.schema import VERSION
from valuefabric.domain.model import Computation, ModelDocument, Row, compute
from valuefabric.exports.model_formats import ExportRefused
from valuefabric.exports.value_models_equations import NotExpressible, equation

_RESERVED_WORDS = """
    break case class const default delete do else export false function in let new null return static super switch this true
    typeof var void while with yield Math
"""
_RESERVED = frozenset(_RESERVED_WORDS.split())
_CATEGORIES = {"revenue": "Revenue Enhancement", "cost": "Cost Reduction", "risk": "Risk Reduction"}
_NEAR = Decimal("1e-12")


def value_model(document: ModelDocument) -> tuple[str, tuple[str, ...]]:
    """The JSON text, and what of the model is left out. Raises ExportRefused when nothing of it can be said."""
    if document.conventions.months_per_period != 12:
        raise ExportRefused("a ValueModel counts in years; this model counts in other periods")
    made = _Export(document)
    plain = made.plain()
    if not plain["value_drivers"]:
        why = "; ".join(made.left_out) or "it has no benefit"
        raise ExportRefused(f"no benefit of the model can be said as a ValueModel: {why}")
    return json.dumps(plain, ensure_ascii=False, indent=2) + "\n", tuple(made.left_out)


class _Export:
    def __init__(self, document: ModelDocument) -> None:
        self.document = document
        self.computation: Computation = compute(document)
        self.left_out: list[str] = []
        self._first = 1 if document.conventions.initial_period == "undiscounted" else 0
        self._names = {row.key: f"{row.key}_" if row.key in _RESERVED else row.key for row in document.rows}
        self._needed: dict[str, Row] = {}
        self._equations: dict[str, str] = {}
        self._uses: dict[str, frozenset[str]] = {}

    def plain(self) -> dict[str, Any]:
        """The document of the standard."""
        drivers = [one for row in self.document.rows if row.role == "benefit" and (one := self._driver(row)) is not None]
        varying = [row.label for row in self._needed.values() if row.formula is None and self._varies(row)]
        if varying:
            self.left_out.append(f"the figures of later years, where only the first year's can be given: {', '.join(varying)}")
        costs = [row.label for row in self.document.rows if row.role == "cost"]
        if costs:
            self.left_out.append(f"costs, which belong into a PricingModel: {', '.join(costs)}")
        plain: dict[str, Any] = {
            "schema_version": VERSION,
            "model_id": self.document.id,
            "product_name": self.document.title,
            "product_description": self.document.source,
            "variables": [self._variable(row) for row in self._needed.values()],
            "dependencies": list(self._dependencies()),
            "value_drivers": drivers,
            "tiers_and_modules": [],
            "x-currency": self.document.currency,
        }
        return plain | ({"x-left-out": self.left_out} if self.left_out else {})

    def _regular(self, values: Sequence[Decimal]) -> tuple[Decimal, ...]:
        """The years, without an initial column."""
        return tuple(values[self._first :])

    def _varies(self, row: Row) -> bool:
        years = self._regular(self.computation.rows[row.key].values)
        return any(value != years[0] for value in years)

    # Drivers.

    def _driver(self, row: Row) -> dict[str, Any] | None:
        driver = next((one for one in self.document.drivers if one.key == row.driver), None)
        if driver is not None and not driver.counted:
            self.left_out.append(f"{row.label}: its driver does not count")
            return None
        profile = self._continuity(row)
        if profile is None:
            self.left_out.append(f"{row.label}: its value differs from year to year in a way that no yearly decay describes")
            return None
        before = dict(self._needed)
        try:
            text = self._equation(row)
        except NotExpressible as error:
            self._needed = before
            self.left_out.append(f"{row.label}: {error}")
            return None
        label = driver.label if driver is not None and sum(r.driver == row.driver for r in self._benefits()) == 1 else row.label
        entry: dict[str, Any] = {
            "name": label,
            "category": _CATEGORIES[driver.impact] if driver is not None else "",
            "equation": text,
            "description": row.note or row.label,
            "variables_used": sorted(self._used(row)),
            "continuity_profile": profile,
            "tiers_or_modules": [],
        }
        return entry | ({"key_category_metric": driver.kpi} if driver is not None and driver.kpi else {})

    def _benefits(self) -> Iterator[Row]:
        return (row for row in self.document.rows if row.role == "benefit")

    def _continuity(self, row: Row) -> dict[str, Any] | None:
        """Recurring, with a decay where each year has the same share of the one before; one time; or None for neither."""
        values = self.computation.rows[row.key].values
        years = self._regular(values)
        if any(values[: self._first]) or not years[0]:
            return None
        if len(years) > 1 and not any(years[1:]):
            return {"type": "one_time"}
        lasting = len([year for year in years if year])
        kept = years[1] / years[0] if len(years) > 1 else Decimal(1)
        steady = all(abs(years[at] - years[at - 1] * kept) <= abs(years[0]) * _NEAR for at in range(1, lasting))
        if not steady or any(years[lasting:]) or not 0 <= kept <= 1:
            return None
        profile: dict[str, Any] = {"type": "recurring", "time_horizon_years": lasting}
        return profile | ({"annual_decay_rate": float(round(1 - kept, 15))} if kept != 1 else {})

    def _equation(self, row: Row) -> str:
        """The first year's value; what the model does to it after the formula is written out. Raises NotExpressible."""
        if row.formula is None:
            self._need(row.key)
            text = self._names[row.key]
        else:
            text = self._of_formula(row)
        self._check(row)
        if row.attribution is not None:
            share = f"{row.attribution:f}" if isinstance(row.attribution, Decimal) else self._named(row.attribution)
            text = f"({text} * {share})"
        if row.formula is not None and row.risk_adjustment is not None:
            text = f"({text} * (1 - {row.risk_adjustment:f}))"
        return text

    def _of_formula(self, row: Row) -> str:
        """What a formula says in the first year; remembers the rows that it needs there."""
        used: dict[str, str] = {}
        text = equation(compile_formula(row.formula or "0", row=row.key).tree, self._names, used, initial=bool(self._first))
        for key in used:
            self._need(key)
        self._uses[row.key] = frozenset(used.values())
        return text

    def _check(self, row: Row) -> None:
        """Refuse what the model does to a row beyond its formula and that an equation does not say."""
        for name in ("round", "convert", "escalation", "timing", "phase_in", "phase_out", "probability"):
            if getattr(row, name, None) is not None:
                raise NotExpressible(f"the row has {name.replace('_', ' ')}")

    # Variables.

    def _named(self, key: str) -> str:
        self._need(key)
        return self._names[key]

    def _need(self, key: str) -> None:
        """Remember a variable, and those that it is computed of."""
        if key in self._needed:
            return
        row = self._needed[key] = self.document.row(key)
        if row.formula is not None:
            self._check(row)
            if row.risk_adjustment is not None or row.attribution is not None:
                raise NotExpressible(f"{row.label} is adjusted after its formula")
            self._equations[key] = self._of_formula(row)

    def _used(self, row: Row) -> frozenset[str]:
        return self._uses[row.key] if row.formula is not None else frozenset({self._names[row.key]})

    def _variable(self, row: Row) -> dict[str, Any]:
        first = self._regular(self.computation.rows[row.key].values)[0]
        kind, value = "Numeric", first
        if row.unit in {"percent", "%"}:
            kind, value = "Percentage", first * 100
        elif row.unit == self.document.currency or row.unit.startswith(f"{self.document.currency}/"):
            kind = "Money"
        entry: dict[str, Any] = {
            "name": self._names[row.key],
            "display_name": row.label,
            "description": " ".join(part for part in (row.note, row.source.reference if row.source else "") if part) or row.label,
            "type": kind,
            "category": "Improvement Claim" if row.low is not None or row.high is not None else "Customer Variable",
            "unit": row.unit,
        }
        return entry if row.formula is not None else entry | {"default_value": _number(value)}

    def _dependencies(self) -> Iterator[dict[str, str]]:
        for key in self._needed:
            if key in self._equations:
                yield {"variable": self._names[key], "equation": self._equations[key]}


def _number(value: Decimal) -> int | float:
    """A number of JSON; the standard has no decimals as text."""
    return int(value) if value == value.to_integral_value() else float(value)
