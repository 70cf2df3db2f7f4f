"""The model-assisted method: asked under the agent's name, streamed to its process, and never needed."""

from collections.abc import Iterator

import pytest
from django_tenants.utils import schema_context
from pydantic import BaseModel

from agents.assisted import ask, can_assist, ungrounded_figures
from agents.manifest import manifest_load
from agents.registry.services import CATALOG
from agents.runtime.agent import AgentRun
from kernel.budgets.models import Reservation, UsageRecord
from kernel.llm.errors import OverBudget
from kernel.llm.models import ModelDeployment, Residency
from kernel.llm.sensitivity import Sensitivity
from kernel.processes.models import ProcessEvent
from kernel.processes.services import process_run, process_start
from tenants.actors import Actor
from tenants.models import Tenant
from tests.fakes.openai_server import Answer, Fail, OpenAIServer, openai_server, typed

__all__ = ["openai_server"]


class Reply(BaseModel):
    """What is asked for."""

    text: str


@pytest.fixture
def told() -> list[tuple[str, dict[str, object]]]:
    """What the run told its page."""
    return []


@pytest.fixture
def run(in_acme: Tenant, seller: Actor, told: list[tuple[str, dict[str, object]]]) -> AgentRun:
    """The target agent at work."""
    manifest = manifest_load((CATALOG / "target" / "manifest.yaml").read_text())
    process = process_run(process=process_start(agent=manifest.identifier, inputs={}, actor=seller.identifier))
    return AgentRun(manifest, str(process.pk), "", seller, lambda kind, data: told.append((kind, dict(data))), "customer:1")


@pytest.fixture
def provider(run: AgentRun, openai_server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenAIServer]:
    """A configured model."""
    monkeypatch.setenv("FAKE_API_KEY", "sk-fake-secret")
    with schema_context("public"):
        ModelDeployment.objects.create(
            name="fake", model="openai/fake", api_base=openai_server.url, api_key_variable="FAKE_API_KEY", timeout_seconds=5
        )
    yield openai_server


def _ask(run: AgentRun, sensitivity: Sensitivity = Sensitivity.CONFIDENTIAL) -> Reply | None:
    return ask(run, Reply, sensitivity=sensitivity, section="summary", text="Worth $16,717,314.", words="42")


def test_without_a_provider_nobody_is_asked(run: AgentRun) -> None:
    assert not can_assist(run)
    assert _ask(run) is None
    assert run.notes == [run.notes[0]]
    assert run.notes[0].endswith("the deterministic method's result stands.")


def test_an_agent_without_a_model_method_never_asks(run: AgentRun, provider: OpenAIServer) -> None:
    run.manifest = run.manifest.model_copy(update={"model": None})
    assert not can_assist(run)
    assert _ask(run) is None
    assert (run.notes, len(provider.requests)) == ([], 0)


def test_an_answer_is_typed_streamed_and_accounted(run: AgentRun, provider: OpenAIServer, told: list) -> None:
    provider.will(typed({"text": "It is worth $16,717,314."}))
    assert can_assist(run)
    answer = _ask(run)

    assert answer == Reply(text="It is worth $16,717,314.")
    assert [(kind, data["deployment"]) for kind, data in told] == [("model", "fake")]
    streamed = ProcessEvent.objects.filter(process_id=run.process).exclude(kind="state").order_by("number")
    assert "".join(event.data["text"] for event in streamed) == '{"text": "It is worth $16,717,314."}'
    assert run.notes == []
    with schema_context("public"):
        assert UsageRecord.objects.count() == 1


def test_the_prompt_holds_what_was_given_and_no_placeholders(run: AgentRun, provider: OpenAIServer) -> None:
    provider.will(typed({"text": "ok"}))
    _ask(run)
    prompt = str(provider.requests[0])
    assert "Worth $16,717,314." in prompt
    assert "$section" not in prompt
    assert "$text" not in prompt


def test_what_may_not_leave_the_house_does_not(run: AgentRun, provider: OpenAIServer) -> None:
    """The document's classification bounds where it may be sent; the deterministic method's result stands then."""
    with schema_context("public"):
        Residency.objects.create(schema_name="acme", in_house_from="restricted")
    provider.otherwise = typed({"text": "ok"})
    assert _ask(run, Sensitivity.RESTRICTED) is None
    assert provider.requests == []
    assert "restricted" in run.notes[0]
    assert _ask(run, Sensitivity.CONFIDENTIAL) == Reply(text="ok")


def test_a_call_that_the_run_cannot_afford_is_not_made_and_holds_nothing(run: AgentRun, provider: OpenAIServer) -> None:
    def broke() -> None:
        held = Reservation.objects.get(state="held")
        assert held.process == run.process
        raise OverBudget("The run may spend 1 USD.")

    run.affords = broke
    assert _ask(run) is None
    assert provider.requests == []
    assert "may spend 1 USD" in run.notes[0]
    assert list(Reservation.objects.values_list("state", flat=True)) == ["released"]


@pytest.mark.parametrize("answer", [Answer(text="I am a teapot."), Answer(text='{"words": 1}'), Fail(400)])
def test_a_model_that_answers_nonsense_is_noted_and_gone_without(run: AgentRun, provider: OpenAIServer, answer: object) -> None:
    provider.otherwise = answer
    assert _ask(run) is None
    assert len(run.notes) == 1
    assert "the deterministic method's result stands" in run.notes[0]
    assert "sk-fake-secret" not in run.notes[0]


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("Retention was 22.2% better.", []),
        ("Retention was 22.20 % better, on $1.0 billion.", []),
        ("Retention was 23% better.", ["23%"]),
        ("No figures at all.", []),
        ("It is worth $2,000,000.", ["$2,000,000"]),
    ],
)
def test_figures_of_the_models_own_are_found(text: str, missing: list[str]) -> None:
    assert ungrounded_figures(text, "about $1.0 billion of revenue; retention was 22.2% better") == missing
