"""The parts of a customer's workspace: their names, addresses and tabs."""

from functools import lru_cache
from typing import Any
from urllib.parse import quote
from uuid import UUID

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

_CELL = "cell"
# As Django's ``reverse`` does, which leaves these as they are.
_IN_A_PATH = "!$&'()*+,;=~:@"


def part_url(customer: Customer, name: str) -> str:
    """The address of one part."""
    return _address(f"web:{name}", customer.public_id)


def cell_address(customer: Customer, cell: str) -> str:
    """The address of what stands behind a cell of the model."""
    return f"{_address('web:source', customer.public_id, _CELL).removesuffix(f'{_CELL}/')}{quote(cell, safe=_IN_A_PATH)}/"


@lru_cache(maxsize=4096)
def _address(name: str, *of: UUID | str) -> str:
    # An address does not change while we run, working it out takes a tenth of a millisecond, and a sheet has a hundred of them.
    return reverse(name, args=of)


def record_url(case: BusinessCase) -> str:
    """The address of a case's record. ``case`` comes with its customer."""
    return reverse("web:case_record", args=[case.customer.public_id, case.public_id])


def tabs(customer: Customer, current: str) -> list[dict[str, Any]]:
    """All parts, with the one that is shown."""
    return [{"label": _(label), "url": part_url(customer, name), "current": name == current} for name, label in PARTS]
