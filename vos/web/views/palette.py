"""What the command palette knows: the places of the rail, and the customers by name."""

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from tenants.actors import actor_of
from tenants.interfaces.web import requires
from tenants.roles import Permission
from valuefabric.models import Customer
from valuefabric.selectors.customers import customers_visible_to
from vos.web.context import Shell
from vos.web.places import PARTS, part_url

MOST_CUSTOMERS = 200


@require_GET
@requires(Permission.CUSTOMER_VIEW)
def palette(request: HttpRequest) -> JsonResponse:
    """``{items: [{label, hint, group, url}]}``."""
    places = [{"label": entry["label"], "hint": "", "group": _("Places"), "url": entry["url"]} for entry in Shell(request).nav]
    customers = customers_visible_to(actor_of(request)).order_by("name")[:MOST_CUSTOMERS]
    return JsonResponse({"items": [*places, *(item for customer in customers for item in _items(customer))]})


def _items(customer: Customer) -> list[dict[str, Any]]:
    return [
        {"label": customer.name, "hint": _(label), "group": _("Customers"), "url": part_url(customer, name)}
        for name, label in PARTS
    ]
