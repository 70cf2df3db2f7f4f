"""Maps, loops and workflows inside workflows: what they give, what fails, and that nothing is done twice."""

import pytest

from kernel.events.models import OutboxEvent
from tenants.actors import Actor
from tests.factories.families import work
from tests.factories.workflows import FAULTS, definition_of, effects, started, states, step_of
from workflows.models import Execution, Step
from workflows.services import execution_roll_back, step_retry
from workflows.steps.protocol import StepTerminal

pytestmark = pytest.mark.usefixtures("in_acme")

MAP = """
each:
  kind: map
  over: ${inputs.numbers}
  inputs: {factor: "${inputs.factor}"}
  at_once: 2
  on_failure: ON
  body:
    steps:
      times: {kind: compute, values: {n: "${inputs.item} * ${inputs.factor}"}, next: note}
      note: {kind: compute, function: test.effect, inputs: {n: "${steps.times.output.n}"}}
    result: {n: "${steps.times.output.n}"}
  next: total
total: {kind: compute, values: {count: "${steps.each.output.count}"}}
"""


def _map(on_failure: str = "fail", **inputs: object) -> Execution:
    definition = definition_of(MAP.replace("ON", on_failure), inputs="{numbers: list, factor: {type: number, default: 10}}")
    return started(definition, **inputs)


def test_map_gathers_by_place() -> None:
    run = work(_map(numbers=[3, 1, 2]))
    assert run.state == "completed"
    assert step_of(run, "each").output == {"items": [{"n": 30}, {"n": 10}, {"n": 20}], "count": 3, "failed": []}
    assert run.output == {"count": 3}


def test_map_over_nothing_is_done_at_once() -> None:
    assert work(_map(numbers=[])).output == {"count": 0}


def test_map_that_collects_goes_on_with_what_succeeded() -> None:
    FAULTS["commit", "note"] = [StepTerminal("No.")]
    run = work(_map("collect", numbers=[1, 2]))
    output = step_of(run, "each").output
    assert (run.state, output["count"], [item is None for item in output["items"]]) == ("completed", 1, [True, False])
    assert output["failed"][0]["error"] == "No."


def test_map_that_fails_says_where_and_goes_on_when_retried(seller: Actor) -> None:
    FAULTS["commit", "note"] = [StepTerminal("No.")]
    run = work(_map(numbers=[1, 2]))
    step = step_of(run, "each")
    assert (run.state, step.error) == ("failed", "number 0: No. Mend and retry what failed there; this step then goes on.")
    done = len(effects())
    step_retry(step=step, actor=seller)
    run = work(run)
    assert (run.state, run.output) == ("completed", {"count": 2})
    assert len(effects()) == 2
    assert done <= 1  # and what succeeded at first was not done again


LOOP = """
again:
  kind: loop
  until: ${last.n} >= 3
  most: MOST
  start: {n: 0}
  body:
    steps:
      note: {kind: compute, function: test.effect, next: plus}
      plus: {kind: compute, values: {n: "${inputs.last.n} + 1", iteration: "${inputs.iteration}"}}
"""


def test_loop_gives_each_iteration_what_the_last_gave() -> None:
    run = work(started(definition_of(LOOP.replace("MOST", "9"))))
    assert run.output == {"last": {"n": 3, "iteration": 3}, "iterations": 3, "done": True}
    assert effects() == ["do note"] * 3


def test_loop_around_an_interrupt_reruns_no_side_effect(seller: Actor) -> None:
    """An iteration that stops asks a person; when it goes on, what the iterations before did is not done again."""
    FAULTS["prepare", "note"] = []
    run = started(definition_of(LOOP.replace("MOST", "9")))
    work(run, rounds=6)
    FAULTS["commit", "note"] = [StepTerminal("Wait for me.")]
    run = work(run)
    before = effects()
    assert run.state == "failed"
    step_retry(step=step_of(run, "again"), actor=seller)
    run = work(run)
    assert (run.state, run.output["iterations"]) == ("completed", 3)
    assert effects() == ["do note"] * 3
    assert before == effects()[: len(before)]


def test_loop_stops_at_its_bound() -> None:
    run = work(started(definition_of(LOOP.replace("MOST", "2"))))
    assert run.state == "failed"
    assert step_of(run, "again").error.startswith("After 2 iterations ${last.n} >= 3 still does not hold.")
    run = work(started(definition_of(LOOP.replace("MOST", "2\n  exhausted: go_on"))))
    assert run.output == {"last": {"n": 2, "iteration": 2}, "iterations": 2, "done": False}


def test_loop_over_what_is_not_there_fails_and_is_not_looked_at_for_ever() -> None:
    run = work(started(definition_of(LOOP.replace("MOST", "2").replace("last.n} >=", "last.m} >="))))
    assert "${last.m} leads nowhere" in step_of(run, "again").error


def test_rolled_back_run_undoes_what_was_done_inside(seller: Actor) -> None:
    run = work(started(definition_of(LOOP.replace("MOST", "9"))))
    execution_roll_back(execution=run, reason="No.", actor=seller)
    assert work(run).state == "rolled_back"
    assert effects() == ["do note"] * 3 + ["undo note"] * 3


def test_declared_compensation_stands_in_for_the_handlers_own(seller: Actor) -> None:
    run = work(
        started(
            definition_of("""
a: {kind: compute, function: test.effect, next: b}
b:
  kind: compute
  function: test.effect
  inputs: {n: 1}
  compensate: {function: test.effect, inputs: {said: "${steps.b.output.said}", before: "${steps.a.output.said}"}}
""")
        )
    )
    execution_roll_back(execution=run, reason="No.", actor=seller)
    assert work(run).state == "rolled_back"
    assert effects() == ["do a", "do b", "do b:undo", "undo a"]


def test_output_that_is_not_as_declared_fails_the_step() -> None:
    run = work(started(definition_of("a: {kind: compute, function: test.value, inputs: {n: x}, output: {n: integer, m: text}}")))
    step = step_of(run, "a")
    assert (run.state, step.attempt) == ("failed", 1)
    assert step.error == "The output does not fit: 'm' is missing; 'n' must be of type integer, not str."


def test_output_of_the_inside_is_held_to_what_the_step_declares() -> None:
    run = work(started(definition_of("a: {kind: workflow, body: {kind: compute, values: {n: '1'}}, output: {n: text}}")))
    assert step_of(run, "a").error == "The output does not fit: 'n' must be of type text, not int."


def test_errors_are_tried_again_by_the_rule_of_their_class() -> None:
    definition = definition_of("""
a: {kind: compute, function: test.effect, retry: {attempts: 1, errors: {LookupError: {attempts: 3}, OSError: {attempts: 2}}}}
""")
    FAULTS["prepare", "a"] = [KeyError("one"), KeyError("two"), ConnectionError("three")]
    step = step_of(work(started(definition)), "a")
    assert (step.state, step.attempt, step.error) == ("failed", 3, "three")


def test_emitted_event_is_waited_for_by_name() -> None:
    waits = started(definition_of("a: {kind: wait, event: workflow.emitted, match: {name: probe.done}}", name="waits"))
    run = work(started(definition_of("a: {kind: emit, event: probe.done, data: {n: 3}}")))
    event = OutboxEvent.objects.get(topic="workflow.emitted")
    assert event.data == {"name": "probe.done", "execution": run.reference, "subject": "", "data": {"n": 3}}
    assert work(waits).state == "completed"


def test_statement_of_the_product_cannot_be_forged_by_a_definition() -> None:
    from workflows.wiring import wiring_problems

    definition = definition_of("a: {kind: emit, event: x, topic: value.case.stamped, data: {}}")
    assert "there is no event topic that a definition may emit 'value.case.stamped'" in wiring_problems(definition)[0]


def test_wait_for_a_time_and_for_a_condition() -> None:
    run = started(
        definition_of(
            """
past: {kind: wait, at: "2020-01-01", next: soon}
soon: {kind: wait, function: test.value, inputs: {n: "${inputs.n}"}, until: "${result.n} > 2", next: long}
long: {kind: wait, seconds: 3600}
""",
            inputs="{n: integer}",
        ),
        n=3,
    )
    work(run)
    assert states(run) == {"past": "completed", "soon": "completed", "long": "waiting"}
    step = step_of(run, "long")
    assert step.expires_at is not None
    assert abs((step.expires_at - step.started_at).total_seconds() - 3600) < 1  # type: ignore[operator]


def test_dispatch_runs_only_the_chosen() -> None:
    definition = definition_of(
        """
a:
  kind: map
  choose: ${inputs.route}
  otherwise: other
  bodies:
    one: {kind: compute, function: test.effect}
    two: {kind: compute, function: test.effect}
    other: {kind: compute, values: {n: "1"}}
""",
        inputs="{route: any}",
    )
    run = work(started(definition, route=["two", "nobody"]))
    output = step_of(run, "a").output
    assert set(output["by"]) == {"two", "other"}
    assert Step.objects.filter(execution__parent_step__execution=run).count() == 2
