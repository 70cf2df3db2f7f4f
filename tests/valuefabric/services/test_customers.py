import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction

from kernel.audit.models import AuditRecord
from kernel.events.models import OutboxEvent
from tenants.actors import SYSTEM_ACTOR, Actor
from tenants.models import Tenant, User
from tests.factories.valuefabric import customer_make
from valuefabric.models import Customer
from valuefabric.models.states import IllegalTransition, Stage
from valuefabric.selectors.customers import customers_visible_to
from valuefabric.services.customers import (
    OwnerMissing,
    customer_access_grant,
    customer_access_revoke,
    customer_create,
    customer_stage_move,
    customer_update,
)


def test_customer_create_writes_state_event_and_audit(seller: Actor, in_acme: Tenant) -> None:
    customer = customer_create(actor=seller, name="Composite", currency="USD", country="US", naics="5132")

    assert (customer.stage, customer.owner_id, customer.restricted) == ("opportunity", seller.user_id, False)
    event = OutboxEvent.objects.get(aggregate=customer.reference)
    assert (event.topic, event.schema_name, event.actor) == ("value.customer.created", "acme", seller.identifier)
    assert event.data == {"customer": str(customer.public_id)}
    assert AuditRecord.objects.get(subject=customer.reference).action == "customer.created"
    assert [row.history_user for row in customer.history.all()] == [seller.identifier]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "C", "country": "us"}, "country"),
        ({"name": "C", "naics": "x"}, "naics"),
        ({"name": "C", "currency": "dollars"}, "currency"),
        ({"name": "C", "naics": "513\n"}, "__all__"),  # which only the table's own constraint sees
    ],
)
def test_customer_with_bad_fields_is_refused_and_nothing_is_stored(
    seller: Actor, in_acme: Tenant, fields: dict[str, str], field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        customer_create(actor=seller, **fields)

    assert field in refused.value.message_dict
    assert Customer.objects.count() == 0
    assert OutboxEvent.objects.count() == 0


def test_viewer_cannot_create(viewer: Actor, in_acme: Tenant) -> None:
    with pytest.raises(PermissionDenied):
        customer_create(actor=viewer, name="Composite")

    assert Customer.objects.count() == 0


def test_owner_must_be_a_member_here(seller: Actor, charlie: User, in_acme: Tenant) -> None:
    with pytest.raises(OwnerMissing, match="not a member"):
        customer_create(actor=seller, owner=charlie, name="Composite")
    with pytest.raises(OwnerMissing, match="needs an owner"):
        customer_create(actor=SYSTEM_ACTOR, name="Composite")

    assert Customer.objects.count() == 0


def test_customer_update_records_only_what_changed(customer: Customer, seller: Actor) -> None:
    updated = customer_update(customer=customer, actor=seller, name="Renamed", country="US")

    assert updated.name == "Renamed"
    event = OutboxEvent.objects.get(topic="value.customer.updated")
    assert event.data["fields"] == ["name"]
    assert [row.name for row in updated.history.all()] == ["Renamed", "Composite organization"]


def test_customer_update_to_the_same_changes_nothing(customer: Customer, seller: Actor) -> None:
    customer_update(customer=customer, actor=seller, name=customer.name)

    assert not OutboxEvent.objects.filter(topic="value.customer.updated").exists()


def test_stage_moves_only_where_the_table_leads(customer: Customer, seller: Actor) -> None:
    with pytest.raises(IllegalTransition, match="can become target"):
        customer_stage_move(customer=customer, to=Stage.REALIZATION, actor=seller)

    assert Customer.objects.get(pk=customer.pk).stage == "opportunity"


def test_stage_jump_by_sql_is_refused_by_the_database(customer: Customer) -> None:
    with pytest.raises(DatabaseError, match="cannot move to expansion"), transaction.atomic():
        Customer.objects.filter(pk=customer.pk).update(stage="expansion")


def test_restricted_customer_is_hidden_but_for_owner_admins_and_granted(
    customer: Customer, seller: Actor, viewer: Actor, owner: Actor, voters: tuple[Actor, Actor]
) -> None:
    customer_update(customer=customer, actor=seller, restricted=True)

    assert customers_visible_to(seller).count() == 1
    assert customers_visible_to(owner).count() == 1
    assert customers_visible_to(SYSTEM_ACTOR).count() == 1
    assert customers_visible_to(viewer).count() == 0
    assert customers_visible_to(voters[0]).count() == 0

    vera = User.objects.get(pk=viewer.user_id)
    customer_access_grant(customer=customer, user=vera, actor=seller)
    customer_access_grant(customer=customer, user=vera, actor=seller)
    assert customers_visible_to(viewer).count() == 1
    assert vera.has_perm("valuefabric.view_customer", customer)

    customer_access_revoke(customer=customer, user=vera, actor=seller)
    assert customers_visible_to(viewer).count() == 0


def test_restricted_customer_cannot_be_edited_by_who_cannot_see_it(customer: Customer, seller: Actor, acme: Tenant) -> None:
    from tests.factories.tenants import PEOPLE

    customer_update(customer=customer, actor=seller, restricted=True)
    mia = User.objects.get(email=PEOPLE["mia"].email)
    manager = Actor(f"user:{mia.pk}", seller.role, mia.pk, mia.name)

    with pytest.raises(PermissionDenied, match="restricted"):
        customer_update(customer=customer, actor=manager, name="Taken over")

    assert Customer.objects.get(pk=customer.pk).name == "Composite organization"


def test_grant_to_somebody_outside_is_refused(customer: Customer, seller: Actor, charlie: User) -> None:
    with pytest.raises(OwnerMissing):
        customer_access_grant(customer=customer, user=charlie, actor=seller)


def test_other_tenant_has_none_of_it(customer: Customer, charlie: User, globex: Tenant, owner: Actor) -> None:
    from django_tenants.utils import tenant_context

    with tenant_context(globex):
        stranger = Actor(f"user:{charlie.pk}", owner.role, charlie.pk)
        assert customers_visible_to(stranger).count() == 0


def test_customer_make_is_in_the_callers_tenant(customer: Customer, seller: Actor) -> None:
    customer_make(seller, name="Second")

    assert sorted(customers_visible_to(seller).values_list("name", flat=True)) == ["Composite organization", "Second"]
