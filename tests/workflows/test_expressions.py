"""Expressions: the value engine's grammar over references, and nothing else."""

from typing import Any

import pytest

from workflows.expressions import ExpressionFailed, ExpressionInvalid, expression_read
from workflows.references import ReferenceInvalid


def value(text: str, **inputs: Any) -> Any:
    return expression_read(text).value({f"inputs.{name}": given for name, given in inputs.items()})


@pytest.mark.parametrize(
    ("text", "inputs", "expected"),
    [
        ("${inputs.a} + 1", {"a": 2}, 3),
        ("${inputs.a} * 10%", {"a": 0.5}, 0.05),
        ("${inputs.a} > 2 and not ${inputs.b}", {"a": 3, "b": False}, True),
        ("${inputs.a} = ${inputs.b}", {"a": "x", "b": "x"}, True),
        ("${inputs.a} = true", {"a": True}, True),
        ("${inputs.a} = false", {"a": True}, False),
        ("if(${inputs.a} > 1, 10, 20)", {"a": 1}, 20),
        ("sum(${inputs.a}) / 4", {"a": [1, 2, "3"]}, 1.5),
        ("sum(${inputs.a})", {"a": []}, 0),
        ("average(${inputs.a}) >= 2", {"a": [1, 2, 3]}, True),
        ("max(${inputs.a}, 7)", {"a": 3}, 7),
        ("${inputs.a} > 1000000", {"a": "10041989.12"}, True),
        ("${inputs.a} = ${inputs.b}", {"a": "007", "b": "7"}, False),
        ("${inputs.a}", {"a": ["any", "list"]}, ["any", "list"]),
        ("0.1 + 0.2 = 0.3", {}, True),
    ],
)
def test_value_of(text: str, inputs: dict[str, Any], expected: Any) -> None:
    assert value(text, **inputs) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("inputs.a > 1", "a dot after a name"),
        ("passed", "'passed' is no value of the run. Write ${inputs.passed}"),
        ("ref_0 + 1", "names that begin with ref_ are taken"),
        ("${inputs.a} >", "ends too early"),
        ("__import__('os')", "is no expression"),
        ("npv(${inputs.a}, ${inputs.b})", "needs a model's periods"),
        ("count(${inputs.a})", "there is no function 'count'"),
        ("${inputs.a} == 'x'", "text in quotes is not part of a formula"),
    ],
)
def test_expression_is_refused(text: str, message: str) -> None:
    with pytest.raises(ExpressionInvalid) as refused:
        expression_read(text)
    assert message in str(refused.value)


def test_code_in_a_reference_of_an_expression_is_refused() -> None:
    with pytest.raises(ReferenceInvalid):
        expression_read("${inputs.a.__class__()} > 1")


def test_inserted_text_is_a_value_and_no_expression() -> None:
    """A document that holds an expression decides nothing by it."""
    assert value("${inputs.a} = ${inputs.b}", a="1 = 1", b="true") is False
    with pytest.raises(ExpressionFailed):
        value("${inputs.a} > 1", a="2 or 1 > 0")


@pytest.mark.parametrize(
    ("text", "given", "message"),
    [
        ("${inputs.a} > 1", None, "cannot be computed with inputs.a = None"),
        ("1 / ${inputs.a}", 0, "division by zero"),
        ("sum(${inputs.a})", 3, "sum takes a list of numbers, not 3"),
        ("max(${inputs.a})", [], "max takes a list of numbers"),
        ("sum(${inputs.a})", ["x"], "sum takes numbers, and 'x' is none"),
    ],
)
def test_expression_without_a_result_says_why(text: str, given: Any, message: str) -> None:
    with pytest.raises(ExpressionFailed) as failed:
        value(text, a=given)
    assert message in str(failed.value)


def test_condition_is_yes_or_no() -> None:
    assert expression_read("${inputs.a}").condition({"inputs.a": True}) is True
    with pytest.raises(ExpressionFailed, match="neither true nor false"):
        expression_read("${inputs.a}").condition({"inputs.a": "yes"})
