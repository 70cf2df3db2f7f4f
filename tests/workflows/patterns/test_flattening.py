"""One plain step in a hole becomes a step of the pattern's graph, which reads the same."""

from typing import Any

import pytest

from workflows.patterns.flattening import flattened

LEAF = {"kind": "compute", "function": "f", "inputs": {"a": "${inputs.x.y} and ${inputs.z}"}}


def around(leaf: dict[str, Any], **changes: Any) -> dict[str, Any]:
    inputs = {"x": "${steps.before.output}", "z": "${inputs.z}"}
    body = {"steps": {"do": leaf}, "result": "${steps.do.output}"}
    return {"steps": {"a": {"kind": "workflow", "title": "A", "next": "b", "inputs": inputs, "body": body, **changes}}}


def test_plain_step_takes_the_place_and_reads_from_where_it_was_given() -> None:
    assert flattened(around(LEAF))["steps"]["a"] == {
        "kind": "compute",
        "function": "f",
        "title": "A",
        "next": "b",
        "inputs": {"a": "${steps.before.output.y} and ${inputs.z}"},
    }


@pytest.mark.parametrize(
    "graph",
    [
        around(LEAF, inputs={"x": "plain text", "z": "${inputs.z}"}),  # a part of a text has no reference
        around(LEAF, inputs={"z": "${inputs.z}"}),
        around(LEAF, output={"n": "integer"}),
        around({**LEAF, "compensate": {"function": "g"}}),
        around({**LEAF, "inputs": {"a": "$${inputs.z}"}}),
        around({"kind": "approval", "action": "a", "subject": "b"}),
        around(LEAF, body={"steps": {"do": LEAF, "more": LEAF}, "result": "${steps.do.output}"}),
    ],
)
def test_everything_else_stays_a_run_of_its_own(graph: dict[str, Any]) -> None:
    assert flattened(graph) == graph
