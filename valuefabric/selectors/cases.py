"""Reading business cases: which the actor may see, and the one that a customer's pages are about."""

from django.db.models import QuerySet

from tenants.actors import Actor
from tenants.roles import Permission
from valuefabric.models import BusinessCase, Customer, IntegrityReview
from valuefabric.models.states import CaseState
from valuefabric.selectors.customers import customers_visible_to


def cases_visible_to(actor: Actor) -> QuerySet[BusinessCase]:
    """Cases of the customers that the actor may see, if they may see cases at all."""
    rows = BusinessCase.objects.filter(customer__in=customers_visible_to(actor))
    return rows if actor.allows(Permission.CASE_VIEW) else rows.none()


def cases_standing(customer: Customer) -> QuerySet[BusinessCase]:
    """The customer's cases that still stand, the newest first: the rows alone, for whoever needs little of them."""
    return customer.cases.exclude(state__in=[CaseState.WITHDRAWN, CaseState.SUPERSEDED]).order_by("-id")


def case_current(customer: Customer) -> BusinessCase | None:
    """The customer's newest case that still stands, with its model and its owner, or None."""
    return cases_standing(customer).select_related("customer", "model_version__model", "owner").first()


def review_current(case: BusinessCase) -> IntegrityReview | None:
    """The newest review of the case's present content, or None."""
    return case.reviews.filter(content_hash=case.content_hash).order_by("-id").first()
