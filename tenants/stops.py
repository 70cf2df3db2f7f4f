"""Who may stop and release, by the roles of the moment: the kernel asks (``kernel.stops.people``)."""

from kernel.stops.people import Deed
from tenants.models import Membership, User
from tenants.roles import Permission, Role, role_allows

_PERMISSIONS: dict[Deed, Permission] = {"set": Permission.STOP_SET, "release": Permission.STOP_RELEASE}


class RolesJudge:
    """Members by their role in that tenant, read anew each time; platform operators everywhere."""

    def may(self, actor: str, deed: Deed, schema_name: str) -> bool:
        """Whether the account is active and has the right, now."""
        kind, _colon, number = actor.partition(":")
        if kind == "operator":
            return User.objects.filter(pk=int(number), is_active=True, is_staff=True).exists()
        held = Membership.objects.filter(user_id=int(number), user__is_active=True, tenant__schema_name=schema_name)
        role = held.values_list("role", flat=True).first()
        return role is not None and role_allows(Role(role), _PERMISSIONS[deed])

    def name_of(self, account: int) -> str:
        """The account's name; empty where it is not to be seen here."""
        return str(User.objects.filter(pk=account).first() or "")


ROLES = RolesJudge()
