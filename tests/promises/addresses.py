"""Every address of a finished job: its pages and its resources."""

from django.urls import reverse
from django_tenants.utils import schema_context

from valuefabric.models import Customer
from vos.web.places import PARTS, part_url
from workflows.models import Execution


def addresses_of_everything(run: Execution) -> list[str]:
    """Pages of the customer, its evidence, its run; REST resources of the same."""
    with schema_context("acme"):
        customer = Customer.objects.get()
        pages = [part_url(customer, name) for name, _label in PARTS]
        pages += [reverse("web:evidence", args=[customer.public_id, row.public_id]) for row in customer.evidence.all()]
        pages.append(reverse("web:run", args=[run.public_id]))
        case, model = customer.cases.get(), customer.value_models.first()
        resources = [
            f"/api/v1/customers/{customer.public_id}/",
            f"/api/v1/cases/{case.public_id}/",
            f"/api/v1/models/{model.public_id}/",
            f"/api/v1/runs/{run.public_id}/",
        ]
    return [*pages, *resources]
