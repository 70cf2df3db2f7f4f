"""Where customers stand: the newest case, commitment and report of each, with as many queries for one as for a hundred."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import CharField, Q, QuerySet, Value

from tenants.actors import Actor
from valuefabric.models import BusinessCase, Commitment, Customer, ModelBranch, ModelComment, RealizationReport
from valuefabric.models.states import CaseState
from valuefabric.selectors.customers import customers_visible_to

# What a customer's audit records are about, beside the customer itself: its rows, by the name of their relation.
_RELATIONS = (
    "evidence", "opportunities", "value_models", "cases", "commitments", "realization_reports", "expansion_proposals",
)  # fmt: skip


@dataclass(frozen=True)
class Standing:
    """A customer with what counts of it now. ``case`` is its newest that was neither withdrawn nor superseded."""

    customer: Customer
    case: BusinessCase | None
    commitment: Commitment | None
    report: RealizationReport | None


def customers_found(actor: Actor, query: str = "") -> QuerySet[Customer]:
    """The customers that the actor may see, newest first, whose name, industry or owner has ``query`` in it."""
    rows = customers_visible_to(actor).select_related("owner").order_by("-created_at", "-id")
    words = " ".join(query.split())
    if not words:
        return rows
    return rows.filter(Q(name__icontains=words) | Q(industry__icontains=words) | Q(owner__name__icontains=words))


def standings(customers: Sequence[Customer]) -> list[Standing]:
    """Where each of these customers stands, in their order."""
    ids = [customer.pk for customer in customers]
    cases = BusinessCase.objects.filter(customer__in=ids).exclude(state__in=[CaseState.WITHDRAWN, CaseState.SUPERSEDED])
    cases = cases.select_related("model_version__model").defer("model_version__document")
    commitments = Commitment.objects.filter(customer__in=ids, reversed_at=None)
    reports = RealizationReport.objects.filter(customer__in=ids, commitment__reversed_at=None)
    case_of, commitment_of, report_of = _newest(cases), _newest(commitments), _newest(reports)
    return [
        Standing(customer, case_of.get(customer.pk), commitment_of.get(customer.pk), report_of.get(customer.pk))
        for customer in customers
    ]


def audit_subjects(customer: Customer) -> list[str]:
    """The subjects of every audit record about the customer or something of it, in one query."""
    below = (table.objects.filter(model__customer=customer) for table in (ModelBranch, ModelComment))
    first, *others = (
        rows.order_by().values_list(Value(rows.model.kind_word, CharField()), "public_id")
        for rows in (*(getattr(customer, name).all() for name in _RELATIONS), *below)
    )
    return [customer.reference, *(f"{kind}:{public_id}" for kind, public_id in first.union(*others, all=True))]


def _newest[Row: (BusinessCase, Commitment, RealizationReport)](rows: QuerySet[Row]) -> dict[int, Row]:
    return {row.customer_id: row for row in rows.order_by("customer_id", "-id").distinct("customer_id")}
