"""Promise 2: a language model never does arithmetic and never supplies a figure of its own."""

from collections.abc import Iterator
from typing import Any

import pytest
from django_tenants.utils import schema_context, tenant_context

from agents.catalog.opportunity.agent import WordedClaim, WordedClaims
from agents.catalog.target.agent import Reworded
from kernel.llm.models import ModelDeployment
from kernel.processes.models import Process
from tenants.models import Tenant
from tests.factories.job import ground_make
from tests.fakes.openai_server import Answer, OpenAIServer, typed
from valuefabric.models import BusinessCase, Hypothesis
from vos.demo import job
from vos.demo.pump import wait_until, work_here
from workflows.models import Execution

QUOTATION = "Among customers who took courses in the pilot, retention was 22.2% better than in the matched group without."


@pytest.fixture
def provider(committed: Tenant, openai_server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenAIServer]:
    """A configured model, so that agents run their model-assisted method."""
    monkeypatch.setenv("FAKE_API_KEY", "sk-fake-secret")
    with schema_context("public"):
        deployment = ModelDeployment.objects.create(
            name="fake", model="openai/fake", api_base=openai_server.url, api_key_variable="FAKE_API_KEY", timeout_seconds=10
        )
    yield openai_server
    with schema_context("public"):
        deployment.delete()


def _drafted(tenant: Tenant) -> Execution:
    ground_make(tenant)
    seller = job._actor(tenant, "account executive")
    with tenant_context(tenant):
        customer = job._customer(seller)
        for name in job.DOCUMENTS:
            job.evidence_add(customer=customer, filename=name, content=(job.DATA / name).read_bytes(), actor=seller)
        run = job._start(customer, seller)
        wait_until("the approval", lambda: job._asked(run), work_here, seconds=120)
    return run


def _claims(claim: str, quotation: str = QUOTATION) -> Answer:
    return typed(WordedClaims(claims=[WordedClaim(driver="retention", claim=claim, quotation=quotation)]).model_dump())


def _adds_figures(body: dict[str, Any]) -> Answer:
    """The section as it is, every figure kept, with two of the model's own behind them."""
    section = body["messages"][-1]["content"].partition("SECTION\n")[2]
    return typed(Reworded(text=f"{section} It is worth $98,765,432, a return of 417%.").model_dump())


def test_an_invented_figure_is_rejected_and_the_code_stands(committed: Tenant, provider: OpenAIServer) -> None:
    provider.will(_claims("Training lifts retention by 37%, worth $98,765,432 a year."))
    provider.otherwise = _adds_figures
    _drafted(committed)

    with tenant_context(committed):
        case = BusinessCase.objects.get()
        everything = str(case.narrative) + str(list(Hypothesis.objects.values_list("claim", flat=True)))
        assert "98,765,432" not in everything
        assert "417" not in everything
        assert case.sections["summary"].count("$16,717,314") == 1
        notes = str(list(Process.objects.filter(agent__startswith="agent:").values_list("events__data", flat=True)))
        assert "stands in no evidence" in notes
        assert "brings" in notes


def test_an_invented_quotation_is_rejected(committed: Tenant, provider: OpenAIServer) -> None:
    provider.will(_claims("Retention was 22.2% better.", quotation="Retention will surely double."), Answer(text="not json"))
    _drafted(committed)

    with tenant_context(committed):
        assert "surely double" not in str(list(Hypothesis.objects.values("claim", "quotation")))
        assert not Hypothesis.objects.filter(claim="Retention was 22.2% better.").exists()
        assert Hypothesis.objects.get(driver_key="retention").opportunity.method == "deterministic"


def test_a_wording_that_drops_a_figure_is_rejected(committed: Tenant, provider: OpenAIServer) -> None:
    provider.will(Answer(text="not json"), Answer(text="not json"), Answer(text="not json"))
    provider.otherwise = typed(Reworded(text="The case pays for itself, and more.").model_dump())
    _drafted(committed)

    with tenant_context(committed):
        assert BusinessCase.objects.get().sections["summary"].count("$16,717,314") == 1
        assert dict(Process.objects.values_list("agent", "method"))["agent:target@1.0.0"] == "deterministic"


def test_a_grounded_wording_is_taken_and_labelled(committed: Tenant, provider: OpenAIServer) -> None:
    claim = "Customers who took courses in the pilot renewed more: retention was 22.2% better than without."
    provider.will(_claims(claim))
    provider.otherwise = Answer(text="nonsense")
    _drafted(committed)

    with tenant_context(committed):
        hypothesis = Hypothesis.objects.get(driver_key="retention")
        assert hypothesis.claim == claim
        assert hypothesis.opportunity.method == "model"
        methods = dict(Process.objects.values_list("agent", "method"))
        assert methods["agent:opportunity@1.0.0"] == "model-assisted"
        assert methods["agent:target@1.0.0"] == "deterministic"


def test_a_provider_that_fails_costs_nothing_but_the_wording(committed: Tenant, provider: OpenAIServer) -> None:
    provider.otherwise = Answer(text="I am a teapot, and 12 is my favourite number.")
    run = _drafted(committed)

    with tenant_context(committed):
        assert run.steps.get(key="decision").state == "waiting"
        assert "$16,717,314" in BusinessCase.objects.get().sections["summary"]
