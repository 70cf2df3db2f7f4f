"""Writes of governance: loading what comes with the product, and what operators decide. They run on the public side."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.db import transaction

from kernel.audit.services import audit_record
from valuefabric.domain.manifesto import RULE_SET, RuleError, gate_policy
from valuefabric.domain.manifesto import RuleSet as DomainRuleSet
from valuefabric.domain.packs import load_pack
from valuefabric.governance.models import Pack, RuleSet
from valuefabric.governance.selectors import rule_set_active

PACKS = Path(__file__).resolve().parents[1] / "packs"


class VersionChanged(ValueError):
    """A version that is known already came with other content; what changes needs a new version."""


def packs_load(*, actor: str, folder: Path = PACKS) -> list[Pack]:
    """Load every pack file of ``folder``; those known already stay as they are. Returns the new ones.

    Raises PackError for a bad file, and VersionChanged for a known version with another text.
    """
    read = (path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.yaml")))
    return [pack for text in read if (pack := pack_add(text=text, actor=actor))]


def pack_add(*, text: str, actor: str) -> Pack | None:
    """Add one pack; None if it is there already. Raises PackError and VersionChanged."""
    digest = f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
    if Pack.objects.filter(hash=digest).exists():  # it was read when it was added, and reading takes a tenth of a second
        return None
    read = load_pack(text)
    with transaction.atomic():
        pack, is_new = Pack.objects.get_or_create(
            key=read.key, version=read.version, defaults={"title": read.title, "text": text, "hash": digest}
        )
        if pack.hash != digest:
            raise VersionChanged(
                f"Pack {read.key} {read.version} is known with another text. Give the changed one a new version."
            )
        if is_new:
            detail = {"version": pack.version, "hash": digest}
            audit_record(actor=actor, action="pack.add", subject=f"pack:{pack.key}", detail=detail)
    return pack if is_new else None


def pack_enable(*, pack: Pack, enabled: bool, actor: str) -> None:
    """Let new work use the pack, or not; what used it keeps it."""
    with transaction.atomic():
        Pack.objects.filter(pk=pack.pk).update(enabled=enabled)
        detail = {"version": pack.version, "enabled": enabled}
        audit_record(actor=actor, action="pack.enable", subject=f"pack:{pack.key}", detail=detail)


def rule_set_load(*, actor: str) -> RuleSet:
    """Make the product's own rule set known, and active unless an operator's is. Raises VersionChanged."""
    with transaction.atomic():
        row, is_new = RuleSet.objects.get_or_create(
            version=RULE_SET.version, defaults={**_columns(RULE_SET), "built_in": True, "created_by": actor}
        )
        if row.hash != RULE_SET.hash:
            raise VersionChanged(f"Rule set {row.version} is known with other rules. Give the changed one a new version.")
        operators_own = RuleSet.objects.filter(active=True, built_in=False).exists()
        if is_new and not operators_own:
            rule_set_activate(rule_set=row, actor=actor)
            row.refresh_from_db()
    return row


def rule_set_add(
    *, version: str, severities: Mapping[str, str], parameters: Mapping[str, Mapping[str, Any]], actor: str
) -> RuleSet:
    """Make a rule set from the active one with other severities (rule key → severity) or parameters (rule key → name → value).

    It is not active yet. Raises RuleError for an unknown rule, pydantic's ValidationError for an unknown severity.
    """
    made = rule_set_with(version=version, severities=severities, parameters=parameters)
    with transaction.atomic():
        if RuleSet.objects.filter(version=version).exists():
            raise VersionChanged(f"There is a rule set {version} already. Choose another version.")
        row = RuleSet.objects.create(version=version, **_columns(made), created_by=actor)
        detail = {"hash": row.hash, "severities": dict(severities), "parameters": dict(parameters)}
        audit_record(actor=actor, action="rule_set.add", subject=f"rule_set:{version}", detail=detail)
    return row


def rule_set_with(*, version: str, severities: Mapping[str, str], parameters: Mapping[str, Mapping[str, Any]]) -> DomainRuleSet:
    """The active rule set with other severities or parameters, not stored. Raises what ``rule_set_add`` raises."""
    active = rule_set_active().rules
    # A rule that came with the product since the active set was made is taken along; nobody should have to know of it.
    known = {rule.key for rule in active}
    rules = [rule.model_dump(mode="json") for rule in (*active, *(rule for rule in RULE_SET.rules if rule.key not in known))]
    unknown = sorted({*severities, *parameters} - {rule["key"] for rule in rules})
    if unknown:
        raise RuleError(f"There is no rule {unknown[0]!r}. Rules are: {', '.join(rule['key'] for rule in rules)}.")
    for rule in rules:
        rule["severity"] = severities.get(rule["key"], rule["severity"])
        rule["parameters"] = {**rule["parameters"], **parameters.get(rule["key"], {})}
    made = DomainRuleSet.model_validate({"version": version, "rules": rules})
    gate_policy(made)  # refuses a limit that is none before anybody is reviewed by it
    return made


def rule_set_activate(*, rule_set: RuleSet, actor: str) -> None:
    """Review by this rule set from now on. What was stamped keeps its stamp, which names the rules it was given by."""
    with transaction.atomic():
        RuleSet.objects.filter(active=True).exclude(pk=rule_set.pk).update(active=False)
        RuleSet.objects.filter(pk=rule_set.pk).update(active=True)
        detail = {"hash": rule_set.hash}
        audit_record(actor=actor, action="rule_set.activate", subject=f"rule_set:{rule_set.version}", detail=detail)


def _columns(rule_set: DomainRuleSet) -> dict[str, Any]:
    return {"rules": rule_set.model_dump(mode="json")["rules"], "hash": rule_set.hash}
