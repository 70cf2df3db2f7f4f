"""The parts of a customer's workspace: their names, addresses and tabs."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from valuefabric.models import BusinessCase, Customer

# URL name and label, in the order of the tabs.
PARTS = (
    ("customer", "Overview"),
    ("opportunity", "Opportunity"),
    ("tree", "Value tree"),
    ("model", "Model"),
    ("integrity", "Integrity"),
    ("case", "Business case"),
    ("realization", "Realization"),
    ("expansion", "Expansion"),
)


def part_url(customer: Customer, name: str) -> str:
    """The address of one part."""
    return reverse(f"web:{name}", args=[customer.public_id])


def record_url(case: BusinessCase) -> str:
    """The address of a case's record. ``case`` comes with its customer."""
    return reverse("web:case_record", args=[case.customer.public_id, case.public_id])


def tabs(customer: Customer, current: str) -> list[dict[str, Any]]:
    """All parts, with the one that is shown."""
    return [{"label": _(label), "url": part_url(customer, name), "current": name == current} for name, label in PARTS]
