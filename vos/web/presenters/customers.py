"""The list of customers, and the line above each of a customer's pages."""

from collections.abc import Collection, Iterator
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from valuefabric.models import BusinessCase, Customer
from valuefabric.models.states import CaseState, Stage
from valuefabric.selectors.overview import Standing
from vos.web.places import part_url

CSV_COLUMNS = (
    "name", "industry", "naics", "country", "owner", "stage", "case_state", "currency", "promised_present_value",
    "realized_to_date", "net_present_value", "renewal_risk", "added_on",
)  # fmt: skip
# What a spreadsheet would take for a formula when it opens the file.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def stage_label(stage: str) -> str:
    """A stage's name."""
    return _(Stage(stage).value.capitalize())


def customer_line(customer: Customer, status: str = "", status_label: str = "") -> dict[str, str]:
    """The header line of a customer's pages."""
    return {
        "name": customer.name,
        "url": part_url(customer, "customer"),
        "stage": stage_label(customer.stage),
        "owner": str(customer.owner),
        "status": status,
        "status_label": status_label,
    }


def case_status(case: BusinessCase | None, *, asked: bool) -> tuple[str, str]:
    """A case's state as a badge knows it, and its words; ``asked`` when its approval is being waited for."""
    if case is None:
        return "", ""
    if asked and case.state == CaseState.STAMPED:
        return "waiting", _("Waits for approval")
    return str(case.state), ""


def customer_rows(standings: list[Standing], asked: Collection[str]) -> list[dict[str, Any]]:
    """The rows of the list. ``asked`` are the references of cases whose approval is being waited for."""
    return [_row(standing, asked) for standing in standings]


def promised(standing: Standing) -> Decimal | None:
    """What is committed: the present value of the benefits of the standing commitment."""
    return Decimal(standing.commitment.measures["pv_benefits"]) if standing.commitment else None


def net_present_value(standing: Standing) -> Decimal | None:
    """Of the commitment, or of the case as it is drafted now."""
    if standing.commitment:
        return Decimal(standing.commitment.measures["npv"])
    return Decimal(standing.case.model_version.measures["npv"]) if standing.case else None


def realized(standing: Standing) -> Decimal | None:
    """Measured to date, of counted drivers."""
    return Decimal(standing.report.result["actual_to_date"]) if standing.report else None


def renewal_risk(standing: Standing) -> str:
    """Low, medium or high; nothing before anything was measured."""
    return str(standing.report.result["renewal_risk"]["level"]) if standing.report else ""


def currency_of(standing: Standing) -> str:
    """The currency that the customer's figures are in."""
    return standing.case.model_version.model.currency if standing.case else standing.customer.currency


def _row(standing: Standing, asked: Collection[str]) -> dict[str, Any]:
    customer, case = standing.customer, standing.case
    status, _label = case_status(case, asked=bool(case and case.reference in asked))
    return {
        "name": customer.name,
        "url": part_url(customer, "customer"),
        "industry": customer.industry,
        "stage": stage_label(customer.stage),
        "stage_state": status or "now",
        "owner": str(customer.owner),
        "promised": promised(standing),
        "realized": realized(standing),
        "npv": net_present_value(standing),
        "currency": currency_of(standing),
        "risk": renewal_risk(standing),
        "updated_at": customer.updated_at,
    }


def csv_rows(standings: list[Standing]) -> Iterator[list[str]]:
    """The same as rows of a file: amounts exact and without grouping, words safe to open in a spreadsheet."""
    for standing in standings:
        customer, case = standing.customer, standing.case
        words = [customer.name, customer.industry, customer.naics, customer.country, str(customer.owner), customer.stage]
        amounts = [promised(standing), realized(standing), net_present_value(standing)]
        yield [
            *(_inert(word) for word in words),
            case.state if case else "",
            currency_of(standing),
            *("" if amount is None else str(amount) for amount in amounts),
            renewal_risk(standing),
            customer.created_at.date().isoformat(),
        ]


def _inert(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
