"""On whose behalf a run works: its starter, with the role they have now."""

from kernel.actors import SYSTEM
from kernel.schemas import current_schema
from kernel.statements import PlannedQuery
from tenants.actors import Actor
from tenants.models import Membership
from tenants.roles import Role

_USER = "user:"

# Asked for by every step that runs.
_HELD = PlannedQuery(
    lambda user, schema: Membership.objects.filter(user_id=user, user__is_active=True, tenant__schema_name=schema).values_list(
        "role", "user__name"
    ),
    (int, str),
)


def actor_now(identifier: str) -> Actor:
    """The actor of a stored identifier. Who has left the tenant, or was deactivated, has no role, and so no permissions.

    What the system starts runs with an administrator's rights: agents act under their own names and need a role to do so.
    """
    if identifier == SYSTEM:
        return Actor(SYSTEM, Role.ADMIN, name="VOS")
    number = identifier.removeprefix(_USER)
    if not identifier.startswith(_USER) or not number.isdigit():
        return Actor(identifier, None, name=identifier)
    held = _HELD.first(int(number), current_schema())
    if held is None:
        return Actor(identifier, None, int(number), "A former member")
    role, name = held
    return Actor(identifier, Role(role), int(number), name)
