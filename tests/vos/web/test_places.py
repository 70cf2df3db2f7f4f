from uuid import UUID

import pytest
from django.urls import reverse

from valuefabric.models import Customer
from vos.web.places import cell_address, part_url

CUSTOMER = Customer(public_id=UUID(int=7))


@pytest.mark.parametrize("cell", ["A4.y1", "low:measure.npv", "driver.a b.pv", "é.y1", "50%.y1", "a?b#c&d=e"])
def test_address_of_a_cell_is_the_one_that_the_router_knows(cell: str) -> None:
    assert cell_address(CUSTOMER, cell) == reverse("web:source", args=[CUSTOMER.public_id, cell])


def test_attack_cell_named_as_a_way_up_stays_one_part_of_the_address() -> None:
    assert cell_address(CUSTOMER, "../../settings") == f"{part_url(CUSTOMER, 'model')}source/..%2F..%2Fsettings/"
