"""Promise 7: an agent can do only what its token says, and a token handed on can only get narrower."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from django_tenants.utils import schema_context, tenant_context
from pydantic import BaseModel

from agents.registry.selectors import agent_current
from agents.registry.services import catalog_register
from agents.runtime import services as runtime
from agents.runtime.agent import AgentRun, Proposal
from agents.runtime.catalog import NAMES as AGENTS
from agents.runtime.services import agent_apply
from kernel.audit.models import AuditRecord
from kernel.capabilities.services import CapabilityRefused, Right, attenuate, authorize, mint, revoke
from kernel.guardrails.taint import Taint
from kernel.tools import registry
from kernel.tools.services import tool_call
from tenants.actors import Actor
from tenants.models import Tenant, User

UNKNOWN = "00000000-0000-4000-8000-000000000000"


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


def test_a_token_that_was_taken_back_is_refused_with_all_that_derive_from_it(run: AgentRun) -> None:
    narrow = attenuate(run.token, holder="agent:helper@1.0.0", rights=[Right("evidence.read", "customer:1")])
    revoke(run.token, reason="It was lost.", revoked_by="user:1")
    for token in (run.token, narrow):
        with pytest.raises(CapabilityRefused):
            authorize(token, action="evidence.read", resource="customer:1")
    with pytest.raises(CapabilityRefused):
        attenuate(run.token, holder="agent:helper@1.0.0")


def test_a_token_that_ended_is_refused(in_acme: Tenant) -> None:
    past = timezone.now() - timedelta(seconds=1)
    token = mint(subject="agent:a@1", rights=[Right("evidence.read", "customer:1")], expires_at=past, minted_by="user:1")
    with pytest.raises(CapabilityRefused):
        authorize(token, action="evidence.read", resource="customer:1")


def test_a_token_of_one_tenant_is_refused_in_another(run: AgentRun, globex: Tenant) -> None:
    with tenant_context(globex), pytest.raises(CapabilityRefused):
        authorize(run.token, action="evidence.read", resource="customer:1")


class Letter(BaseModel):
    to: str


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Letter]]:
    """What the tool ``mail.send`` sent; it is the only tool there is."""
    letters: list[Letter] = []
    monkeypatch.setattr(registry, "_tools", {})
    registry.tool("mail.send", schema=Letter, side_effect=True, resource=lambda letter: f"mail:{letter.to}")(letters.append)
    yield letters


def test_a_tool_that_the_token_does_not_name_is_not_called(run: AgentRun, sent: list[Letter]) -> None:
    with pytest.raises(CapabilityRefused):
        tool_call(name="mail.send", arguments={"to": "cfo@example.com"}, token=run.token, taint=Taint.CLEAN)
    assert sent == []


@pytest.mark.parametrize("agent", AGENTS)
def test_the_runtime_gives_each_agent_its_manifests_rights_on_its_customer_only(run: AgentRun, agent: str) -> None:
    manifest = agent_current(agent)
    process = runtime._start(manifest, {}, "customer:1", run.actor, None)
    token = runtime.agent_run(manifest, process, run.actor, "customer:1").token
    for spec in manifest.capabilities:
        authorize(token, action=spec.action, resource="customer:1")
        with pytest.raises(CapabilityRefused):
            authorize(token, action=spec.action, resource="customer:2")
    with pytest.raises(CapabilityRefused):
        authorize(token, action="case.commit", resource="customer:1")


# The rights that each agent writes by.
WRITERS = [
    ("opportunity", "opportunity.write"),
    ("target", "model.write"),
    ("target", "case.write"),
    ("integrity", "case.review"),
    ("realization", "realization.write"),
    ("expansion", "expansion.write"),
]


@pytest.mark.parametrize(("agent", "right"), WRITERS)
def test_no_agent_writes_without_asking_its_token(run: AgentRun, agent: str, right: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it looks at what it is to write: the proposal here is empty, so an agent that goes on fails in another way."""
    manifest = agent_current(agent)
    less = manifest.model_copy(update={"capabilities": tuple(c for c in manifest.capabilities if c.action != right)})
    assert len(less.capabilities) == len(manifest.capabilities) - 1
    monkeypatch.setattr(runtime, "agent_current", lambda _name: less)
    process = runtime._start(manifest, {}, "customer:1", run.actor, None)
    empty = Proposal(manifest.identifier, str(process.pid), "deterministic", {})

    with pytest.raises(CapabilityRefused, match=right):
        agent_apply(agent=agent, proposal=empty, inputs={"customer": UNKNOWN}, actor=run.actor)
