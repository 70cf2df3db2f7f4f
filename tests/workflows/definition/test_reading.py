"""Definitions that cannot be used say so by file, line and step."""

import pytest

from workflows.definition import Definition, DefinitionError, definition_read
from workflows.definition.reading import LONGEST_TEXT

GOOD = """\
format: vos.workflow/1
name: probe
version: 1.0.0
title: Probe
inputs:
  customer: {type: text}
steps:
  first:
    kind: compute
    function: test.value
    inputs: {customer: "${inputs.customer}"}
    next: choice
  choice:
    kind: branch
    cases:
      - {when: "${steps.first.output.passed}", equals: true, next: yes_way}
    otherwise: no_way
  yes_way: {kind: agent, agent: target}
  no_way: {kind: wait, event: value.case.stamped, match: {customer: "${inputs.customer}"}}
"""


def lines_of(text: str) -> tuple[str, ...]:
    with pytest.raises(DefinitionError) as refused:
        definition_read(text, filename="probe.yaml")
    return refused.value.lines


def test_definition_read_accepts_a_good_one() -> None:
    definition = definition_read(GOOD)
    assert list(definition.steps) == ["first", "choice", "yes_way", "no_way"]
    assert definition.first == "first"
    assert definition.steps["choice"].targets == ("yes_way", "no_way")
    assert definition.before("yes_way") == ["choice"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("kind: agent, agent", "kind: robot, agent", "probe.yaml:18: step 'yes_way': Input tag 'robot' found"),
        ("function: test", "functoin: test", "probe.yaml:10: step 'first', functoin: Extra inputs"),
        ("next: choice", "next: chioce", "probe.yaml:12: step 'first', next: leads to 'chioce', which is no step."),
        ("next: yes_way", "next: yes_wya", "probe.yaml:16: step 'choice', cases.0.next: leads to 'yes_wya', which"),
        ("otherwise: no_way", "otherwise: no_yaw", "probe.yaml:17: step 'choice', otherwise: leads to 'no_yaw', which"),
        ("next: choice", "next: first", "probe.yaml:12: step 'first', next: the steps go round in a circle: first → first"),
        ("agent: target}", "agent: target, next: choice}", "the steps go round in a circle: choice → yes_way → choice"),
        ("steps.first.output", "steps.no_way.output", "${steps.no_way.output.passed} reads the step 'no_way', which"),
        ("steps.first.output", "steps.frist.output", "${steps.frist.output.passed} names a step that is not there"),
        ('"${inputs.customer}"}\n    next', '"${inputs.other}"}\n    next', "step 'first': ${inputs.other} names an input"),
        ("steps.first.output.passed", "steps.first.output.passed == 1", "is no reference: write a path"),
        (", equals: true", ", equals: true, at_least: 2", "probe.yaml:16: step 'choice', cases.0: give at most one of equals"),
        ("otherwise: no_way", "otherwise: yes_way", "probe.yaml:19: step 'no_way': no other step leads here"),
        ("version: 1.0.0", "version: one", "probe.yaml:3: version: String should match pattern"),
        ("format: vos.workflow/1", "format: vos.workflow/2", "probe.yaml:1: format: Input should be 'vos.workflow/1'"),
        ("title: Probe", "title: Probe\ntitle: Again", "probe.yaml:5: 'title' is there twice"),
        ("title: Probe", "title: Probe\ncolour: red", "probe.yaml:5: colour: Extra inputs are not permitted"),
    ],
)  # fmt: skip
def test_definition_read_names_line_and_step(old: str, new: str, expected: str) -> None:
    assert old in GOOD
    assert any(expected in line for line in lines_of(GOOD.replace(old, new, 1))), lines_of(GOOD.replace(old, new, 1))


def test_definition_read_reports_everything_at_once() -> None:
    text = GOOD.replace("version: 1.0.0", "version: one").replace("function: test.value", "function: 7")
    assert [line.split(":")[1] for line in lines_of(text)] == ["3", "10"]


def test_alias_bomb_is_refused() -> None:
    text = "format: &a [x, x]\nname: [*a, *a]\n"
    assert lines_of(text) == ("probe.yaml:2: aliases (*a) are not allowed",)


def test_endless_text_is_refused() -> None:
    assert "longer than 256 KiB" in lines_of("#" * (LONGEST_TEXT + 1))[0]


@pytest.mark.parametrize("opened", ["a: " + "[" * 3000, "[ # ]\n" * 3000, "# " + "]" * 3000 + "\na: " + "{b: " * 3000])
def test_brackets_without_end_are_refused_at_once(opened: str) -> None:
    """The YAML scanner would be busy for many seconds with each."""
    assert "more than 200 brackets are open" in lines_of(opened)[0]


@pytest.mark.parametrize("text", ["", "- 1", "a: [", "a: !!python/object/apply:os.system [id]", "\x00"])
def test_definition_read_refuses_what_is_none(text: str) -> None:
    assert lines_of(text)[0].startswith("probe.yaml")


def test_definition_snapshot_is_the_same_definition() -> None:
    definition = definition_read(GOOD)
    assert Definition.from_snapshot(definition.snapshot()) == definition
    assert list(Definition.from_snapshot(definition.snapshot()).steps) == list(definition.steps)


def test_definition_hash_ignores_layout_and_nothing_else() -> None:
    first = definition_read(GOOD).content_hash
    assert (
        definition_read(
            "# a comment\n" + GOOD.replace("{kind: agent, agent: target}", "{agent: target, kind: agent}")
        ).content_hash
        == first
    )
    assert definition_read(GOOD.replace("equals: true", "equals: false")).content_hash != first
    moved = GOOD.splitlines(keepends=True)
    moved[-2:] = reversed(moved[-2:])
    assert definition_read("".join(moved)).content_hash != first
