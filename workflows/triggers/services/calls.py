"""Firing by a call: a signed one from outside, one of the API, or a form that a person has filled in."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from tenants.actors import Actor
from tenants.roles import Permission
from workflows.selectors.visibility import subject_is_visible
from workflows.triggers.models import Kind, Trigger, TriggerFiring
from workflows.triggers.services.changes import secrets_good
from workflows.triggers.services.firing import Cause, trigger_fire
from workflows.triggers.signatures import signature_check

_CALLED = frozenset({Kind.API, Kind.FORM})
_NAME, _CUSTOMER = "customer", "customer:"


class FireRefused(ValueError):
    """The trigger is not fired by a call, or is off; the message says which."""


@dataclass(frozen=True)
class Delivery:
    """A call from outside as it came: three headers and the body's bytes."""

    id: str
    timestamp: str
    signatures: str
    body: bytes


def webhook_check(*, trigger: Trigger, delivery: Delivery) -> None:
    """Raise SignatureRefused unless the call is signed with one of the trigger's secrets, and now."""
    signature_check(
        secrets_good(trigger),
        delivery=delivery.id,
        timestamp=delivery.timestamp,
        signatures=delivery.signatures,
        body=delivery.body,
        now=timezone.now(),
    )


def webhook_fire(*, trigger: Trigger, delivery: Delivery, body: Mapping[str, Any]) -> TriggerFiring:
    """Fire for a call that was checked; a second delivery under the same id is the first one."""
    scope = {"body": dict(body), "delivery": {"id": delivery.id, "timestamp": int(delivery.timestamp)}}
    cause = Cause(kept={"delivery": delivery.id, "bytes": len(delivery.body)}, scope=scope)
    return trigger_fire(trigger=trigger, key=delivery.id, cause=cause, fired_by=f"webhook:{trigger.public_id}")


def trigger_call(*, trigger: Trigger, inputs: Mapping[str, Any], actor: Actor, key: str = "") -> TriggerFiring:
    """Fire a trigger of the kinds ``api`` and ``form`` with ``inputs`` beside its own, which nobody can replace.

    A run that is given a ``customer`` is about that one, unless the trigger says what its runs are about. What a person starts
    by a form or a call runs in that person's own name: with their rights, never with those of who made the trigger, and nobody
    approves what they asked for themselves. Under the same ``key`` it fires once. Raises PermissionDenied and FireRefused; what
    the definition refuses is in the firing.
    """
    actor.require(Permission.RUN_START)
    if Kind(trigger.kind) not in _CALLED:
        raise FireRefused(f"This trigger waits for {trigger.get_kind_display()}; it cannot be called.")
    if not trigger.enabled:
        raise FireRefused("This trigger is switched off.")
    if taken := sorted(set(inputs) & set(trigger.inputs)):
        raise FireRefused(f"The trigger sets {', '.join(taken)} itself.")
    customer = f"{_CUSTOMER}{inputs[_NAME]}" if inputs.get(_NAME) else ""
    # Starting it would refuse the same, but then a firing would tell others whom the caller asked about.
    if not all(subject_is_visible(actor, subject) for subject in (trigger.subject, customer)):
        raise PermissionDenied("What its runs are about is not there for you. Ask its owner for access.")
    return trigger_fire(
        trigger=trigger,
        key=key or str(uuid.uuid4()),
        cause=Cause(kept={"by": actor.identifier}, inputs=dict(inputs), subject=customer, acts_as=actor.identifier),
        fired_by=actor.identifier,
    )
