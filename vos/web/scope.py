"""Whom a page is about: the customer of its address, if the person may see it."""

import uuid

from django.http import Http404, HttpRequest

from tenants.actors import actor_of
from valuefabric.models import Customer
from valuefabric.selectors.customers import customer_shown


def customer_of(request: HttpRequest, public_id: uuid.UUID) -> Customer:
    """The customer with its owner; Http404 for what is not there, not visible to the person, or another tenant's."""
    customer = customer_shown(actor_of(request), public_id)
    if customer is None:
        raise Http404
    return customer


def is_partial(request: HttpRequest) -> bool:
    """Whether a script asked for a piece of the page and not for the page."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"
