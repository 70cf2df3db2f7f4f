"""Members of the current tenant as approvals see them: identifiers, roles and names, read anew each time they matter."""

from collections.abc import Iterable

from kernel.actors import user_actor
from kernel.schemas import current_schema
from tenants.actors import Actor
from tenants.models import Membership, User
from tenants.roles import Permission, Role, roles_allowing

_USER = "user:"


def role_now(user_id: int | None) -> Role | None:
    """The role that the person has in this tenant at this moment; None for those who have none or are deactivated."""
    if user_id is None:
        return None
    held = Membership.objects.filter(user_id=user_id, user__is_active=True, tenant__schema_name=current_schema()).values_list(
        "role", flat=True
    )
    return Role(held[0]) if held else None


def actor_now(identifier: str) -> Actor:
    """The person that ``identifier`` names, with the role they have in this tenant now: for a deed that is done for them later.

    Somebody who has left may do nothing any more.
    """
    number = identifier.removeprefix(_USER)
    user_id = int(number) if identifier.startswith(_USER) and number.isdecimal() else None
    return Actor(identifier=identifier, role=role_now(user_id), user_id=user_id, name=names_of([identifier])[identifier])


def roles_now(identifiers: Iterable[str]) -> dict[str, Role]:
    """The roles that people have in this tenant at this moment, with one query; whoever has none is not in it."""
    ids = [int(one.removeprefix(_USER)) for one in identifiers if one.startswith(_USER)]
    if not ids:
        return {}
    rows = Membership.objects.filter(user_id__in=ids, user__is_active=True, tenant__schema_name=current_schema())
    return {user_actor(user_id): Role(role) for user_id, role in rows.values_list("user_id", "role")}


def voters_here() -> dict[str, Role]:
    """Everybody who may vote in this tenant, with their role."""
    return members_allowed(Permission.APPROVAL_VOTE)


def members_allowed(permission: Permission) -> dict[str, Role]:
    """Everybody whose role in this tenant includes ``permission`` now, with that role."""
    rows = Membership.objects.filter(
        tenant__schema_name=current_schema(),
        user__is_active=True,
        role__in=roles_allowing(permission),
    ).values_list("user_id", "role")
    return {user_actor(user_id): Role(role) for user_id, role in rows}


def names_of(identifiers: Iterable[str]) -> dict[str, str]:
    """Names to show for actors, with one query: people by account, agents and the system by what they are called."""
    wanted = set(identifiers)
    ids = [int(one.removeprefix(_USER)) for one in wanted if one.startswith(_USER)]
    people = {user_actor(user.pk): str(user) for user in User.objects.only("name", "email").filter(pk__in=ids)} if ids else {}
    return {one: people.get(one) or _spoken(one) for one in wanted}


def _spoken(identifier: str) -> str:
    kind, _colon, name = identifier.partition(":")
    if kind == "agent":
        return f"{name.partition('@')[0].replace('_', ' ').capitalize()} agent"
    if kind == "role":
        return f"anyone with the role {name.replace('_', ' ')}"
    return {"system": "VOS", "user": "A former member"}.get(kind, identifier)
