"""Walking and changing trees."""

from dataclasses import fields
from typing import get_args

import pytest

from valuefabric.domain.formulas import compile_formula
from valuefabric.domain.formulas.nodes import Expression, Name, children, rebuilt, walk


def test_every_kind_of_node_is_walked_into() -> None:
    text = "if(not a > 1 and lookup(t, b) < 2, -abs(c) + average(d, e), round(previous(f, g), 1) * npv(h, i) + first(j))"
    tree = compile_formula(text, row="x").tree
    assert "".join(node.key for node in walk(tree) if isinstance(node, Name)) == "abcdegh"


@pytest.mark.parametrize("kind", get_args(Expression), ids=lambda kind: kind.__name__)
def test_parts_of_a_node_are_its_expressions_in_the_order_of_its_fields(kind: type) -> None:
    def value(name: str, annotation: str) -> object:
        if "tuple" in str(annotation) and "Expression" in str(annotation):
            return (Name(1, name), Name(2, name))
        return Name(3, name) if "Expression" in str(annotation) else None

    values = {field.name: value(field.name, str(field.type)) for field in fields(kind)}
    expected: list[object] = []
    for part in values.values():
        expected += part if isinstance(part, tuple) else [part] if part else []
    assert list(children(kind(**values))) == expected


def test_rebuilding_changes_the_parts_and_copies_nothing_else() -> None:
    tree = compile_formula("max(a, b + 1) * c", row="x").tree
    changed = rebuilt(tree, lambda node: Name(node.position, "z") if isinstance(node, Name) and node.key == "a" else node)
    assert changed == compile_formula("max(z, b + 1) * c", row="x").tree
    assert changed.left.arguments[1] is tree.left.arguments[1]  # type: ignore[union-attr]
    assert rebuilt(tree, lambda node: node) is tree
