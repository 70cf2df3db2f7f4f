"""Default deny."""

from typing import Any

from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request


class DenyAll(BasePermission):
    """What a view gets that names no permission: nobody may call it."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return False


class LoggedIn(IsAuthenticated):
    """For what every member may see, such as the schema."""
