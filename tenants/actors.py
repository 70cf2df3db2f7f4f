"""Who acts in a tenant, and what they may do there."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from kernel.actors import SYSTEM
from tenants.models import Tenant
from tenants.roles import Permission, Role, role_allows


@dataclass(frozen=True)
class Actor:
    """A person in one tenant (or the system itself), with the role that decides what they may do.

    ``identifier`` is what audit and events keep. The system acts for a run that a person started, and was checked then.
    """

    identifier: str
    role: Role | None
    user_id: int | None = None
    name: str = ""

    def allows(self, permission: Permission) -> bool:
        """Whether the actor may do ``permission`` here."""
        return self.identifier == SYSTEM or role_allows(self.role, permission)

    def require(self, permission: Permission) -> None:
        """Raise PermissionDenied unless the actor may do ``permission``."""
        if not self.allows(permission):
            role = f"the role {self.role}" if self.role else "no role here"
            raise PermissionDenied(f"{self.name or self.identifier} has {role}, which does not include {permission.value!r}.")


SYSTEM_ACTOR = Actor(identifier=SYSTEM, role=None, name="VOS")
NOBODY = Actor(identifier="anonymous", role=None)


def tenant_of(request: HttpRequest) -> Tenant:
    """The tenant of a request, as the middleware found it. Raises Http404 on the operators' host, which has none."""
    tenant: Tenant | None = getattr(request, "tenant", None)
    if tenant is None:
        raise Http404
    return tenant


def actor_of(request: HttpRequest) -> Actor:
    """The actor of a request, as the tenant middleware found it; NOBODY where there is none."""
    actor: Actor = getattr(request, "actor", NOBODY)
    return actor
