"""Composite steps, tools, waits and emitted events in definitions: what is refused, by line and step."""

import json

import pytest

from workflows.definition import Definition, DefinitionError, LoopStep, MapStep, RetryPolicy, WorkflowStep, definition_read

GOOD = """\
format: vos.workflow/1
name: probe
version: 1.0.0
title: Probe
inputs:
  customers: {type: list, items: {type: mapping, fields: {key: text}}}
steps:
  each:
    kind: map
    over: ${inputs.customers}
    inputs: {all: "${inputs.customers}"}
    body:
      steps:
        one: {kind: compute, function: test.value, inputs: {who: "${inputs.item}"}, output: {n: integer}, next: two}
        two: {kind: tool, tool: test.look, inputs: {n: "${steps.one.output.n}"}}
      result: {n: "${steps.one.output.n}"}
    next: again
  again:
    kind: loop
    until: ${last.n} >= 3 and ${steps.each.output.count} > 0
    most: 5
    body: {kind: compute, values: {n: "${inputs.last.n} + ${inputs.iteration}"}}
    compensate: {function: test.value, inputs: {last: "${steps.again.output.last}"}}
    next: [pause, tell]
  pause: {kind: wait, at: "${inputs.customers.0.key}"}
  tell: {kind: emit, event: probe.done, data: {n: "${steps.again.output.last.n}"}}
"""


def lines_of(text: str) -> tuple[str, ...]:
    with pytest.raises(DefinitionError) as refused:
        definition_read(text, filename="probe.yaml")
    return refused.value.lines


def test_composites_are_read_and_kept() -> None:
    definition = definition_read(GOOD)
    each, again = definition.steps["each"], definition.steps["again"]
    assert isinstance(each, MapStep)
    assert each.body is not None
    assert list(each.body.steps) == ["one", "two"]
    assert isinstance(again, LoopStep)
    assert again.body is not None
    assert again.body.result == "${steps.do.output}"
    assert Definition.from_snapshot(definition.snapshot()) == definition


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("over: ${inputs.customers}", "over: ${inputs.nobody}", "8: step 'each': ${inputs.nobody} names an input that"),
        ("over: ${inputs.customers}", "over: customers", "10: step 'each', over: 'customers': 'customers' is no"),
        ('who: "${inputs.item}"', 'who: "${inputs.itme}"', "14: step 'each', body.steps.one: ${inputs.itme} names"),
        ('n: "${steps.one.output.n}"}}', 'n: "${steps.one.output.m}"}}', "names 'm', which the step 'one' does not declare"),
        ("next: two}", "next: too}", "probe.yaml:14: step 'each', body.steps.one.next: leads to 'too', which is no step"),
        ('result: {n: "${steps.one', 'result: {n: "${steps.noone', "body.result: ${steps.noone.output.n} names a step"),
        ("until: ${last.n} >= 3 and", "until: ${last.n} >= 3 nad", "probe.yaml:20: step 'again', until: "),
        ("${last.n} >= 3 and ${steps.each.output.count} > 0", "${last.n} + 3", "is a number, and a condition is wanted"),
        ("    most: 5\n", "", "probe.yaml:18: step 'again': a loop says until when, and how often at the most"),
        ("most: 5", "most: 5000", "probe.yaml:21: step 'again', most: Input should be less than or equal to 100"),
        ('inputs: {last: "${steps.again', 'inputs: {last: "${steps.tell', "23: step 'again', compensate.inputs: ${steps.tell"),
        ("function: test.value, inputs: {last", "agent: a, function: x, inputs: {last", "exactly one of function, agent, tool"),
        ("customers.0.key", "customers.key", "goes into a list by 'key'; members have numbers, from 0"),
        ("customers.0.key", "customers.0.name", "goes to 'name', which is not among the declared fields: key"),
        ('at: "${inputs', 'seconds: 3, at: "${inputs', "give exactly one of event, signal, seconds, at, function"),
        ("event: probe.done", "evnet: probe.done", "probe.yaml:26: step 'tell', evnet: Extra inputs are not permitted"),
        ("kind: tool, tool: test.look", "kind: tool", "probe.yaml:15: step 'each', body.steps.two.tool: Field required"),
    ],
)  # fmt: skip
def test_definition_read_names_line_and_step(old: str, new: str, expected: str) -> None:
    assert old in GOOD
    lines = lines_of(GOOD.replace(old, new, 1))
    assert any(expected in line for line in lines), lines


def test_endless_nesting_is_refused() -> None:
    body = "{kind: compute, function: test.value}"
    for _level in range(9):
        body = f"{{kind: workflow, body: {body}}}"
    text = f"format: vos.workflow/1\nname: a\nversion: 1.0.0\ntitle: A\nsteps:\n  a: {body}\n"
    assert "graphs" in lines_of(text)[0]


def test_retry_has_a_rule_for_an_error_or_its_base() -> None:
    policy = RetryPolicy.model_validate({"errors": {"OSError": {"attempts": 9}, "ValueError": {"attempts": 1}}})
    assert (policy.rule_for(ConnectionError()) or policy).attempts == 9
    assert (policy.rule_for(UnicodeError()) or policy).attempts == 1
    assert policy.rule_for(KeyError()) is None


def test_constraints_reach_the_inside_and_do_not_widen_there() -> None:
    text = """\
format: vos.workflow/1
name: probe
version: 1.0.0
title: Probe
constraints: {sensitivity: internal, audience: team}
steps:
  a: {kind: workflow, body: {kind: agent, agent: target, constraints: {sensitivity: LEVEL}}}
"""
    step = definition_read(text.replace("LEVEL", "public")).steps["a"]
    assert isinstance(step, WorkflowStep)
    assert step.body is not None
    held = step.body.steps["do"].constraints
    assert held is not None
    assert (held.sensitivity, held.audience) == ("public", "team")
    assert (
        "handles restricted data; what is around it may handle up to internal" in lines_of(text.replace("LEVEL", "restricted"))[0]
    )


def test_order_of_steps_and_bodies_survives_a_database_that_sorts_keys() -> None:
    text = """\
format: vos.workflow/1
name: probe
version: 1.0.0
title: Probe
steps:
  z: {kind: loop, bodies: {second: {kind: wait, seconds: 1}, first: {kind: wait, seconds: 2}}, next: a}
  a: {kind: wait, seconds: 1}
"""
    kept = json.loads(json.dumps(definition_read(text).snapshot(), sort_keys=True))
    again = Definition.from_snapshot(kept)
    assert list(again.steps) == ["z", "a"]
    loop = again.steps["z"]
    assert isinstance(loop, LoopStep)
    assert list(loop.bodies) == ["second", "first"]
