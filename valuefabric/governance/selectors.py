"""Reading packs and rules, from any tenant's context."""

from functools import lru_cache

from django.db.models import QuerySet

from valuefabric.domain.manifesto import RULE_SET
from valuefabric.domain.manifesto import RuleSet as DomainRuleSet
from valuefabric.domain.packs import Pack as DomainPack
from valuefabric.domain.packs import load_pack
from valuefabric.governance.models import Pack, RuleSet


class PackUnknown(LookupError):
    """No enabled pack has this key; the message names those there are."""


def packs_enabled() -> QuerySet[Pack]:
    """The packs that new work may use, by title, the newest first among versions of one pack."""
    return Pack.objects.filter(enabled=True).order_by("title", "-id")


def pack_current(key: str) -> DomainPack:
    """The newest enabled version of a pack. Raises PackUnknown."""
    row = Pack.objects.filter(key=key, enabled=True).order_by("-id").first()
    if row is None:
        known = ", ".join(sorted({pack.key for pack in packs_enabled()})) or "none"
        raise PackUnknown(f"There is no enabled pack {key!r}. Enabled are: {known}.")
    return pack_parsed(row.text)


def pack_at(key: str, version: str) -> DomainPack:
    """A pack at a version, enabled or not: what used it keeps it. Raises PackUnknown."""
    row = Pack.objects.filter(key=key, version=version).first()
    if row is None:
        raise PackUnknown(f"Pack {key!r} has no version {version!r} here.")
    return pack_parsed(row.text)


@lru_cache(maxsize=32)
def pack_parsed(text: str) -> DomainPack:
    """A pack's text, read and checked; texts never change, so reading one again is a waste."""
    return load_pack(text)


def rule_set_active() -> DomainRuleSet:
    """The rule set that cases are reviewed by: the active one, or where none was loaded yet the product's own."""
    row = RuleSet.objects.filter(active=True).first()
    return rule_set_of(row) if row else RULE_SET


def rule_set_of(row: RuleSet) -> DomainRuleSet:
    """A stored rule set as the domain's."""
    return DomainRuleSet.model_validate({"version": row.version, "rules": row.rules})
