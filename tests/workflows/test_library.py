"""The definitions that come with the product."""

import pytest

from workflows.definition import CompositeStep
from workflows.library import UnknownDefinition, definition_named, definitions
from workflows.wiring import wiring_problems


def test_lifecycle_has_the_main_jobs_steps() -> None:
    lifecycle = definition_named("lifecycle")
    assert list(lifecycle.steps) == [
        "opportunity", "target", "review", "verdict", "quarantined", "decision", "telemetry", "proof",
    ]  # fmt: skip
    assert lifecycle.before("decision") == ["verdict", "quarantined"]
    made_of = [spec.pattern for spec in lifecycle.steps.values() if isinstance(spec, CompositeStep)]
    assert made_of == ["refinement@1.0.0", "human_in_the_loop@1.0.0", "pipeline@1.0.0"]


def test_every_definition_names_only_what_is_there() -> None:
    assert [problem for definition in definitions().values() for problem in wiring_problems(definition)] == []


@pytest.mark.usefixtures("in_acme")
def test_unknown_definition_lists_those_that_are() -> None:
    with pytest.raises(UnknownDefinition, match=r"There is no workflow 'lifecylce'. There are: .*lifecycle"):
        definition_named("lifecylce")
