"""Formulas as people read them: rows by their labels, signs as in print, the period before spelled out. Pure."""

from collections.abc import Mapping
from decimal import Decimal

from valuefabric.domain.formulas import compile_formula
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
from valuefabric.domain.model import Row
from valuefabric.selectors.feature_words import feature_words

_SIGNS = {"*": "×", "/": "÷", "-": "−", "+": "+", "^": "^", "<=": "≤", ">=": "≥", "<>": "≠"}
_STRENGTH = {"+": 1, "-": 1, "*": 2, "/": 2, "^": 3}
_AGGREGATES = {"min": "smallest of", "max": "largest of", "sum": "sum of", "average": "average of"}
_RUNNING = {"cumulative": "{} so far", "first": "{} of the first period"}
_ROUNDED = {"nearest": "rounded", "up": "rounded up", "down": "rounded down"}


def formula_words(row: Row, labels: Mapping[str, str]) -> str:
    """The row's formula and what follows it, to rounding and risk adjustment, in words; empty for figures taken as given."""
    changes = feature_words(row, labels)
    if row.formula is None and not changes:
        return ""
    words = "the figures given" if row.formula is None else _told(compile_formula(row.formula, row=row.key).tree, labels)
    words += changes
    if row.round is not None:
        words += f", rounded to {_places(row)}"
    if row.risk_adjustment:
        words += f", {'more by' if row.role == 'cost' else 'less'} {_plain(row.risk_adjustment * 100)} % for risk"
    return words


def _places(row: Row) -> str:
    if row.unit == "percent" and row.round is not None and row.round >= 2:
        decimals = row.round - 2
        return "whole percents" if decimals == 0 else f"{decimals} decimal{'s' if decimals > 1 else ''} of a percent"
    return f"{row.round} decimals" if row.round else "whole units"


def _told(node: Expression, labels: Mapping[str, str]) -> str:
    if isinstance(node, Number | Name | Previous):
        return _figure(node, labels)
    if isinstance(node, Arithmetic | Comparison | Logical):
        return _binary(node, labels)
    if isinstance(node, Conditional):
        parts = (_told(part, labels) for part in (node.condition, node.yes, node.no))
        return "if {} then {} else {}".format(*parts)
    if isinstance(node, Aggregate):
        return f"{_AGGREGATES[node.function]} ({', '.join(_told(part, labels) for part in node.arguments)})"
    if isinstance(node, Call | Running | Series | Lookup):
        return _function(node, labels)
    return _changed(node, labels)


def _function(node: Call | Running | Series | Lookup, labels: Mapping[str, str]) -> str:
    """A function by its name, with rows by their labels; what a period's number is needs no words."""
    if isinstance(node, Running):
        return _RUNNING[node.function].format(labels.get(node.key, node.key))
    if isinstance(node, Lookup):
        column = f", {node.column}" if node.column else ""
        return f"{_told(node.operand, labels)} looked up in {node.key}{column}"
    if isinstance(node, Series):
        rows = [labels.get(row.key, row.key) for row in node.rows]
        if node.function in _AGGREGATES:
            return f"{_AGGREGATES[node.function]} {', '.join(rows)} over all periods"
        return f"{node.function} of {', '.join([*rows, *(_told(part, labels) for part in node.arguments)])}"
    shown = node.arguments[1:] if function_named(node.function).of_period else node.arguments
    return f"{node.function} of ({', '.join(_told(part, labels) for part in shown)})"


def _figure(node: Number | Name | Previous, labels: Mapping[str, str]) -> str:
    if isinstance(node, Number):
        return f"{_plain(node.value * 100)} %" if node.percent else _plain(node.value)
    label = labels.get(node.key, node.key)
    if isinstance(node, Name):
        return label
    start = "" if _is_zero(node.default) else f" (at first {_told(node.default, labels)})"
    return f"{label} of the period before{start}"


def _changed(node: Negative | Not | Rounded, labels: Mapping[str, str]) -> str:
    if isinstance(node, Negative):
        return f"−{_inner(node.operand, labels, 3)}"
    if isinstance(node, Not):
        return f"not {_told(node.operand, labels)}"
    return f"{_inner(node.operand, labels, 3)} {_ROUNDED[node.mode]} to {node.decimals} decimals"


def _binary(node: Arithmetic | Comparison | Logical, labels: Mapping[str, str]) -> str:
    sign = _SIGNS.get(node.operator, node.operator)
    if not isinstance(node, Arithmetic):
        return f"{_told(node.left, labels)} {sign} {_told(node.right, labels)}"
    strength = _STRENGTH[node.operator]
    # Brackets where the right side of − and ÷ is as weak as they are.
    right = strength + (node.operator in "-/")
    return f"{_inner(node.left, labels, strength)} {sign} {_inner(node.right, labels, right)}"


def _inner(node: Expression, labels: Mapping[str, str], strength: int) -> str:
    told = _told(node, labels)
    weak = (isinstance(node, Arithmetic) and _STRENGTH[node.operator] < strength) or isinstance(
        node, Comparison | Logical | Conditional
    )
    return f"({told})" if weak else told


def _plain(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _is_zero(node: Expression) -> bool:
    return isinstance(node, Number) and node.value == 0
