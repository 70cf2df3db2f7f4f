"""Writes about people and their places in tenants."""

from django.db import transaction

from kernel.audit.services import audit_record
from tenants.models import Membership, Tenant, User
from tenants.roles import Role


def user_create(*, email: str, name: str, password: str | None = None, title: str = "", is_demo: bool = False) -> User:
    """Make an account. Raises IntegrityError when the address has one already."""
    return User.objects.create_user(email, password, name=name, title=title, is_demo=is_demo)


def member_add(*, tenant: Tenant, user: User, role: Role, actor: str) -> Membership:
    """Give a person a role in a tenant; a former role there is replaced. Runs on the public side, as an operator."""
    with transaction.atomic():
        membership, _new = Membership.objects.update_or_create(tenant=tenant, user=user, defaults={"role": role})
        subject = f"tenant:{tenant.schema_name}"
        audit_record(actor=actor, action="member.add", subject=subject, detail={"user": user.pk, "role": role})
    return membership


def member_remove(*, tenant: Tenant, user: User, actor: str) -> None:
    """Take a person's role in a tenant away, at once: the next request of theirs finds no role."""
    with transaction.atomic():
        Membership.objects.filter(tenant=tenant, user=user).delete()
        subject = f"tenant:{tenant.schema_name}"
        audit_record(actor=actor, action="member.remove", subject=subject, detail={"user": user.pk})
