"""What-ifs beside the base: each with what it changes, what it is worth by that, and how far that is from the base."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from valuefabric.domain.finance.measures import Measures
from valuefabric.domain.formulas.arithmetic import ENGINE
from valuefabric.domain.model import ModelDocument, compute
from valuefabric.domain.model.variation import HALF_BENEFITS
from valuefabric.models import Customer
from valuefabric.selectors.model_draft import ModelDraft
from vos.web.places import part_url
from vos.web.presenters.amounts import amount, plain

type Context = dict[str, Any]

_MEASURES = ("pv_benefits", "pv_costs", "npv")


def what_if_entries(draft: ModelDraft, customer: Customer) -> list[Context]:
    """The draft's own what-ifs, then the stress that every model has."""
    document = draft.document
    labels = {row.key: row.label for row in document.rows}
    saved = {one.key for one in draft.saved_document.scenarios}
    made = [
        {
            "key": one.key,
            "label": one.label,
            "why": one.why,
            "changes": [labels[change.row] for change in one.changes],
            "is_own": True,
            "url": _url(customer, draft, one.key) if one in draft.saved_document.scenarios else "",
            "is_saved": one.key in saved,
            **_worth(draft, one.key),
        }
        for one in document.scenarios
    ]
    half = {"key": HALF_BENEFITS, "label": _("Every benefit halved"), "why": _("Every model has this one."), "changes": []}
    return [*made, {**half, "is_own": False, "url": _url(customer, draft, HALF_BENEFITS), **_worth(draft, HALF_BENEFITS)}]


def beside_base(base: Measures, other: Measures, document: ModelDocument) -> list[Context]:
    """The measures that a decision is made on, before and after."""
    names = {"pv_benefits": _("Benefits, present value"), "pv_costs": _("Costs, present value"), "npv": _("Net present value")}
    rows = [
        {
            "label": names[name],
            "base": plain(getattr(base, name), document.currency),
            "other": plain(getattr(other, name), document.currency),
        }
        for name in _MEASURES
    ]
    return [*rows, {"label": _("Payback"), "base": _payback(base), "other": _payback(other)}]


def _worth(draft: ModelDraft, key: str) -> Context:
    npv = compute(draft.document, scenario=key).measures.npv
    by = ENGINE.subtract(npv, draft.computed.measures.npv)
    sign = "+" if by > 0 else ""
    return {"npv": amount(npv, draft.document.currency), "by": f"{sign}{plain(by, draft.document.currency)}" if by else "±0"}


def _payback(measures: Measures) -> str:
    if measures.payback_months is None and measures.total_costs == Decimal(0):
        return "–"
    return measures.payback_text


def _url(customer: Customer, draft: ModelDraft, key: str) -> str:
    return f"{part_url(customer, 'model')}?scenario={key}&version={draft.version.public_id}"
