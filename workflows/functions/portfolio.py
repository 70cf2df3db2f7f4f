"""Reviewing all business cases of a tenant that the person who asks may see: each computed anew, then told in one page."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from valuefabric.domain.manifesto import review_case
from valuefabric.domain.model import compute
from valuefabric.governance.selectors import rule_set_active
from valuefabric.models import BusinessCase
from valuefabric.models.states import CaseState
from valuefabric.selectors.customers import customers_visible_to
from valuefabric.selectors.documents import document_of
from valuefabric.selectors.reviews import case_under_review
from workflows.steps.functions import StepFunction
from workflows.steps.protocol import StepRun

_OVER = (CaseState.WITHDRAWN, CaseState.SUPERSEDED)


def summary(standings: Sequence[Mapping[str, Any] | None]) -> dict[str, Any]:
    """Cases by state, their net present value by currency, and those that need somebody, the largest first."""
    known = [standing for standing in standings if standing]
    npv: dict[str, Decimal] = {}
    states: dict[str, int] = {}
    for standing in known:
        npv[standing["currency"]] = npv.get(standing["currency"], Decimal(0)) + Decimal(standing["npv"])
        states[standing["state"]] = states.get(standing["state"], 0) + 1
    needy = [standing for standing in known if standing["violations"]]
    return {
        "cases": len(known),
        "states": states,
        "npv": {currency: str(value) for currency, value in sorted(npv.items())},
        "attention": sorted(needy, key=lambda standing: -Decimal(standing["npv"])),
    }


def _cases(run: StepRun, _prepared: Any) -> Mapping[str, Any]:
    rows = BusinessCase.objects.filter(customer__in=customers_visible_to(run.actor)).exclude(state__in=_OVER)
    return {"cases": [str(public_id) for public_id in rows.order_by("id").values_list("public_id", flat=True)]}


def _standing_of(run: StepRun) -> dict[str, Any]:
    rows = BusinessCase.objects.filter(customer__in=customers_visible_to(run.actor)).select_related("customer", "model_version")
    case = rows.get(public_id=run.inputs["case"])
    document = document_of(case.model_version)
    review = review_case(case_under_review(case), rule_set_active())
    return {
        "case": str(case.public_id),
        "customer": case.customer.name,
        "state": case.state,
        "currency": document.currency,
        "npv": str(compute(document).measures.npv),
        "violations": [result.key for result in review.violations],
    }


def _standing(_run: StepRun, prepared: Any) -> Mapping[str, Any]:
    found: Mapping[str, Any] = prepared
    return found


def _summary(run: StepRun, _prepared: Any) -> Mapping[str, Any]:
    return summary(run.inputs["items"]) | {"failed": run.inputs["failed"]}


FUNCTIONS = (
    StepFunction("portfolio.cases", commit=_cases),
    StepFunction("portfolio.standing", prepare=_standing_of, commit=_standing),
    StepFunction("portfolio.summary", commit=_summary),
)
