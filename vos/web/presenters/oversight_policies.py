"""Policies as their pages show them: the list, what the policy would do with an example, versions with what changed."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from approvals.actions import ApprovableAction
from approvals.chains import Chain
from approvals.hours import working_hours_later
from approvals.models import ApprovalPolicy
from approvals.modes import Mode
from approvals.risk import Risk, choose
from approvals.terms import Terms
from kernel.audit.models import AuditRecord
from tenants.roles import Role
from vos.web.presenters.oversight_terms import MODES, MODES_SHORT, stage_words, terms_words

type Context = dict[str, Any]


def policy_entry(action: ApprovableAction, policy: ApprovalPolicy | None, names: Mapping[str, str]) -> Context:
    """One action in the list."""
    terms = policy.terms if policy else Terms(chain=action.default_chain)
    return {
        "action": action.key,
        "title": action.title,
        "mode": MODES_SHORT[terms.mode],
        "rules": len(terms.rules),
        "stages": [stage_words(stage, names) for stage in terms.chain.stages],
        "version": policy.version if policy else None,
        "at": policy.updated_at if policy else None,
        "by": names.get(policy.updated_by, policy.updated_by) if policy else "",
        "is_free": action.only_by_policy and policy is None,
        "url": reverse("web:oversight_policy", args=[action.key]),
    }


def answer(
    terms: Terms, action: ApprovableAction, risk: Risk, *, names: Mapping[str, str], voters: Mapping[str, Role], now: datetime
) -> Context:
    """What the policy would do with an example action: which rule decides, who is asked, and by when."""
    chosen = choose(mode=terms.mode, chain=terms.chain, rules=terms.rules, risk=risk, revertible=action.revert is not None)
    waits = chosen.mode == Mode.IN
    calendar = terms.calendar
    return {
        "mode": MODES[chosen.mode],
        "why": chosen.why,
        "stages": [stage_words(stage, names) for stage in chosen.chain.stages],
        "missing": _missing(chosen.chain, voters),
        "decide_by": now + timedelta(hours=terms.valid_for_hours) if waits else None,
        "reminded_at": [working_hours_later(now, hours, calendar) for hours in terms.reminders] if waits else [],
        "escalated_at": working_hours_later(now, terms.escalation.after_hours, calendar) if waits and terms.escalation else None,
        "escalated_to": stage_words(terms.escalation.to, names) if terms.escalation else "",
        "object_until": now + timedelta(hours=terms.object_within_hours) if chosen.mode == Mode.ON else None,
        "sample_percent": terms.sample_percent if chosen.mode == Mode.OVER else None,
    }


def _missing(chain: Chain, voters: Mapping[str, Role]) -> list[str]:
    """Stages that nobody could pass, since too few people who may vote are asked."""
    told = []
    for stage in chain.stages:
        able = sum(stage.asks(person, role) for person, role in voters.items())
        if able < stage.needed:
            told.append(
                _("“%(title)s” needs %(needed)d votes, and only %(able)d of those it asks may vote here.")
                % {"title": stage.title, "needed": stage.needed, "able": able}
            )
    return told


def version_entries(records: Sequence[AuditRecord], action: str, names: Mapping[str, str]) -> list[Context]:
    """The versions, newest first, each with what it changed."""
    kept = [terms_kept(row) for row in records]
    formers = [*kept[1:], None]
    entries = []
    for number, (row, terms, former) in enumerate(zip(records, kept, formers[: len(kept)], strict=True), 1):
        entries.append(
            {
                "version": row.detail.get("version"),
                "at": row.recorded_at,
                "by": names.get(row.actor, row.actor),
                "changes": differences(former, terms, names) if terms and former else [],
                "first": number == len(records),
                "url": reverse("web:oversight_policy_version", args=[action, row.detail.get("version")]),
            }
        )
    return entries


def terms_kept(row: AuditRecord) -> Terms | None:
    """The terms that the audit log keeps of one version; versions from before terms had only a chain."""
    values = {name: row.detail[name] for name in Terms.model_fields if name in row.detail}
    return Terms.model_validate(values) if "chain" in values else None


def differences(before: Terms, after: Terms, names: Mapping[str, str]) -> list[Context]:
    """What differs between two versions, line by line in words."""
    old = {one["label"]: one["words"] for one in terms_words(before, names)}
    new = {one["label"]: one["words"] for one in terms_words(after, names)}
    labels = [*new, *(label for label in old if label not in new)]
    return [
        {"label": label, "before": old.get(label, ""), "after": new.get(label, "")}
        for label in labels
        if old.get(label) != new.get(label)
    ]
