"""What the drawer says about one figure of a realization report: how it came about, and out of which other figures."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from valuefabric.domain.model import ModelDocument
from valuefabric.domain.realization import AssumptionActual, DriverRealization, RenewalPolicy, VariancePart
from valuefabric.models import TelemetryPoint
from vos.web.presenters.realization import Realized
from vos.web.presenters.realization_tables import variance_method
from vos.web.presenters.told import nowhere, share_of, signed_money, told
from vos.web.templatetags.figures import figure, money, percent, quantity

type Source = dict[str, Any]
type Input = dict[str, Any]

_TITLES = {
    "committed_to_date": "Committed to date",
    "actual_to_date": "Realized to date",
    "attainment_pct": "Attainment to date",
    "committed_term": "Committed for the whole term",
    "forecast_term": "Forecast for the whole term",
    "forecast_pct": "Forecast against the commitment",
}
_WORDS = {
    "committed_to_date": "What the committed model gives for the time measured. A running period counts by its share.",
    "actual_to_date": "The committed model for the time measured, with what was measured in place of what was assumed.",
    "attainment_pct": "Realized to date divided by committed to date.",
    "committed_term": "What the committed model gives over its whole term.",
    "forecast_term": "The committed model with what was measured, and for the months to come with the trend of it.",
    "forecast_pct": "The forecast divided by the commitment, both for the whole term.",
}
_PARTS = {"attainment_pct": ("actual_to_date", "committed_to_date"), "forecast_pct": ("forecast_term", "committed_term")}


class CellUnknown(LookupError):
    """The report has no figure of that name."""


def row_of(page: Realized, cell: str) -> str:
    """The model's row whose measurements the cell shows; empty for a cell that is computed from other cells."""
    key = cell.removeprefix("assumption.")
    return key if any(row.row == key for row in page.result.assumptions) else ""


def source_of(page: Realized, cell: str, document: ModelDocument, points: Sequence[TelemetryPoint], who: str) -> Source:
    """The drawer's content for a cell. ``points`` are those of `row_of`'s row. Raises CellUnknown."""
    if row_of(page, cell):
        return _measured(page, row_of(page, cell), document, points)
    head, _dot, rest = cell.partition(".")
    driver = next((one for one in page.result.drivers if one.key == head), None)
    if driver is not None and rest.startswith("variance."):
        found = _variance(page, driver, rest.removeprefix("variance."))
    elif driver is not None:
        found = _of_driver(page, driver, rest, document)
    else:
        found = _of_whole(page, cell)
    return {"kind": "computed", "kind_label": _("computed"), **found, "who": who, "at": page.report.created_at}


def _of_whole(page: Realized, name: str) -> Source:
    if name in _TITLES:
        value, inputs = _shown(page, page.result, name), _parts(page, "", page.result, name)
        each = [_input(page, f"{one.key}.{name}", one.label, _shown(page, one, name)) for one in page.counted]
        return {"title": _(_TITLES[name]), "value": value, "formula_words": _(_WORDS[name]), "inputs": inputs or each}
    special: dict[str, Callable[[Realized], Source]] = {
        "months": _months, "renewal_risk": _risk, "policy": _policy, "assumptions": _assumptions,
    }  # fmt: skip
    if name not in special:
        raise CellUnknown(name)
    return special[name](page)


def _of_driver(page: Realized, driver: DriverRealization, name: str, document: ModelDocument) -> Source:
    if name not in _TITLES:
        raise CellUnknown(name)
    inputs = _parts(page, f"{driver.key}.", driver, name)
    if name == "actual_to_date":
        inputs = [_part_input(page, driver, "committed_to_date"), *(_difference(page, driver, part) for part in driver.variance)]
    elif name in ("committed_to_date", "committed_term"):
        inputs = _periods(page, driver, document)
    elif name == "forecast_term":
        inputs = [_forecast_input(page, row) for row in page.result.assumptions]
    title = f"{driver.label}: {_(_TITLES[name])}"
    return {"title": title, "value": _shown(page, driver, name), "formula_words": _(_WORDS[name]), "inputs": inputs}


def _variance(page: Realized, driver: DriverRealization, row: str) -> Source:
    part = next((one for one in driver.variance if one.row == row), None)
    if part is None:
        raise CellUnknown(row)
    url = f"assumption.{row}"
    return {
        "title": _("%(driver)s: part of %(row)s in the difference") % {"driver": driver.label, "row": part.label},
        "value": signed_money(part.amount, page.result.currency),
        "formula_words": variance_method(page),
        "inputs": [
            _input(page, url, _("Committed, mean over the time measured"), quantity(part.committed, part.unit)),
            _input(page, url, _("Measured, mean over the time measured"), quantity(part.actual, part.unit)),
            _part_input(page, driver, "actual_to_date"),
            _part_input(page, driver, "committed_to_date"),
        ],
    }


def _measured(page: Realized, key: str, document: ModelDocument, points: Sequence[TelemetryPoint]) -> Source:
    row = next(one for one in page.result.assumptions if one.row == key)
    committed = [
        {
            "label": _("Committed, %(period)s") % {"period": period},
            "value": quantity(value, row.unit),
            "url": reverse("web:source", args=[page.customer.public_id, f"{key}.{period}"]),
        }
        for period, value in zip(document.periods, row.committed, strict=True)
    ]
    label = ngettext("%(n)d month measured", "%(n)d months measured", row.months) % {"n": row.months}
    return {
        "title": row.label,
        "value": quantity(row.recent, row.unit),
        "kind": "evidence",
        "kind_label": f"{label} · {_('mean of the last three')}",
        "formula_words": _("Several measurements in one month count as their mean. The forecast follows the %(method)s.")
        % {"method": row.method},
        "formula": row.kpi,
        "inputs": committed,
        "points": [_point(point) for point in points],
    }


def _months(page: Realized) -> Source:
    result = page.result
    words = _("The contract began on %(start)s; the newest measurement counted is of %(day)s or before.")
    days = {"start": date_format(result.starts_on, "DATE_FORMAT"), "day": date_format(result.as_of, "DATE_FORMAT")}
    return {"title": _("Months measured"), "value": figure(result.months), "formula_words": words % days}


def _risk(page: Realized) -> Source:
    risk = page.result.renewal_risk
    reasons = [_input(page, one.cells[0] if one.cells else "policy", told(one, nowhere), "") for one in risk.reasons]
    return {
        "title": _("Renewal risk"),
        "value": _("%(score)d of 100") % {"score": risk.score},
        "formula_words": _("The sum of the points below. The weights are a policy, not a finding."),
        "inputs": [*reasons, _input(page, "policy", _("The policy's weights"), "")],
    }


def _policy(_page: Realized) -> Source:
    policy = RenewalPolicy()
    words = _(
        "Attainment to date: 0 points from %(ag)s %% up, %(ap)s at %(ab)s %%. Forecast for the term: 0 points from %(fg)s %% up, "
        "%(fp)s at %(fb)s %%. Falling measurements: up to %(falling)s. No measurement for %(days)s days: %(silent)s. "
        "Medium from %(medium)s points, high from %(high)s."
    )
    return {
        "title": _("How renewal risk is scored"),
        "kind": "policy",
        "kind_label": _("policy"),
        "formula_words": words
        % {
            "ag": policy.attainment_good, "ap": policy.attainment_points, "ab": policy.attainment_bad,
            "fg": policy.forecast_good, "fp": policy.forecast_points, "fb": policy.forecast_bad,
            "falling": policy.falling_points, "days": policy.silent_after_days, "silent": policy.silent_points,
            "medium": policy.medium_from, "high": policy.high_from,
        },
    }  # fmt: skip


def _assumptions(page: Realized) -> Source:
    inputs = [_input(page, f"assumption.{row.row}", row.label, quantity(row.recent, row.unit)) for row in page.result.assumptions]
    note = _("Without a measurement, still as committed: %(rows)s.") % {"rows": ", ".join(page.result.unmeasured)}
    words = _("The assumptions that telemetry measures, with the mean of their last three months.")
    return {
        "title": _("Measured assumptions"),
        "value": _("%(n)d measured") % {"n": len(inputs)},
        "formula_words": words,
        "inputs": inputs,
        "note": note if page.result.unmeasured else "",
    }


def _periods(page: Realized, driver: DriverRealization, document: ModelDocument) -> list[Input]:
    """The committed model's own figures, each explained by the model page."""
    return [
        {
            "label": _("In the model, %(period)s") % {"period": period},
            "value": "",
            "url": reverse("web:source", args=[page.customer.public_id, f"driver.{driver.key}.{period}"]),
        }
        for period in document.periods
    ]


def _parts(page: Realized, prefix: str, of: object, name: str) -> list[Input]:
    return [_input(page, f"{prefix}{part}", _(_TITLES[part]), _shown(page, of, part)) for part in _PARTS.get(name, ())]


def _part_input(page: Realized, driver: DriverRealization, name: str) -> Input:
    return _input(page, f"{driver.key}.{name}", _(_TITLES[name]), _shown(page, driver, name))


def _difference(page: Realized, driver: DriverRealization, part: VariancePart) -> Input:
    return _input(page, f"{driver.key}.variance.{part.row}", part.label, signed_money(part.amount, page.result.currency))


def _forecast_input(page: Realized, row: AssumptionActual) -> Input:
    return _input(page, f"assumption.{row.row}", row.label, quantity(row.forecast[-1], row.unit))


def _input(page: Realized, cell: str, label: object, value: object) -> Input:
    return {"label": label, "value": value, "url": page.url_of(cell)}


def _shown(page: Realized, of: object, name: str) -> SafeString:
    value: Decimal | None = getattr(of, name)
    return percent(share_of(value), 1) if name.endswith("_pct") else money(value, page.result.currency)


def _point(point: TelemetryPoint) -> dict[str, Any]:
    value = percent(point.value / 100, 2) if point.unit in ("percent", "%") else quantity(point.value, point.unit)
    return {"at": point.observed_at, "value": value, "source": point.source_system, "synthetic": point.synthetic}
