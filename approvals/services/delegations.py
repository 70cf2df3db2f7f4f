"""Handing one's votes over for a time, and withdrawing that."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from approvals.actions import action_of
from approvals.clock import database_now
from approvals.models import Delegation
from approvals.people import roles_now
from kernel.audit.services import audit_record
from kernel.events.services import event_emit
from tenants.actors import Actor
from tenants.roles import Permission, role_allows


class DelegationRefused(ValueError):
    """A delegation that cannot be; the message says why and what to do."""


def delegation_give(
    *,
    giver: str,
    taker: str,
    by: Actor,
    ends_at: datetime,
    starts_at: datetime | None = None,
    actions: Sequence[str] = (),
    reason: str = "",
) -> Delegation:
    """Let ``taker`` vote for ``giver`` (both such as ``user:12``) until ``ends_at``, about ``actions`` (none: about all).

    One's own votes anybody may hand over; somebody else's (who fell ill) only who manages members. Raises DelegationRefused,
    UnknownAction, and PermissionDenied.
    """
    if by.identifier != giver:
        by.require(Permission.MEMBERS_MANAGE)
    for action in actions:
        action_of(action)
    with transaction.atomic():
        now = database_now()
        _require_sensible(giver, taker, starts_at or now, ends_at, now)
        given = Delegation.objects.create(
            giver=giver,
            taker=taker,
            actions=sorted(set(actions)),
            starts_at=starts_at or now,
            ends_at=ends_at,
            reason=reason.strip(),
            by=by.identifier,
            created_at=now,
        )
        detail = {"actions": given.actions, "starts_at": given.starts_at, "ends_at": ends_at, "reason": given.reason}
        _tell(given, "delegated", by, detail)
    return given


def delegation_withdraw(*, delegation: Delegation, by: Actor) -> Delegation:
    """End a delegation now: its giver may, and who manages members. Votes that were given stay; withdrawing again does nothing.

    Raises PermissionDenied.
    """
    if by.identifier != delegation.giver:
        by.require(Permission.MEMBERS_MANAGE)
    with transaction.atomic():
        locked = Delegation.objects.select_for_update().get(pk=delegation.pk)
        if locked.withdrawn_at is None:
            locked.withdrawn_at, locked.withdrawn_by = database_now(), by.identifier
            locked.save(update_fields=["withdrawn_at", "withdrawn_by"])
            _tell(locked, "delegation_withdrawn", by, {})
    return locked


def _require_sensible(giver: str, taker: str, starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    if giver == taker:
        raise DelegationRefused("Votes are handed over to somebody else.")
    if ends_at <= max(starts_at, now):
        raise DelegationRefused("A delegation ends later than it begins, and in the future.")
    roles = roles_now([giver, taker])
    if not role_allows(roles.get(giver), Permission.APPROVAL_VOTE):
        raise DelegationRefused("Whoever hands votes over must have a role that votes here.")
    if not role_allows(roles.get(taker), Permission.APPROVAL_VOTE):
        raise DelegationRefused("Whoever takes votes over must have a role that votes here. Choose somebody else.")


def _tell(delegation: Delegation, what: str, by: Actor, detail: dict[str, object]) -> None:
    data = {
        "delegation": str(delegation.public_id),
        "giver": delegation.giver,
        "taker": delegation.taker,
        "by": by.identifier,
    }
    subject = f"delegation:{delegation.public_id}"
    event_emit(topic=f"approval.{what}", aggregate=subject, data=data, actor=by.identifier)
    audit_record(actor=by.identifier, action=f"approval.{what}", subject=subject, detail={**data, **detail})
