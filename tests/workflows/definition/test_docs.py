"""What docs/workflow-definitions.md says is so."""

import re
from pathlib import Path
from typing import get_args

import pytest

from tests.factories.workflows import definition_of
from workflows.composition import capabilities
from workflows.definition import DefinitionError, definition_read
from workflows.definition.values import InputType
from workflows.patterns import patterns
from workflows.steps.kinds import KINDS

TEXT = (Path(__file__).parents[3] / "docs" / "workflow-definitions.md").read_text()
EXAMPLES = re.findall(r"```yaml\n(.*?)```", TEXT, flags=re.DOTALL)


def _table(heading: str) -> dict[str, str]:
    """The rows of the first table below a heading, by their first cell."""
    rows = re.findall(r"^\| `(\w+)` \|(.*)\|$", TEXT.split(f"{heading}\n", 1)[1].split("\n\n#", 1)[0], flags=re.MULTILINE)
    return dict(reversed(rows))


def test_every_kind_of_step_is_told() -> None:
    assert set(KINDS) | {"pattern"} <= set(_table("## Steps"))


def test_every_pattern_is_told_with_its_holes() -> None:
    told = _table("## Patterns")
    assert set(told) == set(patterns())
    for name, pattern in patterns().items():
        holes = set(re.findall(r"`(\w+)`", told[name].split("|")[0]))
        assert set(pattern.parameters) <= holes, name


def test_every_type_is_told() -> None:
    assert all(f"`{name}`" in TEXT for name in get_args(InputType.__value__))


def test_example_of_a_composition_can_be_used_and_its_message_is_the_real_one() -> None:
    example = next(each for each in EXAMPLES if "compose:" in each)
    assert list(definition_read(example).steps) == ["document_extract", "compliance_check", "report_generate"]
    with pytest.raises(DefinitionError) as refused:
        definition_read(example.replace(", case: text", ""))
    said = "compose.1: compliance.check takes 'case' (text), which neither the inputs nor what comes before gives"
    assert said in str(refused.value)
    assert said in TEXT
    assert "compliance.check" in capabilities()


def test_example_of_a_pattern_can_be_used() -> None:
    example = next(each for each in EXAMPLES if "pattern: consensus" in each)
    assert definition_of(example, inputs="{customer: text, pack: text}").first == "estimate"
