"""The agents that vote on an assumption: each by its own means, changing nothing, and a model never supplies the figure."""

from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest
from django.apps import apps
from django_tenants.utils import schema_context

from agents.runtime.services import agent_compensate
from kernel.llm.models import ModelDeployment
from kernel.processes.models import Process, ProcessEvent
from tenants.actors import Actor
from tenants.models import User
from tests.agents.conftest import Inputs, RunAgent
from tests.factories.realizations import commitment_make, report_make
from tests.fakes.openai_server import OpenAIServer, openai_server, typed
from valuefabric.models import Customer
from valuefabric.selectors.realization import result_of
from valuefabric.services.customers import customer_create
from valuefabric.services.evidence import evidence_add
from vos.demo.job import PACK

__all__ = ["openai_server"]

# Nothing here has the words by which the grammar knows utilization.
HIDDEN = "Of everybody we wrote to, 47.5% came along.\nThe office has 12 chairs.\n"
SENTENCE = "Of everybody we wrote to, 47.5% came along."


@pytest.fixture
def provider(openai_server: OpenAIServer, monkeypatch: pytest.MonkeyPatch, governed: object) -> Iterator[OpenAIServer]:
    """A configured model."""
    monkeypatch.setenv("FAKE_API_KEY", "sk-fake-secret")
    with schema_context("public"):
        ModelDeployment.objects.create(
            name="fake", model="openai/fake", api_base=openai_server.url, api_key_variable="FAKE_API_KEY", timeout_seconds=5
        )
    yield openai_server


@pytest.fixture
def hidden(customer: Customer, seller: Actor) -> Inputs:
    """A customer whose one document states utilization in words that the grammar does not know."""
    evidence_add(customer=customer, filename="mail.md", content=HIDDEN.encode(), actor=seller)
    return {"customer": str(customer.public_id), "pack": PACK, "input": "utilization"}


def test_each_estimator_votes_by_its_own_means_as_a_process_of_its_own(inputs: Inputs, run_agent: RunAgent) -> None:
    asked = {**inputs, "input": "utilization"}
    votes = {}
    for name in ("evidence_estimator", "benchmark_estimator", "peer_estimator"):
        proposal, votes[name] = run_agent(name, asked)
        process = Process.objects.get(pk=proposal.process)
        assert (process.agent, process.state, process.method) == (f"agent:{name}@1.0.0", "done", "deterministic")
    assert [vote["estimate"] for vote in votes.values()] == ["0.511", "0.5", None]
    assert "51.1% of the customers" in votes["evidence_estimator"]["source"]
    assert "Illustrative" in votes["benchmark_estimator"]["source"]
    said = ProcessEvent.objects.get(process_id=votes["evidence_estimator"]["process"], kind="estimate")
    assert said.data["text"].startswith("Utilization among customers offered: 51.1 %, weight 2; call_notes.md: “")
    assert proposal.notes == ("Nothing is known of utilization by this method, so it has no vote.",)


def test_an_estimator_changes_nothing_and_has_nothing_to_undo(inputs: Inputs, run_agent: RunAgent, seller: Actor) -> None:
    models = list(apps.get_app_config("valuefabric").get_models())
    rows = [model._default_manager.count() for model in models]
    _proposal, vote = run_agent("evidence_estimator", {**inputs, "input": "utilization"})
    agent_compensate(agent="evidence_estimator", output=vote, actor=seller)
    assert [model._default_manager.count() for model in models] == rows


def test_without_documents_the_evidence_has_no_vote_and_says_what_to_add(customer: Customer, run_agent: RunAgent) -> None:
    asked = {"customer": str(customer.public_id), "pack": PACK, "input": "utilization"}
    proposal, vote = run_agent("evidence_estimator", asked)
    assert vote["estimate"] is None
    assert "Add call notes" in proposal.notes[0]


def test_a_model_points_at_the_sentence_and_code_reads_the_figure(
    hidden: Inputs, run_agent: RunAgent, provider: OpenAIServer
) -> None:
    provider.will(typed({"quotation": SENTENCE, "figure": "47.5%"}))
    proposal, vote = run_agent("evidence_estimator", hidden)
    assert (proposal.method, vote["estimate"], vote["weight"]) == ("model-assisted", "0.475", "1")
    assert vote["source"] == f"mail.md: “{SENTENCE}” (a model pointed at it, code read the figure)"


@pytest.mark.parametrize(
    ("quotation", "figure", "why"),
    [
        ("Of everybody we wrote to, 90% came along.", "90%", "its quotation is not in the evidence"),
        (SENTENCE, "90%", "“90%” is not one figure"),
        ("5% came along.", "5%", "“5%” is not one figure"),
        ("The office has 12 chairs.", "12 chairs", "“12 chairs” is not one figure of it in percent"),
        ("", "47.5%", "Nothing is known of utilization"),
    ],
    ids=["invented-sentence", "invented-figure", "cut-figure", "other-unit", "no-sentence"],
)
def test_a_figure_of_the_models_own_is_no_vote(
    hidden: Inputs, run_agent: RunAgent, provider: OpenAIServer, quotation: str, figure: str, why: str
) -> None:
    provider.will(typed({"quotation": quotation, "figure": figure}))
    proposal, vote = run_agent("evidence_estimator", hidden)
    assert (proposal.method, vote["estimate"]) == ("deterministic", None)
    assert why in " ".join(proposal.notes)


def test_a_model_may_take_weight_from_a_benchmark_and_never_touches_its_figure(
    hidden: Inputs, run_agent: RunAgent, provider: OpenAIServer
) -> None:
    provider.will(typed({"fit": "far", "quotation": SENTENCE}))
    proposal, vote = run_agent("benchmark_estimator", hidden)
    assert (proposal.method, vote["estimate"], vote["weight"]) == ("model-assisted", "0.5", "0.125")
    assert f"fits far: “{SENTENCE}”" in vote["source"]

    provider.will(typed({"fit": "far", "quotation": "They sell forklifts."}))
    proposal, vote = run_agent("benchmark_estimator", {**hidden, "input": "spending_lift_among_users"})
    assert (proposal.method, vote["weight"]) == ("deterministic", "0.5")


def test_peers_are_the_other_customers_that_the_person_may_see_and_no_model_hears_of_them(
    customer: Customer,
    seller: Actor,
    run_agent: RunAgent,
    provider: OpenAIServer,
    alice: User,
    bob: User,
    carol: User,
    actor_for: Callable[[User], Actor],
) -> None:
    owner, voters = actor_for(alice), (actor_for(bob), actor_for(carol))
    other = customer_create(name="Other", industry="Software", naics="5132", currency="USD", actor=owner)
    report = report_make(commitment_make(other, owner, voters), owner)
    recent = next(line.recent for line in result_of(report).assumptions if line.kpi == "utilization")
    asked = {"customer": str(customer.public_id), "pack": PACK, "input": "utilization"}

    _proposal, vote = run_agent("peer_estimator", asked)
    assert (Decimal(vote["estimate"]), vote["source"]) == (recent, "measured at 1 other customer")
    Customer.objects.filter(pk=other.pk).update(restricted=True)
    _proposal, vote = run_agent("peer_estimator", asked)
    assert vote["estimate"] is None
    assert provider.requests == []
