"""Minting, handing on, checking and revoking capabilities. Every one of these is audited, refusals too."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from biscuit_auth import KeyPair
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from kernel.audit.services import audit_record
from kernel.capabilities.models import Revocation
from kernel.capabilities.selectors import any_revoked
from kernel.capabilities.tokens import (
    CapabilityRefused,
    Grant,
    Limit,
    Right,
    Use,
    check_token,
    mint_token,
    narrow_token,
    root_key,
    token_ids,
    token_subject,
)
from kernel.schemas import current_schema

__all__ = ["CapabilityRefused", "Grant", "Limit", "Right", "attenuate", "authorize", "mint", "revoke"]


def mint(
    *,
    subject: str,
    rights: Sequence[Right],
    expires_at: datetime,
    minted_by: str,
    limits: Mapping[Limit, int] | None = None,
    process: str = "",
) -> str:
    """A token of the current tenant for ``subject`` (such as ``agent:target@1.0.0``), as URL-safe text."""
    token = mint_token(
        _key(), tenant=current_schema(), subject=subject, rights=rights, limits=limits or {}, expires_at=expires_at
    )
    detail = {
        "rights": _as_text(rights),
        "limits": dict(limits or {}),
        "expires_at": expires_at,
        "id": token_ids(_key(), token)[0],
    }
    _audit("capability.minted", minted_by, subject, detail, process)
    return token


def attenuate(
    token: str,
    *,
    holder: str,
    rights: Sequence[Right] | None = None,
    limits: Mapping[Limit, int] | None = None,
    expires_at: datetime | None = None,
    process: str = "",
) -> str:
    """``token`` narrowed for ``holder``, to hand on. It allows what it allowed before and what is given here says, both.

    Raises CapabilityRefused when ``token`` is forged or revoked.
    """
    key = _key()
    if any_revoked(token_ids(key, token)):
        raise CapabilityRefused("The token was revoked; it cannot be handed on.")
    narrow = narrow_token(key, token, rights=rights, limits=limits, expires_at=expires_at, holder=holder)
    detail = {"to": holder, "rights": None if rights is None else _as_text(rights), "limits": dict(limits or {})}
    _audit("capability.handed_over", token_subject(key, token), holder, detail | {"id": token_ids(key, narrow)[-1]}, process)
    return narrow


def authorize(token: str, *, action: str, resource: str, amounts: Mapping[Limit, int] | None = None, process: str = "") -> Grant:
    """The grant, if ``token`` allows ``action`` on ``resource`` now, in the current tenant.

    ``amounts`` is what will have been used with this use included. Raises CapabilityRefused. The use is audited either way; in a
    caller's transaction that rolls back, so is the record, together with what was done.
    """
    use = Use(current_schema(), action, resource, timezone.now(), amounts or {})
    try:
        grant = check_token(_key(), token, use)
        if any_revoked(grant.revocation_ids):
            raise CapabilityRefused("The token was revoked.")
    except CapabilityRefused as refusal:
        _audit("capability.refused", _subject_or_unknown(token), resource, {"action": action, "reason": str(refusal)}, process)
        raise
    detail = {"action": action, "amounts": dict(amounts or {}), "id": grant.revocation_ids[-1]}
    _audit("capability.used", grant.subject, resource, detail, process)
    return grant


def revoke(token: str, *, reason: str, revoked_by: str) -> Revocation:
    """Refuse ``token`` and everything derived from it from now on. Its ancestors stay as they are."""
    identifier, subject = token_ids(_key(), token)[-1], token_subject(_key(), token)
    with transaction.atomic():
        revocation, _ = Revocation.objects.get_or_create(
            identifier=identifier, defaults={"subject": subject, "reason": reason, "revoked_by": revoked_by}
        )
        audit_record(actor=revoked_by, action="capability.revoked", subject=subject, detail={"id": identifier, "reason": reason})
    return revocation


def _key() -> KeyPair:
    return root_key(settings.VOS_CAPABILITY_KEY)


def _as_text(rights: Sequence[Right]) -> list[str]:
    return [f"{right.action} {right.resource}" for right in rights]


def _subject_or_unknown(token: str) -> str:
    try:
        return token_subject(_key(), token)
    except CapabilityRefused:
        return "unknown"


def _audit(action: str, actor: str, subject: str, detail: Mapping[str, Any], process: str) -> None:
    with transaction.atomic():
        audit_record(actor=actor[:120], action=action, subject=subject[:200], detail=detail, process=process)
