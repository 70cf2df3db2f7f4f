"""Branches."""

from typing import Any

import pytest

from tests.factories.workflows import definition_of, drive, effects, started, states, step_of
from workflows.definition import BranchCase
from workflows.steps.branch import holds


@pytest.mark.parametrize(
    ("comparison", "value", "expected"),
    [
        ({"equals": True}, True, True),
        ({"equals": True}, 1, False),
        ({"equals": 1}, True, False),
        ({"equals": 1}, 1.0, True),
        ({"equals": "yes"}, "yes", True),
        ({"equals": "yes"}, None, False),
        ({"one_of": ["a", 2]}, 2, True),
        ({"one_of": ["a", 2]}, "b", False),
        ({"at_least": 2}, 2, True),
        ({"at_least": 2}, 1.9, False),
        ({"at_least": 2}, "3", False),
        ({"at_least": 0}, True, False),
        ({"at_most": 2}, 2, True),
        ({"at_most": 0}, 0.1, False),
    ],
)
def test_holds_compares(comparison: dict[str, Any], value: Any, expected: bool) -> None:
    assert holds(BranchCase(when="${inputs.x}", next="a", **comparison), value) is expected


BRANCH = definition_of(
    """
a:
  kind: branch
  cases: [{when: "${inputs.x}", at_least: 10, next: big}, {when: "${inputs.x}", at_least: 5, next: middle}]
  otherwise: small
big: {kind: compute, function: test.effect, next: end}
middle: {kind: compute, function: test.effect, next: end}
small: {kind: compute, function: test.effect, next: end}
end: {kind: compute, function: test.effect}
""",
    inputs="{x: {type: number}}",
)


@pytest.mark.usefixtures("in_acme")
@pytest.mark.parametrize(("x", "taken"), [(12, "big"), (7, "middle"), (1, "small")])
def test_branch_takes_one_way_and_meets_the_others_again(x: int, taken: str) -> None:
    execution = drive(started(BRANCH, x=x))
    assert execution.state == "completed"
    assert effects() == [f"do {taken}", "do end"]
    assert {key for key, state in states(execution).items() if state == "bypassed"} == {"big", "middle", "small"} - {taken}
    assert step_of(execution, "a").output["taken"] == taken


@pytest.mark.usefixtures("in_acme")
def test_branch_without_a_way_ends_the_run() -> None:
    definition = definition_of("""
a: {kind: branch, cases: [{when: "${execution.id}", equals: nobody, next: b}]}
b: {kind: compute, function: test.effect}
""")
    execution = drive(started(definition))
    assert (execution.state, states(execution)) == ("completed", {"a": "completed", "b": "bypassed"})
