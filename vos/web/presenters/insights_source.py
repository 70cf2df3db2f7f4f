"""What the drawer says about a sum over customers: each customer's part, which leads on to that customer's own source."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from valuefabric.selectors.insights import Promise
from vos.web.presenters.insights import report_cell
from vos.web.presenters.insights_sums import driver_sums, learned
from vos.web.templatetags.figures import money, quantity

type Source = dict[str, Any]

_TOTALS = {
    "promised": (
        "Promised",
        "pv_benefits",
        "The present value of the benefits of every standing commitment, each at its own start.",
    ),
    "committed": ("Due to date", "committed_to_date", "What the commitments promised for the time that is measured."),
    "actual": (
        "Realized to date",
        "actual_to_date",
        "What was measured for the same time, computed with the committed models.",
    ),
}


class CellUnknown(LookupError):
    """There is no such sum."""


def source_of(cell: str, promises: Sequence[Promise]) -> Source:
    """The drawer's content for ``promised:USD``, ``driver:retention:USD``, ``assumption:utilization:percent``.

    Raises CellUnknown.
    """
    kind, _colon, rest = cell.partition(":")
    if kind in _TOTALS:
        return _total(kind, rest, promises)
    if kind == "driver":
        return _driver(rest, promises)
    if kind == "assumption":
        return _assumption(rest, promises)
    raise CellUnknown(cell)


def _total(kind: str, currency: str, promises: Sequence[Promise]) -> Source:
    title, name, words = _TOTALS[kind]
    own = [one for one in promises if one.currency == currency and (kind == "promised" or one.result)]
    if not own:
        raise CellUnknown(currency)
    amounts = [(one, _amount(one, name)) for one in own]
    cell = "committed_term" if kind == "promised" else name
    return {
        **_computed(_(title), _(words)),
        "value": money(sum((amount for _one, amount in amounts), Decimal(0)), currency),
        "inputs": [
            {"label": one.name, "value": money(amount, currency), "url": report_cell(one, cell)} for one, amount in amounts
        ],
    }


def _driver(rest: str, promises: Sequence[Promise]) -> Source:
    key, _colon, currency = rest.rpartition(":")
    found = next((one for one in driver_sums(promises) if (one.key, one.currency) == (key, currency)), None)
    if found is None:
        raise CellUnknown(rest)
    words = _("The sum of what each customer's newest report shows for this driver; committed in brackets is for the same time.")
    return {
        **_computed(found.label, words),
        "value": money(found.actual if found.parts else None, currency),
        "inputs": [
            {"label": part.promise.name, "value": money(part.actual, currency), "url": report_cell(part.promise, part.cell)}
            for part in found.parts
        ],
        "note": _("Promised: %(n)d customers; measured: %(m)d.") % {"n": len(found.customers), "m": len(found.parts)},
    }


def _assumption(rest: str, promises: Sequence[Promise]) -> Source:
    kpi, _colon, unit = rest.partition(":")
    found = next((one for one in learned(promises) if (one.kpi, one.unit) == (kpi, unit)), None)
    if found is None:
        raise CellUnknown(rest)
    words = _("The mean over customers of what the last three months brought; each customer counts once per commitment.")
    return {
        **_computed(found.label, words),
        "value": quantity(found.recent, unit),
        "inputs": [
            {"label": promise.name, "value": quantity(row.recent, unit), "url": report_cell(promise, f"assumption.{row.row}")}
            for promise, row, _committed in found.rows
        ],
    }


def _amount(promise: Promise, name: str) -> Decimal:
    return Decimal(promise.pv_benefits if name == "pv_benefits" else (promise.result or {})[name])


def _computed(title: str, words: str) -> Source:
    return {"title": title, "kind": "computed", "kind_label": _("computed"), "formula_words": words}
