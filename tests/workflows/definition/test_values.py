"""Types of values, as deep as they are said."""

from typing import Any

import pytest

from workflows.definition.values import InputSpec, faults_of, fits

DRIVERS = InputSpec.model_validate(
    {
        "type": "list",
        "items": {"type": "mapping", "fields": {"key": "text", "share": {"type": "number", "minimum": 0, "maximum": 1}}},
    }
)


@pytest.mark.parametrize(
    ("value", "faults"),
    [
        ([{"key": "a", "share": 0.5, "more": 1}], []),
        ([], []),
        ([{"share": 2}], ["'drivers.0.key' is missing", "'drivers.0.share' must be at most 1, not 2"]),
        ([{"key": "a", "share": "x"}], ["'drivers.0.share' must be of type number, not str"]),
        ([3], ["'drivers.0' must be of type mapping, not int"]),
        ({}, ["'drivers' must be of type list, not dict"]),
        (None, ["'drivers' is missing"]),
    ],
)
def test_faults_name_the_place(value: Any, faults: list[str]) -> None:
    assert list(faults_of(DRIVERS, value, "drivers")) == faults


def test_one_of_is_all_there_is() -> None:
    spec = InputSpec.model_validate({"type": "text", "one_of": ["low", "high"]})
    assert list(faults_of(spec, "middle", "risk")) == ["'risk' must be one of 'low', 'high', not 'middle'"]


@pytest.mark.parametrize(
    ("given", "wanted", "fault"),
    [
        ("integer", "number", ""),
        ("number", "integer", "is of type number, and integer is wanted"),
        ("any", "list", ""),
        ({"type": "list", "items": "text"}, {"type": "list", "items": "number"}, "has members of which each is of type text"),
        ({"type": "mapping", "fields": {"a": "text"}}, {"type": "mapping", "fields": {"b": "text"}}, "has no field 'b'"),
        (
            {"type": "mapping", "fields": {"a": "text"}},
            {"type": "mapping", "fields": {"a": "list"}},
            "has a field 'a' that is of",
        ),
        ("mapping", {"type": "mapping", "fields": {"a": "list"}}, ""),
    ],
)
def test_fits(given: Any, wanted: Any, fault: str) -> None:
    specs = [InputSpec.model_validate({"type": spec} if isinstance(spec, str) else spec) for spec in (given, wanted)]
    assert fits(*specs).startswith(fault)
    assert bool(fits(*specs)) == bool(fault)
