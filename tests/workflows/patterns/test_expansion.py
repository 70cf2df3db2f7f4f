"""Patterns with their holes filled, alone and inside each other."""

import pytest

from tests.factories.workflows import definition_of
from workflows.definition import DefinitionError, LoopStep, MapStep, WorkflowStep, definition_graph
from workflows.patterns import patterns

STEP = "{kind: compute, function: test.value}"
FILLED = {
    "pipeline": f"{{stages: {{one: {STEP}, two: {STEP}}}}}",
    "dispatcher": f"{{coordinator: {STEP}, specialists: {{one: {STEP}}}}}",
    "fan_out": f'{{over: "${{inputs.list}}", worker: {STEP}, gather: {STEP}}}',
    "hierarchical": f"{{decompose: {STEP}, worker: {STEP}, compose: {STEP}}}",
    "consensus": f"{{voters: {{one: {STEP}, two: {STEP}}}}}",
    "refinement": f"{{maker: {STEP}, critic: {STEP}}}",
    "blackboard": f"{{sources: {{one: {STEP}}}}}",
    "human_in_the_loop": f"{{action: case.commit, subject: 'case:1', deed: {STEP}}}",
}


def _instance(name: str, filling: str) -> WorkflowStep:
    definition = definition_of(f"a: {{kind: pattern, pattern: {name}, with: {filling}}}", inputs="{list: list}")
    step = definition.steps["a"]
    assert isinstance(step, WorkflowStep)
    return step


def test_there_are_the_eight() -> None:
    assert sorted(patterns()) == sorted(FILLED)


@pytest.mark.parametrize("name", sorted(FILLED))
def test_pattern_becomes_a_checked_graph(name: str) -> None:
    step = _instance(name, FILLED[name])
    assert step.pattern == f"{name}@1.0.0"
    assert step.inputs == {"list": "${inputs.list}"}
    assert step.body is not None
    assert definition_graph(step.body).nodes


@pytest.mark.parametrize("outer", sorted(FILLED))
@pytest.mark.parametrize("inner", sorted(FILLED))
def test_every_pattern_can_be_inside_every_other(outer: str, inner: str) -> None:
    """A body of the outer one is the inner one, whose own bodies are steps."""
    inside = f"{{pattern: {inner}, with: {FILLED[inner]}}}"
    assert _instance(outer, FILLED[outer].replace(STEP, inside, 1)).body is not None


@pytest.mark.parametrize(
    ("name", "filling", "message"),
    [
        ("consensus", f"{{voters: {{one: {STEP}}}}}", "the parameter 'voters' must have at least 2 bodies"),
        ("consensus", f"{{voters: [{STEP}]}}", "the parameter 'voters' must be several bodies, each under a name"),
        ("refinement", f"{{maker: {STEP}}}", "the parameter 'critic' is missing"),
        ("refinement", f"{{maker: {STEP}, critic: {STEP}, most: lots}}", "the parameter 'most' must be of type integer, not str"),
        ("refinement", f"{{maker: x, critic: {STEP}}}", "the parameter 'maker' must be a body"),
        ("pipeline", f"{{stages: {{one: {STEP}}}, stage: 1}}", "pipeline has no parameter 'stage'; it has stages"),
        ("consent", "{}", "There is no pattern 'consent'. There are: blackboard, consensus"),
        ("pipeline", "{stages: {one: {kind: compute, function: f, inputs: {x: '${inputs.nobody}'}}}}", "${inputs.nobody} names"),
    ],
)
def test_pattern_is_refused_by_line_and_step(name: str, filling: str, message: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        _instance(name, filling)
    assert refused.value.lines[0].startswith("definition.yaml:7: step 'a'")
    assert message in refused.value.lines[0]


def test_what_is_filled_in_is_not_filled_again() -> None:
    """A value that looks like a hole stays what it is, and is refused as a reference."""
    with pytest.raises(DefinitionError, match=r"\$\{parameters.most\} must begin with inputs"):
        _instance("pipeline", "{stages: {one: {kind: compute, function: f, inputs: {x: '${parameters.most}'}}}}")


def test_parts_that_nobody_asked_for_are_left_out() -> None:
    plain = _instance("human_in_the_loop", FILLED["human_in_the_loop"]).body
    whole = _instance("human_in_the_loop", FILLED["human_in_the_loop"][:-1] + f", prepare: {STEP}, instead: {STEP}}}").body
    assert plain is not None
    assert whole is not None
    assert list(plain.steps) == ["approval", "deed"]
    assert list(whole.steps) == ["prepare", "approval", "deed", "instead"]
    assert whole.steps["approval"].targets == ("deed", "instead")


def test_inner_bodies_read_what_the_pattern_gives_them() -> None:
    step = _instance(
        "hierarchical", f'{{decompose: {STEP}, worker: {{kind: compute, values: {{n: "${{inputs.item}}"}}}}, compose: {STEP}}}'
    )
    assert step.body is not None
    parts = step.body.steps["parts"]
    assert isinstance(parts, MapStep)
    assert parts.given == ("list", "item", "place")
    refine = _instance("refinement", FILLED["refinement"]).body
    assert refine is not None
    loop = refine.steps["refine"]
    assert isinstance(loop, LoopStep)
    assert loop.given == ("list", "last", "iteration")
