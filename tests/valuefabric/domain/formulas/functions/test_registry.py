"""The registry: every function is said once, in full, and can be computed and written into a cell."""

import pytest

from valuefabric.domain.formulas import compile_formula
from valuefabric.domain.formulas.functions import FUNCTIONS, FunctionSpec
from valuefabric.domain.formulas.functions.registry import registered

# The functions that the language promises.
PROMISED = (
    *("if", "min", "max", "sum", "average"),
    *("abs", "power", "round", "roundup", "rounddown"),
    *("previous", "cumulative", "first", "lookup"),
    *("linear", "s_curve", "step", "custom"),
    *("npv", "irr", "mirr", "xnpv", "xirr", "pmt", "pv", "fv"),
)


def test_the_promised_functions_are_there_and_no_others() -> None:
    assert sorted(FUNCTIONS) == sorted(PROMISED)


def test_two_functions_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="two functions 'abs'"):
        registered([[FUNCTIONS["abs"]], [FUNCTIONS["abs"]]])


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=str)
def test_example_is_a_formula_that_uses_the_function(function: FunctionSpec) -> None:
    assert f"{function.name}(" in function.example
    compile_formula(function.example, row="x")


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=str)
def test_every_function_says_what_it_does_and_whose_definition_that_is(function: FunctionSpec) -> None:
    assert function.summary.endswith(".")
    assert function.definition.endswith(".")
    assert function.source
    assert all(parameter.meaning for parameter in function.parameters)
    optional = [parameter.optional for parameter in function.parameters]
    assert optional == sorted(optional), "what may be left out stands last"


@pytest.mark.parametrize("function", [one for one in FUNCTIONS.values() if one.form in {"call", "series"}], ids=str)
def test_functions_without_a_rule_of_their_own_have_both_back_ends(function: FunctionSpec) -> None:
    assert function.decimal is not None
    assert function.sheet is not None


@pytest.mark.parametrize(
    ("name", "signature"),
    [
        ("pmt", "pmt(rate, nper, pv, [fv], [when])"),
        ("max", "max(a, ...)"),
        ("irr", "irr(flows, [guess])"),
        ("lookup", "lookup(table, key, [column])"),
    ],
)
def test_signature_shows_what_may_be_left_out(name: str, signature: str) -> None:
    assert FUNCTIONS[name].signature == signature
