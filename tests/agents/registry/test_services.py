"""Registering agents: a version's text is for ever, and what is switched off starts nothing."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django_tenants.utils import schema_context

from agents.manifest import ManifestError
from agents.registry.models import AgentVersion
from agents.registry.selectors import AgentNotAvailable, agent_current, agents_list
from agents.registry.services import CATALOG, agent_register, catalog_register
from agents.runtime.services import agent_propose
from kernel.actors import SYSTEM
from kernel.audit.models import AuditRecord
from kernel.processes.models import Process
from tenants.actors import Actor
from tenants.models import Tenant

NAMES = [
    "benchmark_estimator", "evidence_estimator", "expansion", "integrity",
    "opportunity", "peer_estimator", "realization", "target",
]  # fmt: skip
TEXT = (CATALOG / "integrity" / "manifest.yaml").read_text()


@pytest.fixture
def public(db: None) -> Iterator[None]:
    """Where operators govern agents; nothing is registered yet."""
    with schema_context("public"):
        AgentVersion.objects.all().delete()
        yield


def _later(text: str = TEXT, version: str = "1.1.0") -> str:
    return text.replace("version: 1.0.0", f"version: {version}")


def test_the_catalogue_registers_every_agent_once(public: None) -> None:
    first = catalog_register(actor=SYSTEM)
    again = catalog_register(actor=SYSTEM)

    assert [row.name for row in first] == NAMES
    assert [row.pk for row in again] == [row.pk for row in first]
    assert AuditRecord.objects.filter(action="agent.register").count() == len(NAMES)


def test_the_same_text_changes_nothing(public: None) -> None:
    row = agent_register(text=TEXT, actor="operator:1")
    assert agent_register(text=TEXT, actor="operator:2").pk == row.pk
    record = AuditRecord.objects.get(action="agent.register")
    assert (record.actor, record.subject, record.detail) == ("operator:1", "agent:integrity@1.0.0", {"hash": row.manifest_hash})


def test_changed_text_under_a_known_version_is_refused(public: None) -> None:
    agent_register(text=TEXT, actor=SYSTEM)
    with pytest.raises(ManifestError, match="give it a new version"):
        agent_register(text=TEXT.replace("case.review", "case.write"), actor=SYSTEM)
    row = AgentVersion.objects.get()
    assert row.manifest == TEXT
    assert AuditRecord.objects.filter(action="agent.register").count() == 1


def test_a_bad_manifest_registers_nothing(public: None) -> None:
    with pytest.raises(ManifestError):
        agent_register(text=TEXT.replace("[1, 2,", "[0, 2,"), actor=SYSTEM)
    assert not AgentVersion.objects.exists()
    assert not AuditRecord.objects.filter(action="agent.register").exists()


def test_the_newest_enabled_version_runs(public: None) -> None:
    agent_register(text=TEXT, actor=SYSTEM)
    newer = agent_register(text=_later(), actor=SYSTEM)
    assert agent_current("integrity").version == "1.1.0"
    assert [row.version for row in agents_list()] == ["1.1.0", "1.0.0"]

    newer.is_enabled = False
    newer.save()
    assert agent_current("integrity").version == "1.0.0"


def test_registering_a_new_version_does_not_wake_one_that_was_switched_off(public: None) -> None:
    agent_register(text=TEXT, actor=SYSTEM)
    AgentVersion.objects.update(is_enabled=False)
    agent_register(text=TEXT, actor=SYSTEM)
    with pytest.raises(AgentNotAvailable, match="an operator can enable it"):
        agent_current("integrity")


def test_a_disabled_agent_starts_no_process(public: None, acme: Tenant, sam: object, actor_for: Callable[..., Actor]) -> None:
    catalog_register(actor=SYSTEM)
    AgentVersion.objects.filter(name="target").update(is_enabled=False)
    actor = actor_for(sam)
    with schema_context(acme.schema_name), pytest.raises(AgentNotAvailable):
        agent_propose(agent="target", inputs={}, subject="customer:1", actor=actor)
    with schema_context(acme.schema_name):
        assert not Process.objects.exists()


def test_the_command_registers_and_tells(public: None, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("agents", "register")
    assert capsys.readouterr().out.splitlines() == [f"{name} 1.0.0 enabled" for name in NAMES]


def test_every_agent_of_the_catalogue_has_code() -> None:
    from agents.runtime.catalog import agent_code

    assert sorted(path.parent.name for path in Path(CATALOG).glob("*/manifest.yaml")) == NAMES
    assert [agent_code(name).name for name in NAMES] == NAMES
    with pytest.raises(LookupError, match="There is no agent 'thief'"):
        agent_code("thief")
