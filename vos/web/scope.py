"""Whom a page is about: the customer of its address, if the person may see it."""

import uuid

from django.http import Http404, HttpRequest

from tenants.actors import actor_of
from valuefabric.models import Customer
from valuefabric.selectors.customers import customers_visible_to


def customer_of(request: HttpRequest, public_id: uuid.UUID) -> Customer:
    """The customer with its owner; Http404 for what is not there, not visible to the person, or another tenant's."""
    rows = customers_visible_to(actor_of(request)).select_related("owner")
    customer: Customer | None = rows.filter(public_id=public_id).first()
    if customer is None:
        raise Http404
    return customer


def is_partial(request: HttpRequest) -> bool:
    """Whether a script asked for a piece of the page and not for the page."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"
