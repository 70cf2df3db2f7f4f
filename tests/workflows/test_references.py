"""References are paths and nothing else."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workflows.references import ReferenceInvalid, ReferenceUnresolved, parse, references_in, resolve

HOSTILE = "${inputs.secret} and ${steps.a.output.x}"
SCOPE: dict[str, Any] = {
    "inputs": {
        "customer": "7",
        "count": 3,
        "flag": True,
        "hostile": HOSTILE,
        "secret": "s3cret",
    },
    "steps": {"a": {"output": {"x": 1.5, "list": [{"n": 1}, {"n": 2}], "none": None}}},
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${inputs.count}", 3),
        ("${ inputs.count }", 3),
        ("${steps.a.output.x}", 1.5),
        ("${steps.a.output.list.1.n}", 2),
        ("${steps.a.output}", SCOPE["steps"]["a"]["output"]),
        ("${steps.a.output.none}", None),
        ("case:${inputs.customer}/${inputs.count}", "case:7/3"),
        ("is ${inputs.flag}", "is true"),
        ("plain", "plain"),
        ("costs $5 {each}", "costs $5 {each}"),
        ("$${inputs.count}", "${inputs.count}"),
        ("", ""),
    ],
)
def test_resolve_replaces_references(text: str, value: Any) -> None:
    assert resolve(text, SCOPE) == value


def test_resolve_goes_through_nested_values() -> None:
    template = {"a": ["${inputs.count}", {"b": "x${inputs.customer}"}], "c": 4, "d": None, "e": False}
    assert resolve(template, SCOPE) == {"a": [3, {"b": "x7"}], "c": 4, "d": None, "e": False}


def test_inserted_text_is_not_expanded_again() -> None:
    """A document that holds a reference gets nothing out of the run by it."""
    assert resolve("${inputs.hostile}", SCOPE) == HOSTILE
    assert resolve("note: ${inputs.hostile}", SCOPE) == f"note: {HOSTILE}"


@pytest.mark.parametrize(
    "text",
    [
        "${}",
        "${inputs.}",
        "${inputs..a}",
        "${inputs.a + 1}",
        "${inputs['a']}",
        "${__import__('os').system('id')}",
        "${inputs.a",
        "${${inputs.a}}",
        "${inputs.a()}",
    ],
)
def test_code_in_a_reference_is_refused(text: str) -> None:
    with pytest.raises(ReferenceInvalid):
        resolve(text, SCOPE)


@pytest.mark.parametrize(
    "path", ["inputs.__class__", "steps.a.output.x.real", "steps.a.output.list.append", "steps.a.output.list.9", "inputs.nobody"]
)
def test_attributes_are_not_reached(path: str) -> None:
    with pytest.raises(ReferenceUnresolved):
        resolve("${" + path + "}", SCOPE)


def test_unresolved_reference_says_what_is_there() -> None:
    with pytest.raises(
        ReferenceUnresolved, match=r"\$\{steps.a.output.y\} leads nowhere: steps.a.output has no 'y'. There is: list, none, x"
    ):
        resolve("${steps.a.output.y}", SCOPE)


def test_a_list_inside_a_text_is_refused() -> None:
    with pytest.raises(ReferenceUnresolved, match="is no single value"):
        resolve("all: ${steps.a.output.list}", SCOPE)


def test_references_in_finds_all() -> None:
    found = [str(reference) for reference in references_in({"a": ["${inputs.b}"], "c": "x${steps.d.output}y", "e": 1})]
    assert found == ["${inputs.b}", "${steps.d.output}"]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text())
def test_any_text_is_parsed_or_refused(text: str) -> None:
    try:
        pieces = parse(text)
    except ReferenceInvalid:
        return
    if "$" not in text:
        assert "".join(map(str, pieces)) == text
