"""Writes about tenants, people and their places in tenants. They run on the public side, as an operator."""

from typing import Any

from django.db import transaction

from kernel.actors import SYSTEM
from kernel.audit.services import audit_record
from tenants.models import Domain, Membership, Tenant, User
from tenants.roles import Role


def user_create(
    *, email: str, name: str, password: str | None = None, title: str = "", is_demo: bool = False, actor: str = SYSTEM
) -> User:
    """Make an account. Raises IntegrityError when the address has one already."""
    with transaction.atomic():
        user = User.objects.create_user(email, password, name=name, title=title, is_demo=is_demo)
        audit_record(actor=actor, action="user.create", subject=f"user:{user.pk}", detail={"email": user.email})
    return user


def user_update(*, user: User, actor: str, **changes: Any) -> User:
    """Change an account's fields: close it (``is_active``), make a platform operator (``is_staff``), rename."""
    with transaction.atomic():
        if "is_staff" in changes:
            # Operators govern all there is: a finer division of rights is not kept.
            changes["is_superuser"] = changes["is_staff"]
        _change(user, changes)
        audit_record(actor=actor, action="user.update", subject=f"user:{user.pk}", detail=_told(changes))
    return user


def tenant_update(*, tenant: Tenant, actor: str, **changes: Any) -> Tenant:
    """Change a tenant's fields: close it or open it again (``is_active``), rename it, move it. Raises ValidationError."""
    with transaction.atomic():
        _change(tenant, changes)
        subject = f"tenant:{tenant.schema_name}"
        audit_record(actor=actor, action="tenant.update", subject=subject, detail=_told(changes))
    return tenant


def host_save(host: Domain, *, actor: str) -> Domain:
    """Have a host lead to its tenant. Another primary one, if it is primary, no longer is."""
    with transaction.atomic():
        host.domain = host.domain.lower()
        host.save()
        subject = f"tenant:{host.tenant.schema_name}"
        audit_record(actor=actor, action="host.save", subject=subject, detail={"host": host.domain, "primary": host.is_primary})
    return host


def host_remove(host: Domain, *, actor: str) -> None:
    """Have a host lead nowhere: the next request there is answered 404."""
    with transaction.atomic():
        host.delete()
        audit_record(actor=actor, action="host.remove", subject=f"tenant:{host.tenant.schema_name}", detail={"host": host.domain})


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


def _change(row: Tenant | User, changes: dict[str, Any]) -> None:
    for name, value in changes.items():
        setattr(row, name, value)
    row.clean_fields(exclude=[field.name for field in row._meta.fields if field.name not in changes])
    row.save(update_fields=list(changes))


def _told(changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value if isinstance(value, bool) else str(value) for name, value in changes.items()}
