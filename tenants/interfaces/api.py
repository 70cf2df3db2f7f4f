"""Permission checks for the REST API."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from tenants.actors import actor_of
from tenants.roles import Permission


def HasPermission(permission: str) -> type[BasePermission]:  # noqa: N802  -- used like a class, as DRF's permissions are
    """A DRF permission class: the request's actor must have ``permission`` in this tenant."""
    needed = Permission(permission)

    class Checked(BasePermission):
        message = f"Your role here does not include {needed.value!r}."

        def has_permission(self, request: Request, view: Any) -> bool:
            return bool(actor_of(request).allows(needed))

    Checked.__name__ = f"Has_{needed.name}"
    return Checked
