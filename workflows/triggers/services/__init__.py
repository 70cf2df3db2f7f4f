"""Writes of triggers."""

from workflows.triggers.services.calls import Delivery, FireRefused, trigger_call, webhook_check, webhook_fire
from workflows.triggers.services.changes import (
    TriggerRefused,
    TriggerSpec,
    trigger_change,
    trigger_create,
    trigger_enable,
    trigger_let_go,
    trigger_rotate_secret,
    trigger_secret,
)
from workflows.triggers.services.firing import Cause, trigger_fire
from workflows.triggers.services.times import BackfillRefused, trigger_backfill, trigger_look

__all__ = [
    "BackfillRefused",
    "Cause",
    "Delivery",
    "FireRefused",
    "TriggerRefused",
    "TriggerSpec",
    "trigger_backfill",
    "trigger_call",
    "trigger_change",
    "trigger_create",
    "trigger_enable",
    "trigger_fire",
    "trigger_let_go",
    "trigger_look",
    "trigger_rotate_secret",
    "trigger_secret",
    "webhook_check",
    "webhook_fire",
]
