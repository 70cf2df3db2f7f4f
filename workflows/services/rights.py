"""Who may start and steer which run."""

from django.core.exceptions import PermissionDenied

from tenants.actors import Actor
from tenants.roles import Permission
from workflows.models import Execution
from workflows.selectors.visibility import subject_is_visible


def require_start(actor: Actor, subject: str) -> None:
    """Raise PermissionDenied unless the actor may start runs, and may see what this one is about."""
    _require(actor, Permission.RUN_START, subject)


def require_control(actor: Actor, execution: Execution) -> None:
    """Raise PermissionDenied unless the actor may steer runs, and may see what this one is about."""
    _require(actor, Permission.RUN_CONTROL, execution.subject)


def _require(actor: Actor, permission: Permission, subject: str) -> None:
    actor.require(permission)
    if not subject_is_visible(actor, subject):
        raise PermissionDenied("What this run is about is not there for you. Ask its owner for access.")
