"""The definitions that come with the product."""

import pytest

from workflows.library import UnknownDefinition, definition_named, definitions
from workflows.wiring import wiring_problems


def test_lifecycle_has_the_main_jobs_steps() -> None:
    lifecycle = definition_named("lifecycle")
    assert list(lifecycle.steps) == [
        "opportunity", "target", "integrity", "verdict", "quarantined", "approval", "commit", "export", "telemetry",
        "realization", "expansion",
    ]  # fmt: skip
    assert lifecycle.before("approval") == ["verdict", "quarantined"]


def test_every_definition_names_only_what_is_there() -> None:
    assert [problem for definition in definitions().values() for problem in wiring_problems(definition)] == []


def test_unknown_definition_lists_those_that_are() -> None:
    with pytest.raises(UnknownDefinition, match=r"There is no workflow 'lifecylce'. There are: .*lifecycle"):
        definition_named("lifecylce")
