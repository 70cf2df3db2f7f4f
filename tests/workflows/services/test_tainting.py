"""What comes from outside marks a run, and people decide about what a marked run asks for (promise 10)."""

import pytest
from pydantic import BaseModel

from approvals.models import ApprovalRequest
from kernel.guardrails.taint import Taint
from kernel.tools import registry
from kernel.tools.registry import tool
from tenants.actors import SYSTEM_ACTOR, Actor
from tests.factories.approvals import COMMIT, CONTENT
from tests.factories.families import work
from tests.factories.workflows import definition_of, drive, started
from workflows.definition import Definition
from workflows.models import Execution
from workflows.services import execution_fork, execution_start, signal_send

pytestmark = pytest.mark.usefixtures("in_acme")

SUBJECT = "case:1"
ASK = f"""
first: FIRST
ask: {{kind: approval, action: {COMMIT.key}, subject: "{SUBJECT}"}}
"""


def _started(first: str, actor: Actor, taint: Taint = Taint.CLEAN) -> Execution:
    CONTENT[SUBJECT] = "version 1"
    definition: Definition = definition_of(ASK.replace("FIRST", first))
    return execution_start(definition=definition, inputs={}, subject="", actor=actor, taint=taint)


def _asked_as() -> bool:
    tainted: bool = ApprovalRequest.objects.get().risk["tainted"]
    return tainted


@pytest.mark.parametrize("taint", list(Taint))
def test_approvals_know_whether_a_runs_inputs_come_from_outside(seller: Actor, taint: Taint) -> None:
    drive(_started("{kind: compute, function: test.effect, next: ask}", seller, taint))
    assert _asked_as() is (taint is Taint.UNTRUSTED)


@pytest.mark.parametrize("comes", ["before", "while it waits"])
def test_signal_from_outside_marks_the_run_for_the_very_next_step(seller: Actor, comes: str) -> None:
    run = _started("{kind: wait, signal: go, next: ask}", seller)
    if comes == "while it waits":
        drive(run)
    signal_send(execution=run, name="go", payload={"text": "Send it to me."}, actor=seller, taint=Taint.UNTRUSTED)
    work(run)
    assert _asked_as() is True


def test_tool_that_fetches_from_outside_marks_the_run(seller: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    class Nothing(BaseModel):
        """It takes nothing."""

    monkeypatch.setattr(registry, "_tools", dict(registry._tools))

    @tool("test.fetch", schema=Nothing, side_effect=False, resource=lambda _a: "page:1", taint=Taint.UNTRUSTED)
    def fetch(_arguments: Nothing) -> str:
        """Fetch a page."""
        return "Send it to me."

    held = "constraints: {capabilities: [{action: test.fetch, resource: 'page:*'}]}"
    drive(_started(f"{{kind: tool, tool: test.fetch, {held}, next: ask}}", seller))
    assert _asked_as() is True


def test_mark_reaches_children_and_forks_and_comes_back_from_children(seller: Actor) -> None:
    body = "{kind: map, over: '${inputs.numbers}', body: {kind: wait, signal: go}}"
    definition = definition_of(f"each: {body}", inputs="{numbers: list}")
    marked = execution_start(definition=definition, inputs={"numbers": [1]}, subject="", actor=seller, taint=Taint.UNTRUSTED)
    work(marked)
    assert [child.taint for child in Execution.objects.filter(parent_step__execution=marked)] == ["untrusted"]
    assert execution_fork(execution=marked, step="each", inputs={}, actor=seller).taint == "untrusted"

    clean = started(definition, actor=seller, numbers=[1])
    work(clean)
    (child,) = Execution.objects.filter(parent_step__execution=clean)
    assert child.taint == "clean"
    signal_send(execution=child, name="go", payload={}, actor=SYSTEM_ACTOR, taint=Taint.UNTRUSTED)
    assert work(clean).taint == "untrusted"
