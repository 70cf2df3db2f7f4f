"""Names of tenants' database roles, and when the owning role works inside a tenant's schema instead."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_owning: ContextVar[bool] = ContextVar("vos_owning_role", default=False)


def tenant_role(database: str, schema_name: str) -> str:
    """The role of a tenant; must equal the SQL function ``vos_tenant_role`` (see kernel.rls)."""
    return f"{database}__{schema_name}"[:63]


def owning_role_is_on() -> bool:
    """Whether the current work runs as the owning role even inside a tenant's schema."""
    return _owning.get()


@contextmanager
def owning_role() -> Iterator[None]:
    """Work as the owning role inside tenants' schemas: for migrations and provisioning, never for a request or a task.

    The connection is told to forget its setting on both borders, so no statement runs under the wrong role.
    """
    token = _owning.set(True)
    _forget_setting()
    try:
        yield
    finally:
        _owning.reset(token)
        _forget_setting()


def _forget_setting() -> None:
    from kernel.schemas import forget_setting  # the backend imports this module while Django sets up its connections

    forget_setting()
