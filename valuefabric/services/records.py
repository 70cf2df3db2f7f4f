"""What every write of the fabric does beside its own state: who may, history, event, audit; all in the caller's transaction."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied

from kernel.audit.services import audit_record
from kernel.events.services import event_emit
from kernel.events.topics import Payload
from tenants.actors import Actor
from tenants.roles import Permission
from valuefabric.models import Customer
from valuefabric.models.base import FabricRow
from valuefabric.selectors.customers import customer_is_visible


def require_access(actor: Actor, permission: Permission, customer: Customer) -> None:
    """Raise PermissionDenied unless the actor may do ``permission`` and may see this customer."""
    actor.require(permission)
    if not customer_is_visible(actor, customer):
        raise PermissionDenied("This customer is restricted. Ask its owner for access.")


def row_save(row: FabricRow, *, actor: Actor, reason: str = "", fields: Iterable[str] | None = None) -> None:
    """Save a row so that its history names the actor and the reason."""
    row._history_user = actor.identifier
    row._change_reason = reason[:100]
    row.save(update_fields=[*fields, "updated_at"] if fields is not None else None)


def record(
    *, topic: str, row: FabricRow, payload: Payload, actor: Actor, process: str = "", detail: Mapping[str, Any] | None = None
) -> None:
    """Emit the event about ``row`` and audit the same; ``detail`` is kept in the audit only."""
    event_emit(topic=topic, aggregate=row.reference, data=payload, actor=actor.identifier)
    audit_record(
        actor=actor.identifier,
        action=topic.removeprefix("value."),
        subject=row.reference,
        detail={**payload.model_dump(mode="json"), **(detail or {})},
        process=process,
    )
