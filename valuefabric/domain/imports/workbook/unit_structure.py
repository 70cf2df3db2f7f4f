"""What formulas say about units: equations between the powers of a word in the units of rows, the same for every word."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from valuefabric.domain.formulas.formula import compile_formula
from valuefabric.domain.formulas.functions import function_named
from valuefabric.domain.formulas.nodes import (
    Aggregate,
    Arithmetic,
    Call,
    Comparison,
    Conditional,
    Expression,
    Logical,
    Lookup,
    Name,
    Negative,
    Not,
    Number,
    Previous,
    Rounded,
    Running,
    Series,
)
from valuefabric.domain.imports.workbook.linear import Form


class Structure:
    """Collects ``equations``, each a form that is zero, and the rows that are ``computed``."""

    def __init__(self) -> None:
        self.equations: list[Form] = []
        self.computed: set[str] = set()
        self._rules: dict[type, Callable[[Any], Form | None]] = {
            Number: lambda node: {} if node.percent else None,
            Name: lambda node: {node.key: Fraction(1)},
            Running: lambda node: {node.key: Fraction(1)},
            Previous: lambda node: self._same({node.key: Fraction(1)}, self._form(node.default)),
            Negative: lambda node: self._form(node.operand),
            Rounded: lambda node: self._form(node.operand),
            Arithmetic: self._arithmetic,
            Conditional: self._conditional,
            Aggregate: lambda node: self._all_same([self._form(argument) for argument in node.arguments]),
            Call: self._function,
            Series: self._function,
            Comparison: lambda node: self._condition(self._same(self._form(node.left), self._form(node.right))),
            Logical: lambda node: self._condition(self._form(node.left), self._form(node.right)),
            Not: lambda node: self._condition(self._form(node.operand)),
            Lookup: lambda node: self._condition(self._form(node.operand)),
        }

    def add(self, key: str, formula: str) -> None:
        """What one row's formula says; raises FormulaError for one that cannot be read."""
        self.computed.add(key)
        found = self._form(compile_formula(formula, row=key).tree)
        if found is not None:
            self._equal(found, {key: Fraction(1)})

    def _form(self, node: Expression) -> Form | None:
        """The power of ``node`` as a form over rows; None for a bare number, which takes any unit."""
        return self._rules[type(node)](node)

    def _condition(self, *_parts: Form | None) -> Form:
        return {}

    def _conditional(self, node: Conditional) -> Form | None:
        self._form(node.condition)
        return self._same(self._form(node.yes), self._form(node.no))

    def _arithmetic(self, node: Arithmetic) -> Form | None:
        left, right = self._form(node.left), self._form(node.right)
        if node.operator in "+-":
            return self._same(left, right)
        if node.operator == "^":
            return self._power(node, left, right)
        if left is None and right is None:
            return None
        return _added(left or {}, right or {}, Fraction(1 if node.operator == "*" else -1))

    def _power(self, node: Arithmetic, base: Form | None, exponent: Form | None) -> Form | None:
        self._plain(exponent)
        if base is None:
            return None
        if isinstance(node.right, Number) and node.right.value == node.right.value.to_integral_value():
            return _scaled(base, Fraction(int(node.right.value)))
        self._plain(base)
        return {}

    def _function(self, node: Call | Series) -> Form | None:
        """By the registry: arguments and result that are the ``same``, and those that are plain."""
        spec = function_named(node.function)
        rows = [] if isinstance(node, Call) else [{row.key: Fraction(1)} for row in node.rows]
        hidden = isinstance(node, Call) and spec.of_period
        written = [self._form(argument) for argument in node.arguments[hidden:]]
        takes_rows = [parameter for parameter in spec.parameters if parameter.takes in {"row", "values"}]
        others = [parameter for parameter in spec.parameters if parameter not in takes_rows or isinstance(node, Call)]
        alike: list[Form | None] = [*rows] if spec.gives == "same" else []
        for position, form in enumerate(written):
            parameter = others[min(position, len(others) - 1)] if others else None
            if parameter is not None and parameter.unit == "same":
                alike.append(form)
            elif parameter is not None and parameter.unit == "plain":
                self._plain(form)
        same = self._all_same(alike)
        return same if spec.gives == "same" else {}

    def _all_same(self, forms: Sequence[Form | None]) -> Form | None:
        found: Form | None = None
        for form in forms:
            found = self._same(found, form)
        return found

    def _same(self, left: Form | None, right: Form | None) -> Form | None:
        if left is None or right is None:
            return right if left is None else left
        self._equal(left, right)
        return left

    def _equal(self, left: Form, right: Form) -> None:
        if difference := _added(left, right, Fraction(-1)):
            self.equations.append(difference)

    def _plain(self, form: Form | None) -> None:
        if form:
            self.equations.append(form)


def _added(left: Form, right: Form, factor: Fraction) -> Form:
    found = dict(left)
    for key, value in right.items():
        total = found.get(key, Fraction(0)) + factor * value
        if total:
            found[key] = total
        else:
            found.pop(key, None)
    return found


def _scaled(form: Form, factor: Fraction) -> Form:
    return {key: value * factor for key, value in form.items() if factor}
