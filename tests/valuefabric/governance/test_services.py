from decimal import Decimal
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction
from pydantic import ValidationError

from kernel.audit.models import AuditRecord
from tenants.models import Tenant
from valuefabric.domain.manifesto import RULE_SET, RuleError, gate_policy
from valuefabric.domain.packs import PackError
from valuefabric.governance.models import Pack, RuleSet
from valuefabric.governance.selectors import PackUnknown, pack_at, pack_current, packs_enabled, rule_set_active
from valuefabric.governance.services import (
    PACKS,
    VersionChanged,
    pack_enable,
    packs_load,
    rule_set_activate,
    rule_set_add,
    rule_set_load,
)

EDUCATION = (PACKS / "customer_education.yaml").read_text(encoding="utf-8")

pytestmark = pytest.mark.django_db


def test_packs_load_adds_each_pack_once() -> None:
    first = packs_load(actor="system")
    second = packs_load(actor="system")

    assert [pack.key for pack in first] == [path.stem for path in sorted(PACKS.glob("*.yaml"))]
    assert second == []
    assert AuditRecord.objects.filter(action="pack.add", subject="pack:customer_education").count() == 1


def test_pack_changed_under_its_version_is_refused(tmp_path: Path) -> None:
    packs_load(actor="system")
    (tmp_path / "changed.yaml").write_text(EDUCATION.replace("title: Customer education", "title: Other education", 1))

    with pytest.raises(VersionChanged, match="Give the changed one a new version"):
        packs_load(actor="system", folder=tmp_path)

    assert Pack.objects.get(key="customer_education").title == "Customer education"


def test_bad_pack_file_names_its_field(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("format: vos.pack/1\nkey: Bad Key\n")

    with pytest.raises(PackError, match="key"):
        packs_load(actor="system", folder=tmp_path)

    assert Pack.objects.count() == 0


def test_pack_current_is_the_newest_enabled_version(tmp_path: Path) -> None:
    packs_load(actor="system")
    (tmp_path / "newer.yaml").write_text(EDUCATION.replace("version: 1.1.0", "version: 1.2.0", 1))
    packs_load(actor="system", folder=tmp_path)

    assert pack_current("customer_education").version == "1.2.0"

    pack_enable(pack=Pack.objects.get(version="1.2.0"), enabled=False, actor="operator:1")

    assert pack_current("customer_education").version == "1.1.0"
    assert pack_at("customer_education", "1.2.0").version == "1.2.0"


def test_unknown_pack_names_those_there_are() -> None:
    packs_load(actor="system")

    with pytest.raises(PackUnknown, match=r"Enabled are: .*customer_education"):
        pack_current("nothing")


def test_rule_set_load_activates_the_products_own_once() -> None:
    first, second = rule_set_load(actor="system"), rule_set_load(actor="system")

    assert (first.pk, first.active, first.hash) == (second.pk, True, RULE_SET.hash)
    assert rule_set_active() == RULE_SET.model_validate(RULE_SET.model_dump(mode="json"))
    assert rule_set_active().hash == RULE_SET.hash


def test_rule_set_add_changes_only_what_is_named_and_is_not_active() -> None:
    rule_set_load(actor="system")

    added = rule_set_add(
        version="1.0.0-strict",
        severities={"plain_words": "critical"},
        parameters={"several_functions": {"least": 3}},
        actor="operator:1",
    )

    assert added.active is False
    assert added.hash != RULE_SET.hash
    changed = {rule["key"]: rule for rule in added.rules}
    assert changed["plain_words"]["severity"] == "critical"
    assert changed["several_functions"]["parameters"] == {"least": 3}
    assert changed["named_owner"]["severity"] == "major"
    assert rule_set_active().version == RULE_SET.version


def test_operators_rule_set_stays_active_over_the_products() -> None:
    own = rule_set_add(version="9-own", severities={"plain_words": "critical"}, parameters={}, actor="operator:1")
    rule_set_activate(rule_set=own, actor="operator:1")

    rule_set_load(actor="system")

    assert rule_set_active().version == "9-own"
    assert RuleSet.objects.filter(active=True).count() == 1


def test_rule_set_with_unknown_rule_or_severity_is_refused() -> None:
    with pytest.raises(RuleError, match="no rule 'nothing'"):
        rule_set_add(version="2", severities={"nothing": "minor"}, parameters={}, actor="operator:1")
    with pytest.raises(ValidationError, match="severity"):
        rule_set_add(version="2", severities={"plain_words": "gigantic"}, parameters={}, actor="operator:1")

    assert RuleSet.objects.count() == 0


def test_tenant_reads_packs_and_rules_and_writes_neither(acme: Tenant) -> None:
    packs_load(actor="system")
    rule_set_load(actor="system")
    connection.set_tenant(acme)
    try:
        assert [pack.key for pack in packs_enabled() if pack.key == "customer_education"] == ["customer_education"]
        assert rule_set_active().version == RULE_SET.version
        for write in (Pack.objects.all(), RuleSet.objects.all()):
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                write.delete()
    finally:
        connection.set_schema_to_public()


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"least_risk_adjustment": "2"}, "a limit is a share from 0 to 1"),
        ({"most_at_once": "many"}, "a limit is a share from 0 to 1"),
        ({"least_risk": "0.1"}, "there is no limit 'least_risk'; there are least_risk_adjustment"),
    ],
    ids=["more than all", "no number", "unknown"],
)
def test_limits_of_the_gate_that_are_none_are_refused(limits: dict[str, str], message: str) -> None:
    rule_set_load(actor="system")

    with pytest.raises(RuleError, match=message):
        rule_set_add(version="strict", severities={}, parameters={"conservative_gate": limits}, actor="operator:1")

    assert RuleSet.objects.count() == 1


def test_an_older_rule_set_takes_new_rules_along_into_its_next_version() -> None:
    older = RULE_SET.model_copy(
        update={"version": "own", "rules": tuple(rule for rule in RULE_SET.rules if rule.key != "conservative_gate")}
    )
    rules = older.model_dump(mode="json")["rules"]
    RuleSet.objects.create(version="own", rules=rules, hash=older.hash, active=True, created_by="operator:1")
    assert gate_policy(rule_set_active()) is None

    limits = {"conservative_gate": {"least_risk_adjustment": "0.2"}}
    made = rule_set_add(version="own 2", severities={}, parameters=limits, actor="operator:1")
    rule_set_activate(rule_set=made, actor="operator:1")

    policy = gate_policy(rule_set_active())
    assert policy is not None
    assert (policy.least_risk_adjustment, policy.most_at_once) == (Decimal("0.2"), Decimal("0.9"))
