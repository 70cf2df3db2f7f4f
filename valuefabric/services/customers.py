"""Writes about customers: their fields, their stage, and who may see the restricted ones."""

from typing import TypedDict, Unpack

from django.contrib.auth.models import Permission as DjangoPermission
from django.db import transaction
from django.db.models import CheckConstraint, Q, Value

from kernel.schemas import current_schema
from tenants.actors import Actor
from tenants.models import Membership, User
from tenants.roles import Permission
from valuefabric.models import VIEW_CUSTOMER, Customer, CustomerUserObjectPermission
from valuefabric.models.states import STAGES, Stage, transition
from valuefabric.services.records import record, require_access, row_save
from valuefabric.topics import CustomerCreated, CustomerStageMoved, CustomerUpdated

_EVERY = Q(*(one.condition for one in Customer._meta.constraints if isinstance(one, CheckConstraint)))


class OwnerMissing(ValueError):
    """A customer was to be owned by nobody, or by somebody who is not a member here."""


class CustomerFields(TypedDict, total=False):
    """What can be said about a customer; see the model for forms and units."""

    name: str
    industry: str
    naics: str
    country: str
    currency: str
    restricted: bool


def customer_create(*, actor: Actor, owner: User | None = None, process: str = "", **fields: Unpack[CustomerFields]) -> Customer:
    """Add a customer in stage ``opportunity``, owned by ``owner`` or else by the acting person.

    Raises PermissionDenied, OwnerMissing, and ValidationError naming each bad field.
    """
    actor.require(Permission.CUSTOMER_EDIT)
    customer = Customer(owner_id=_member_id(owner.pk if owner else actor.user_id), **fields)
    _require_sound(customer)
    with transaction.atomic():
        row_save(customer, actor=actor)
        payload = CustomerCreated(customer=str(customer.public_id))
        record(topic="value.customer.created", row=customer, payload=payload, actor=actor, process=process)
    return customer


def customer_update(
    *, customer: Customer, actor: Actor, owner: User | None = None, **changes: Unpack[CustomerFields]
) -> Customer:
    """Change the named fields; what is the same already is no change. Returns the customer as it is now.

    Raises PermissionDenied, OwnerMissing, and ValidationError naming each bad field.
    """
    require_access(actor, Permission.CUSTOMER_EDIT, customer)
    wanted = {**changes, **({"owner_id": _member_id(owner.pk)} if owner else {})}
    with transaction.atomic():
        locked = Customer.objects.select_for_update().get(pk=customer.pk)
        changed = sorted(name for name, value in wanted.items() if getattr(locked, name) != value)
        if not changed:
            return locked
        for name in changed:
            setattr(locked, name, wanted[name])
        _require_sound(locked)
        row_save(locked, actor=actor, fields=changed)
        payload = CustomerUpdated(customer=str(locked.public_id), fields=changed)
        detail = {"values": {name: wanted[name] for name in changed}}
        record(topic="value.customer.updated", row=locked, payload=payload, actor=actor, detail=detail)
    return locked


def customer_stage_move(*, customer: Customer, to: Stage, actor: Actor, process: str = "") -> Customer:
    """Move the customer to a stage; being there already is fine. Raises IllegalTransition.

    Called by the services whose work leads there, inside their transaction.
    """
    with transaction.atomic():
        locked = Customer.objects.select_for_update().get(pk=customer.pk)
        before = Stage(locked.stage)
        if before == to:
            return locked
        locked.stage = transition(STAGES, before, to)
        row_save(locked, actor=actor, reason=f"{before} → {to}", fields=["stage"])
        payload = CustomerStageMoved(customer=str(locked.public_id), before=before, after=to)
        record(topic="value.customer.stage_moved", row=locked, payload=payload, actor=actor, process=process)
    customer.stage = locked.stage
    return locked


def customer_access_grant(*, customer: Customer, user: User, actor: Actor) -> None:
    """Let a member see a restricted customer. Granting it again changes nothing. Raises OwnerMissing for no member."""
    require_access(actor, Permission.CUSTOMER_EDIT, customer)
    _member_id(user.pk)
    # Not guardian's assign_perm: it looks the content type up in a cache that knows no schemas.
    permission = DjangoPermission.objects.get(
        content_type__app_label="valuefabric", content_type__model="customer", codename=VIEW_CUSTOMER
    )
    with transaction.atomic():
        grant = CustomerUserObjectPermission(content_object=customer, user=user, permission=permission)
        CustomerUserObjectPermission.objects.bulk_create([grant], ignore_conflicts=True)
        _record_access(customer, actor, {"granted_to": user.pk})


def customer_access_revoke(*, customer: Customer, user: User, actor: Actor) -> None:
    """Take the grant away again; without one nothing changes."""
    require_access(actor, Permission.CUSTOMER_EDIT, customer)
    with transaction.atomic():
        CustomerUserObjectPermission.objects.filter(content_object=customer, user=user).delete()
        _record_access(customer, actor, {"revoked_from": user.pk})


def _record_access(customer: Customer, actor: Actor, detail: dict[str, int]) -> None:
    payload = CustomerUpdated(customer=str(customer.public_id), fields=["access"])
    record(topic="value.customer.updated", row=customer, payload=payload, actor=actor, detail=detail)


def _require_sound(customer: Customer) -> None:
    """Raise ValidationError naming each bad field."""
    customer.full_clean(exclude=["owner"], validate_unique=False, validate_constraints=False)
    # Each constraint is a question to Postgres, and in a transaction a savepoint around it: so all at once, and one by one only
    # to say which is broken.
    values = {field.name: Value(getattr(customer, field.attname), field) for field in Customer._meta.concrete_fields}
    if not _EVERY.check(values):
        customer.validate_constraints()


def _member_id(user_id: int | None) -> int:
    if user_id is None:
        raise OwnerMissing("A customer needs an owner: name a member of this workspace.")
    if not Membership.objects.filter(user_id=user_id, tenant__schema_name=current_schema()).exists():
        raise OwnerMissing("That person is not a member of this workspace. Invite them first, or name another one.")
    return user_id
