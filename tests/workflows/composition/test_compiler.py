"""Capabilities become steps where their types fit and their needs lie within the constraints."""

import pytest

from workflows.composition import capabilities
from workflows.definition import AgentStep, ApprovalStep, ComputeStep, Definition, DefinitionError, definition_read
from workflows.definition.constraints import SENSITIVITIES, Constraints
from workflows.library import definition_linked
from workflows.wiring import wiring_problems


def composition(compose: str, *, inputs: str = "customer: text, pack: text, case: text", constraints: str = "{}") -> Definition:
    return definition_read(
        "format: vos.workflow/1\nname: composed\nversion: 1.0.0\ntitle: Composed\n"
        f"inputs: {{{inputs}}}\nconstraints: {constraints}\ncompose: [{compose}]\n",
        filename="composed.yaml",
    )


def refused(compose: str, **said: str) -> str:
    with pytest.raises(DefinitionError) as error:
        composition(compose, **said)
    return str(error.value)


def test_compose_becomes_a_chain_of_steps() -> None:
    definition = composition("document.extract, compliance.check, report.generate")
    assert {key: spec.next for key, spec in definition.steps.items()} == {
        "document_extract": ("compliance_check",),
        "compliance_check": ("report_generate",),
        "report_generate": (),
    }
    extract, check, report = definition.steps.values()
    assert isinstance(extract, AgentStep)
    assert extract.agent == "opportunity"
    assert isinstance(check, AgentStep)
    assert check.inputs["case"] == "${inputs.case}"
    assert isinstance(report, ComputeStep)
    assert report.function == "case.export"
    assert wiring_problems(definition) == []


def test_compose_takes_what_the_latest_gives() -> None:
    definition = composition("document.extract, case.build, compliance.check, case.approve, case.commit")
    check, approve, commit = list(definition.steps.values())[2:]
    assert isinstance(check, AgentStep)
    assert check.inputs["case"] == "${steps.case_build.output.case}"
    assert isinstance(approve, ApprovalStep)
    assert approve.subject == "case:${steps.case_build.output.case}"
    assert isinstance(commit, ComputeStep)
    assert commit.inputs == {"case": "${steps.case_build.output.case}", "approval": "${steps.case_approve.output.request}"}


def test_compose_refuses_what_nobody_gives() -> None:
    message = refused("document.extract, compliance.check", inputs="customer: text, pack: text")
    assert "composed.yaml:7: compose.1: compliance.check takes 'case' (text), which neither the inputs nor" in message
    assert "opportunity (text, by document.extract)" in message


def test_compose_refuses_types_that_do_not_fit() -> None:
    message = refused("report.generate", inputs="case: integer")
    assert "report.generate takes 'case', but what comes from the inputs under that name is of type integer" in message


def test_compose_names_the_capabilities_that_there_are() -> None:
    assert "compose.0: There is no capability 'case.bild'. There are: document.extract, case.build" in refused("case.bild")


def test_budget_narrows_from_step_to_step() -> None:
    money = 'money_usd: "9"'
    message = refused("document.extract, case.build", constraints=f"{{budget: {{tokens: 45000, {money}}}}}")
    assert "compose.1: case.build may spend 30000 tokens; what is around it only 25000" in message
    definition = composition("document.extract, case.build", constraints=f"{{budget: {{tokens: 50000, {money}}}}}")
    held = [spec.constraints.budget.tokens for spec in definition.steps.values() if spec.constraints and spec.constraints.budget]
    assert held == [20_000, 30_000]


def test_capability_that_is_not_held_is_refused() -> None:
    message = refused("document.extract", constraints="{capabilities: [{action: evidence.read}]}")
    assert "document.extract needs the capability opportunity.write on {subject}; what is around it has: evidence.read" in message


def test_sensitivity_and_audience_only_narrow() -> None:
    assert "handles confidential data; what is around it may handle up to internal" in refused(
        "document.extract", constraints="{sensitivity: internal}"
    )
    steps = "{do: document.extract, constraints: {audience: team}}, {do: case.build, constraints: {audience: tenant}}"
    assert "compose.1: case.build is for the audience tenant; what is around it is only for team" in refused(steps)


def test_narrowed_never_widens() -> None:
    for outer in SENSITIVITIES:
        for inner in SENSITIVITIES:
            found = Constraints(sensitivity=outer).narrowed(Constraints(sensitivity=inner)).sensitivity
            assert found == min(outer, inner, key=SENSITIVITIES.index)


@pytest.mark.parametrize("name", capabilities())
def test_every_capability_can_be_composed(name: str) -> None:
    """Its step is a step, what that names is there, and its inputs are those that it takes."""
    takes = ", ".join(f"{key}: {spec.type}" for key, spec in capabilities()[name].takes.items())
    assert wiring_problems(definition_linked(composition(name, inputs=takes))) == []
