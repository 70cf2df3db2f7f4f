"""Inputs of a run."""

from typing import Any

import pytest

from tests.factories.workflows import definition_of
from workflows.definition import InputsRefused, checked_inputs

DEFINITION = definition_of(
    "a: {kind: compute, function: test.value}",
    inputs="""
  customer: {}
  pack: {default: base}
  years: {type: integer, required: false}
  strict: {type: boolean, default: false}
""",
)


def test_checked_inputs_fills_in_defaults() -> None:
    assert checked_inputs(DEFINITION, {"customer": "7"}) == {"customer": "7", "pack": "base", "years": None, "strict": False}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "the input 'customer' is missing"),
        ({"customer": ""}, "the input 'customer' is missing"),
        ({"customer": 7}, "the input 'customer' must be of type text, not int"),
        ({"customer": "7", "years": True}, "the input 'years' must be of type integer, not a truth value"),
        ({"customer": "7", "years": 2.5}, "the input 'years' must be of type integer, not float"),
        ({"customer": "7", "cusotmer": "8"}, "there is no input 'cusotmer'"),
    ],
)
def test_checked_inputs_refuses(given: dict[str, Any], message: str) -> None:
    with pytest.raises(InputsRefused, match="Probe cannot start") as refused:
        checked_inputs(DEFINITION, given)
    assert message in str(refused.value)
