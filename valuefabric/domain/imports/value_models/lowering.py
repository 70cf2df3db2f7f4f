"""A ValueModel with its figures as rows of a model."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from typing import Literal

from valuefabric.domain.formulas.arithmetic import ENGINE
from valuefabric.domain.imports.choices import Choices
from valuefabric.domain.imports.keys import key_of
from valuefabric.domain.imports.report import Finding, ImportedRow
from valuefabric.domain.imports.value_models.equations import EquationError, names_in, translated
from valuefabric.domain.imports.value_models.files import Found
from valuefabric.domain.imports.value_models.schema import Applicability, Claim, Estimate, ValueDriver, Variable
from valuefabric.domain.imports.workbook import texts
from valuefabric.domain.imports.workbook.texts import Piece
from valuefabric.domain.imports.workbook.words import impact_of
from valuefabric.domain.model import Driver, Source

DEFAULT_YEARS = 3
_BASIS: Mapping[str, Literal["benchmark", "estimate"]] = {
    "customer_data": "benchmark", "third_party_research": "benchmark", "internal_testing": "benchmark",
    "analyst_estimate": "estimate", "vendor_estimate": "estimate",
}  # fmt: skip
_IMPACTS: tuple[tuple[str, Literal["revenue", "cost", "risk"]], ...] = (
    ("revenue", "revenue"),
    ("risk", "risk"),
    ("cost", "cost"),
    ("capital", "cost"),
)


@dataclass(slots=True)
class Lowered:
    """Rows as a document takes them, in the making; ``types`` are the standard's types by row."""

    years: int
    rows: list[dict[str, object]] = field(default_factory=list)
    drivers: list[Driver] = field(default_factory=list)
    types: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    missing: list[Finding] = field(default_factory=list)
    told: list[ImportedRow] = field(default_factory=list)


class Lowering:
    """Puts together the rows of one file."""

    def __init__(self, found: Found, name: str, choices: Choices) -> None:
        self.found, self.name, self.model = found, name, found.model
        self.out = Lowered(self._years(choices))
        keys: dict[str, str] = {}
        for variable in self.model.variables:
            keys[variable.name] = key_of(variable.name, set(keys.values()))
        self.keys = keys
        self.estimates = {one.name: (index, one) for index, one in enumerate(found.customer.variables)} if found.customer else {}
        self.claims = {one.variable_name: (index, one) for index, one in enumerate(found.claims.claims)} if found.claims else {}
        self.applies = {one.name: one for one in found.customer.value_drivers} if found.customer else {}
        if not self.out.findings and all(d.continuity_profile.time_horizon_years is None for d in self.model.value_drivers):
            self._assumed_years(choices)

    def lower(self) -> Lowered:
        """Everything; what lacks a figure is in ``missing``, and then the rows compute nothing."""
        derived = {one.variable for one in self.model.dependencies}
        used = self._used()
        for index, variable in enumerate(self.model.variables):
            if variable.name not in derived:
                self._variable(index, variable, needed=variable.name in used)
        for index, one in enumerate(self.model.dependencies):
            self._dependency(index, one.variable, one.equation)
        for index, driver in enumerate(self.model.value_drivers):
            self._driver(index, driver)
        return self.out

    def _years(self, choices: Choices) -> int:
        stated = [one.continuity_profile.time_horizon_years or 0 for one in self.model.value_drivers]
        return choices.years or max(stated) or DEFAULT_YEARS

    def _assumed_years(self, choices: Choices) -> None:
        if choices.years is None:
            why = f"no driver says for how many years it lasts; {DEFAULT_YEARS} were taken"
            self._find("assumed", "ValueModel", ".value_drivers", "", why, "Choose the number of years.")

    def _used(self) -> set[str]:
        equations = [driver.equation for driver in self.model.value_drivers] + [one.equation for one in self.model.dependencies]
        return set().union(*(names_in(equation) for equation in equations))

    def _path(self, kind: str, rest: str) -> str:
        return f"{self.found.paths[kind]}{rest}"

    def _find(
        self,
        kind: Literal["assumed", "left_out", "not_understood"],
        where: str,
        rest: str,
        text: str,
        why: str,
        advice: str = "",
        row: str = "",
    ) -> None:
        self.out.findings.append(Finding(kind, self._path(where, rest), text, why, advice, row))

    # Variables.

    def _variable(self, index: int, variable: Variable, *, needed: bool) -> None:
        path = f".variables[{index}]"
        figure = self._figure(index, variable)
        if figure is None:
            finding = Finding(
                "not_understood", self._path("ValueModel", path), variable.display_name, "it has no figure",
                f"Give {variable.name} a default_value, or add a CustomerVariables document with its value.",
            )  # fmt: skip
            if needed:
                self.out.missing.append(finding)
            else:
                self._find("left_out", "ValueModel", path, variable.display_name, "it has no figure, and no equation uses it")
            return
        value, low, high, source, place, confidence, note = figure
        share = Decimal("0.01") if variable.type == "Percentage" else Decimal(1)
        row: dict[str, object] = {
            "key": self.keys[variable.name],
            "label": variable.display_name,
            "values": (value * share,) * self.out.years,
            "source": source,
            "note": _note(variable, note),
        }
        if confidence is not None:
            row["confidence"] = "high" if confidence >= Decimal("0.8") else "medium" if confidence >= Decimal("0.5") else "low"
        if low is not None and high is not None and low <= value <= high:
            row |= {"low": (low * share,) * self.out.years, "high": (high * share,) * self.out.years}
        self._keep(row, variable.type, place, "figures")

    def _figure(
        self, index: int, variable: Variable
    ) -> tuple[Decimal, Decimal | None, Decimal | None, Source, str, Decimal | None, str] | None:
        """Value, ends, source, place, confidence, note: the customer's figure, else the claim's middle, else the default."""
        estimate: tuple[int, Estimate] | None = self.estimates.get(variable.name)
        claim: tuple[int, Claim] | None = self.claims.get(variable.name)
        low, high = (claim[1].min, claim[1].max) if claim else (None, None)
        if estimate is not None:
            place = self._path("CustomerVariables", f".variables[{estimate[0]}].value")
            source = Source(kind="evidence", reference=f"{self.name}, {place}"[:500])
            return estimate[1].value, low, high, source, place, estimate[1].confidence, estimate[1].triangulation_notes
        if claim is not None:
            place = self._path("BenchmarkClaims", f".claims[{claim[0]}].median")
            source = Source(kind=_BASIS[claim[1].basis], reference=f"{self.name}, {place} ({claim[1].basis})"[:500])
            return claim[1].median, low, high, source, place, None, claim[1].notes
        if variable.default_value is not None:
            place = self._path("ValueModel", f".variables[{index}].default_value")
            source = Source(kind="benchmark", reference=f"{self.name}, {place}"[:500])
            return variable.default_value, None, None, source, place, None, ""
        return None

    # Equations.

    def _dependency(self, index: int, name: str, equation: str) -> None:
        path = f".dependencies[{index}].equation"
        variable = next((one for one in self.model.variables if one.name == name), None)
        key = self.keys.setdefault(name, key_of(name, set(self.keys.values())))
        label, type_ = (variable.display_name, variable.type) if variable else (name, "Numeric")
        formula = self._equation(equation, path)
        if formula is not None:
            self._keep({"key": key, "label": label, "formula": formula.text}, type_, path, "formula", equation)

    def _equation(self, equation: str, path: str) -> Piece | None:
        percents = [one.name for one in self.model.variables if one.type == "Percentage"]
        for name in percents:
            if re.search(rf"\b{name}\b\s*\)?\s*/\s*100\b", equation):
                why = f"it divides {name} by 100, although the standard puts percentages into equations as fractions"
                self._find("assumed", "ValueModel", path, equation, why, "Check the figure: it may be a hundred times too small.")
        try:
            return translated(equation, self.keys)
        except EquationError as error:
            place = self._path("ValueModel", path)
            self.out.missing.append(
                Finding("not_understood", place, equation[:300], str(error), "Write it with + - * / and numbers.")
            )
            return None

    def _driver(self, index: int, driver: ValueDriver) -> None:
        path = f".value_drivers[{index}]"
        applies: Applicability | None = self.applies.get(driver.name)
        taken = {str(row["key"]) for row in self.out.rows} | set(self.keys.values())
        key = key_of(driver.name, taken)
        formula = self._equation(driver.equation, f"{path}.equation")
        if formula is None:
            return
        if (share := self._continuity(driver, key, path)) is not None:
            formula = texts.joined(formula, "*", Piece(share))
        row: dict[str, object] = {"key": key, "label": driver.name, "role": "benefit", "driver": key, "note": driver.description}
        if applies is not None:
            _adjust(row, applies)
        self._keep(row | {"formula": formula.text}, "Money", f"{path}.equation", "formula", driver.equation)
        counted = applies is None or applies.selected
        note = "" if counted or applies is None else applies.reason
        self.out.drivers.append(
            Driver(
                key=key,
                label=driver.name[:500],
                impact=_impact(driver),
                kpi=driver.key_category_metric[:500],
                counted=counted,
                note=note,
            )
        )
        if driver.tiers_or_modules:
            self._find(
                "left_out",
                "ValueModel",
                f"{path}.tiers_or_modules",
                ", ".join(driver.tiers_or_modules),
                "tiers and modules are not part of a model",
            )
        self._metric(driver, key, path)

    def _continuity(self, driver: ValueDriver, key: str, path: str) -> str | None:
        """The row with the share of the first year's value that each year has; None where all years have all of it."""
        profile, years = driver.continuity_profile, self.out.years
        lasts = 1 if profile.type == "one_time" else profile.time_horizon_years or years
        kept = 1 - (profile.annual_decay_rate or Decimal(0))
        with localcontext(ENGINE):
            shares = tuple(kept**year if year < lasts else Decimal(0) for year in range(years))
        if all(share == 1 for share in shares):
            return None
        share_key = key_of(f"{key}_share", {str(row["key"]) for row in self.out.rows} | set(self.keys.values()) | {key})
        place = self._path("ValueModel", f"{path}.continuity_profile")
        row: dict[str, object] = {
            "key": share_key,
            "label": f"Share of the first year's value: {driver.name}"[:500],
            "values": tuple(round(share, 20) for share in shares),
            "source": Source(kind="convention", reference=f"{self.name}, {place}"[:500]),
            "driver": key,
        }
        self._keep(row, "Percentage", place, "figures")
        return share_key

    def _metric(self, driver: ValueDriver, key: str, path: str) -> None:
        if not driver.key_category_metric_equation:
            return
        try:
            formula = translated(driver.key_category_metric_equation, self.keys).text
        except EquationError as error:
            self._find(
                "not_understood",
                "ValueModel",
                f"{path}.key_category_metric_equation",
                driver.key_category_metric_equation[:300],
                str(error),
            )
            return
        metric = key_of(f"{key}_metric", {str(row["key"]) for row in self.out.rows} | set(self.keys.values()))
        row: dict[str, object] = {
            "key": metric,
            "label": (driver.key_category_metric or f"Metric: {driver.name}")[:500],
            "driver": key,
            "formula": formula,
        }
        self._keep(row, "", f"{path}.key_category_metric_equation", "formula", driver.key_category_metric_equation)

    def _keep(self, row: dict[str, object], type_: str, path: str, how: Literal["figures", "formula"], theirs: str = "") -> None:
        self.out.rows.append(row)
        key = str(row["key"])
        self.out.types[key] = type_
        place = path if path.startswith(("$", "JSON")) else self._path("ValueModel", path)
        role = str(row.get("role", ""))
        ours, locator = str(row.get("formula", "")), place if place.startswith("$") else ""
        self.out.told.append(ImportedRow(key, str(row["label"]), "", role, (place,), how, theirs, ours, locator))


def _adjust(row: dict[str, object], applies: Applicability) -> None:
    """Risk and attribution, which a row has by the same names and in the same sense."""
    adjustments = applies.risk_adjustments
    if adjustments.execution_risk:
        row["risk_adjustment"] = adjustments.execution_risk
    if adjustments.attribution_percentage != 100:
        row["attribution"] = adjustments.attribution_percentage / 100


def _note(variable: Variable, note: str) -> str:
    unit = f"Unit: {variable.unit}." if variable.unit else ""
    return " ".join(part for part in (variable.description, unit, note) if part)[:5_000]


def _impact(driver: ValueDriver) -> Literal["revenue", "cost", "risk"]:
    words = driver.category.lower()
    return next((impact for word, impact in _IMPACTS if word in words), None) or impact_of(f"{driver.category} {driver.name}")
