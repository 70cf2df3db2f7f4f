"""Customers with the figures by which they are judged: the list, with as many queries for one as for a hundred, and one's overview."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q

from approvals.people import names_of
from tenants.actors import Actor
from valuefabric.models import BusinessCase, Commitment, Customer, ModelVersion, RealizationReport
from valuefabric.models.states import CaseState, Stage
from valuefabric.selectors.customers import customers_visible_to

LONGEST_LIST = 200


@dataclass(frozen=True)
class CustomerFigures:
    """Money in ``currency``; None where there is nothing yet. ``cells`` says for each figure which cell or report it is.

    ``promised`` is the present value of benefits: committed, or before that of the newest model; ``realized`` what telemetry
    shows to date, of ``committed_to_date``.
    """

    currency: str
    promised: Decimal | None = None
    npv: Decimal | None = None
    is_committed: bool = False
    realized: Decimal | None = None
    committed_to_date: Decimal | None = None
    attainment_pct: Decimal | None = None
    renewal_risk: str = ""
    renewal_score: int | None = None
    synthetic: bool = False
    measured_on: str = ""


@dataclass(frozen=True)
class CustomerEntry:
    """A customer in the list, with its figures and the case that its pages are about."""

    customer: Customer
    owner: str
    figures: CustomerFigures
    case: BusinessCase | None


@dataclass(frozen=True)
class StageView:
    """One stage of the path: ``done``, ``current`` or ``ahead``; when it was reached and by whom (empty if ahead)."""

    stage: str
    state: str
    at: datetime | None
    person: str


@dataclass(frozen=True)
class CustomerOverview:
    """What a customer's first page shows."""

    entry: CustomerEntry
    path: tuple[StageView, ...]
    evidence_count: int
    hypotheses_open: int
    violations: tuple[dict[str, Any], ...]


def customer_list(actor: Actor, *, search: str = "", stage: str = "") -> list[CustomerEntry]:
    """The customers the actor may see, newest first (at most 200), each with its figures; five queries however many there are."""
    rows = customers_visible_to(actor).select_related("owner").order_by("-created_at", "-id")
    if search:
        rows = rows.filter(Q(name__icontains=search) | Q(industry__icontains=search))
    if stage:
        rows = rows.filter(stage=stage)
    return customer_entries(list(rows[:LONGEST_LIST]))


def customer_entries(customers: list[Customer]) -> list[CustomerEntry]:
    """These customers with their figures; four queries however many there are."""
    ids = [customer.pk for customer in customers]
    commitments = _newest(Commitment.objects.filter(customer__in=ids, reversed_at=None))
    reports = _newest(RealizationReport.objects.filter(customer__in=ids, commitment__reversed_at=None), "-as_of")
    over = [CaseState.WITHDRAWN, CaseState.SUPERSEDED]
    cases = _newest(BusinessCase.objects.filter(customer__in=ids).exclude(state__in=over).select_related("model_version"))
    models = _newest_models(ids)
    return [
        CustomerEntry(
            customer=customer,
            owner=str(customer.owner or ""),
            figures=_figures(
                customer, commitments.get(customer.pk), cases.get(customer.pk), models.get(customer.pk), reports.get(customer.pk)
            ),
            case=cases.get(customer.pk),
        )
        for customer in customers
    ]


def customer_overview(customer: Customer) -> CustomerOverview:
    """One customer's first page. The caller has it from ``customers_visible_to``."""
    entry = customer_entries([customer])[0]
    review = entry.case.reviews.filter(content_hash=entry.case.content_hash).order_by("-id").first() if entry.case else None
    opportunities = customer.opportunities.filter(withdrawn_at=None)
    return CustomerOverview(
        entry=entry,
        path=stage_path(customer),
        evidence_count=customer.evidence.count(),
        hypotheses_open=sum(
            opportunity.hypotheses.filter(state="proposed").count() for opportunity in opportunities.order_by("-id")[:1]
        ),
        violations=tuple(review.violations) if review else (),
    )


def stage_path(customer: Customer) -> tuple[StageView, ...]:
    """The four stages with the latest time each was entered, out of the customer's history."""
    entered: dict[str, tuple[datetime, str]] = {}
    former = ""
    for row in customer.history.order_by("history_date", "history_id").values("stage", "history_date", "history_user_id"):
        if row["stage"] != former:
            entered[row["stage"]] = (row["history_date"], row["history_user_id"] or "")
        former = row["stage"]
    names = names_of(actor for _at, actor in entered.values() if actor)
    order = [stage.value for stage in Stage]
    now = order.index(customer.stage)
    return tuple(_stage(stage, index, now, entered, names) for index, stage in enumerate(order))


def _stage(
    stage: str, index: int, now: int, entered: Mapping[str, tuple[datetime, str]], names: Mapping[str, str]
) -> StageView:
    if index > now:
        return StageView(stage, "ahead", None, "")
    at, actor = entered.get(stage, (None, ""))
    return StageView(stage, "current" if index == now else "done", at, names.get(actor, ""))


def _newest(rows: Any, *first: str) -> dict[int, Any]:
    """The newest row of each customer, by customer: one query, by Postgres' DISTINCT ON."""
    return {row.customer_id: row for row in rows.order_by("customer_id", *first, "-id").distinct("customer_id")}


def _newest_models(ids: Iterable[int]) -> dict[int, ModelVersion]:
    rows = ModelVersion.objects.filter(model__customer__in=list(ids), model__withdrawn_at=None)
    newest = rows.select_related("model").order_by("model__customer_id", "-id").distinct("model__customer_id")
    return {row.model.customer_id: row for row in newest}


def _figures(
    customer: Customer,
    commitment: Commitment | None,
    case: BusinessCase | None,
    model: ModelVersion | None,
    report: RealizationReport | None,
) -> CustomerFigures:
    source = commitment or (case.model_version if case else model)
    measures = source.measures if source else {}
    result = report.result if report else {}
    risk = result.get("renewal_risk", {})
    return CustomerFigures(
        currency=measures.get("currency", customer.currency),
        promised=_decimal(measures.get("pv_benefits")),
        npv=_decimal(measures.get("npv")),
        is_committed=commitment is not None,
        realized=_decimal(result.get("actual_to_date")),
        committed_to_date=_decimal(result.get("committed_to_date")),
        attainment_pct=_decimal(result.get("attainment_pct")),
        renewal_risk=risk.get("level", ""),
        renewal_score=risk.get("score"),
        synthetic=bool(report and report.synthetic),
        measured_on=result.get("as_of", ""),
    )


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
