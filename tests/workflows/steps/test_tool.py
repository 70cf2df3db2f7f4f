"""Tools in a run: a token for what is held and nothing else, taint, approvals, one key for every attempt."""

from collections.abc import Iterator

import pytest
from pydantic import BaseModel

from kernel.processes.models import Process
from kernel.tools import registry
from kernel.tools.registry import tool
from tenants.actors import Actor
from tests.factories.workflows import definition_of, drive, started, step_of
from workflows.models import Step

pytestmark = pytest.mark.usefixtures("in_acme", "tools")

CALLS: list[tuple[str, str]] = []
HELD = "constraints: {capabilities: [{action: test.look, resource: 'thing:*'}, {action: test.send, resource: 'thing:*'}]}"


class Arguments(BaseModel):
    """What the tools take."""

    thing: str
    idempotency_key: str = ""


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One that looks and one that sends."""
    CALLS.clear()
    monkeypatch.setattr(registry, "_tools", dict(registry._tools))

    @tool("test.look", schema=Arguments, side_effect=False, resource=lambda a: f"thing:{a.thing}")
    def look(arguments: Arguments) -> dict[str, str]:
        """Look at a thing."""
        CALLS.append(("look", arguments.idempotency_key))
        return {"seen": arguments.thing}

    @tool("test.send", schema=Arguments, side_effect=True, resource=lambda a: f"thing:{a.thing}")
    def send(arguments: Arguments) -> dict[str, str]:
        """Send a thing away."""
        CALLS.append(("send", arguments.idempotency_key))
        return {}

    yield


def _ran(text: str, actor: Actor, **inputs: object) -> Step:
    run = drive(started(definition_of(text, inputs="{thing: {type: text, required: false}}"), actor=actor, **inputs))
    return step_of(run, "a")


def test_tool_is_called_as_a_process_with_the_steps_key(seller: Actor) -> None:
    step = _ran(f"a: {{kind: tool, tool: test.look, inputs: {{thing: '${{inputs.thing}}'}}, {HELD}}}", seller, thing="7")
    assert step.state == "completed"
    assert (step.output["value"], step.output["taint"]) == ({"seen": "7"}, "untrusted")
    assert [("look", f"{step.execution.reference}:a")] == CALLS
    process = Process.objects.get(pid=step.output["process"])
    assert (process.agent, process.state) == ("tool:test.look", "done")


@pytest.mark.parametrize(
    ("held", "error"),
    [
        ("", "StepTerminal"),
        (", constraints: {capabilities: [{action: test.look, resource: 'thing:8'}]}", "CapabilityRefused"),
    ],
)
def test_tool_without_the_capability_is_refused(seller: Actor, held: str, error: str) -> None:
    step = _ran(f"a: {{kind: tool, tool: test.look, inputs: {{thing: '7'}}{held}}}", seller)
    assert (step.state, step.error_class, CALLS) == ("failed", error, [])


def test_side_effect_on_what_the_run_brought_along_needs_a_person(seller: Actor) -> None:
    """Promise 10: what comes out of the run may derive from outside; what stands in the definition does not."""
    step = _ran(f"a: {{kind: tool, tool: test.send, inputs: {{thing: '${{inputs.thing}}'}}, {HELD}}}", seller, thing="7")
    assert (step.state, CALLS) == ("failed", [])
    assert "needs a human's approval" in step.error
    step = _ran(f"a: {{kind: tool, tool: test.send, inputs: {{thing: '7'}}, {HELD}}}", seller)
    assert (step.state, [name for name, _ in CALLS]) == ("completed", ["send"])


def test_arguments_that_do_not_fit_fail_the_step_at_once(seller: Actor) -> None:
    step = _ran(f"a: {{kind: tool, tool: test.look, inputs: {{wrong: 1}}, {HELD}}}", seller)
    assert (step.state, step.attempt, step.error_class) == ("failed", 1, "ArgumentsRefused")
