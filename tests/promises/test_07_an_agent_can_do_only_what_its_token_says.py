"""Promise 7: an agent can do only what its token says, and a token handed on can only get narrower."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from django_tenants.utils import schema_context

from agents.registry.selectors import agent_current
from agents.registry.services import catalog_register
from agents.runtime.agent import AgentRun
from kernel.audit.models import AuditRecord
from kernel.capabilities.services import CapabilityRefused, Right, attenuate, authorize, mint
from tenants.actors import Actor
from tenants.models import Tenant, User


@pytest.fixture
def run(in_acme: Tenant, sam: User, actor_for: Callable[[User], Actor]) -> AgentRun:
    """The opportunity agent at work for customer:1, as the runtime sets it up."""
    with schema_context("public"):
        catalog_register(actor="system")
    manifest = agent_current("opportunity")
    token = mint(
        subject=manifest.identifier,
        rights=[spec.right(subject="customer:1") for spec in manifest.capabilities],
        expires_at=timezone.now() + timedelta(minutes=5),
        minted_by="user:1",
    )
    return AgentRun(manifest, "", token, actor_for(sam), lambda *_: None, "customer:1")


def test_what_the_manifest_names_is_allowed_and_audited(run: AgentRun) -> None:
    run.use("opportunity.write")
    assert AuditRecord.objects.filter(action="capability.used", actor="agent:opportunity@1.0.0").count() == 1


@pytest.mark.parametrize("action", ["case.write", "case.review", "commitment.write", "telemetry.write"])
def test_what_the_manifest_does_not_name_is_refused(run: AgentRun, action: str) -> None:
    with pytest.raises(CapabilityRefused):
        run.use(action)
    assert AuditRecord.objects.filter(action="capability.refused").count() == 1


def test_another_customer_is_refused(run: AgentRun) -> None:
    run.subject = "customer:2"
    with pytest.raises(CapabilityRefused):
        run.use("opportunity.write")


def test_a_token_handed_on_is_narrower_and_never_wider(run: AgentRun) -> None:
    narrow = attenuate(run.token, holder="agent:helper@1.0.0", rights=[Right("evidence.read", "customer:1")])
    authorize(narrow, action="evidence.read", resource="customer:1")
    with pytest.raises(CapabilityRefused):
        authorize(narrow, action="opportunity.write", resource="customer:1")
    wider = attenuate(narrow, holder="agent:thief@1.0.0", rights=[Right("opportunity.write", "customer:1")])
    with pytest.raises(CapabilityRefused):
        authorize(wider, action="opportunity.write", resource="customer:1")
