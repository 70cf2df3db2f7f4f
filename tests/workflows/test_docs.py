"""What docs/workflows.md says is so."""

import re
from pathlib import Path

import pytest

from vos.web.workflow_texts import STARTER
from workflows.definition import DefinitionError, definition_read
from workflows.states import EXECUTIONS, STEPS, StepState
from workflows.wiring import wiring_problems

TEXT = (Path(__file__).parents[2] / "docs" / "workflows.md").read_text()
TUTORIAL, EXAMPLE = (block.split("```")[0] for block in TEXT.split("```yaml\n")[1:3])


def test_first_ten_minutes_begin_with_the_text_that_the_editor_opens_with() -> None:
    assert TUTORIAL == STARTER
    with pytest.raises(DefinitionError) as refused:
        definition_read(TUTORIAL.replace("next: enough", "next: enuogh"))
    message = refused.value.lines[0].partition(": ")[2]
    assert refused.value.lines[0].startswith("definition.yaml:14:")
    assert message.rpartition(", next: ")[2] in " ".join(TEXT.split())


def test_example_of_the_guide_can_be_used() -> None:
    definition = definition_read(EXAMPLE)
    assert wiring_problems(definition) == []
    assert list(definition.steps) == ["review", "verdict", "mended", "ask"]


def test_message_of_the_guide_is_the_real_one() -> None:
    with pytest.raises(DefinitionError) as refused:
        definition_read(EXAMPLE.replace("next: ask}", "next: aks}"), filename="second_look.yaml")
    assert refused.value.lines[0] in TEXT


def test_pictures_of_the_guide_are_the_transition_tables() -> None:
    steps, runs = re.findall(r"```mermaid\n(.*?)```", TEXT, flags=re.DOTALL)
    drawn = {tuple(pair) for pair in re.findall(r"^ +([a-z_]+) --> ([a-z_]+)", steps, flags=re.MULTILINE)}
    cancelled = {(state, "cancelled") for state in ("pending", "ready", "running", "waiting", "failed")}
    assert drawn | cancelled == {(a.value, b.value) for a, after in STEPS.items() for b in after} | {("running", "running")}
    drawn = {tuple(pair) for pair in re.findall(r"^ +([a-z_]+) --> ([a-z_]+)", runs, flags=re.MULTILINE)}
    assert drawn == {(a.value, b.value) for a, after in EXECUTIONS.items() for b in after}
    assert StepState.RUNNING not in STEPS[StepState.RUNNING]  # taking over a lease is no transition
