"""Arguments as people read them: nothing escaped, nothing left out."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.argument_facts import argument_facts


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({"to": "ada@example.com"}, {"to": "ada@example.com"}),
        ({"text": 'He said: "no"\nand left'}, {"text": 'He said: "no"\nand left'}),
        ({"to": ["a", "b"]}, {"to › 1": "a", "to › 2": "b"}),
        ({"deal": {"amount": 5, "lost": False}}, {"deal › amount": "5", "deal › lost": "no"}),
        ({"note": "", "cc": [], "by": None}, {"note": "(empty)", "cc": "(empty)", "by": "nothing"}),
        ({}, {}),
    ],
    ids=["text", "quotes", "list", "nested", "empty", "none"],
)
def test_arguments_read_as_meant(given: dict[str, Any], shown: dict[str, str]) -> None:
    assert argument_facts(given) == shown


_NAMES = st.text("abc", min_size=1, max_size=3)
_VALUES = st.recursive(
    st.integers() | st.text("xyz", min_size=1),
    lambda inner: st.lists(inner, min_size=1, max_size=3) | st.dictionaries(_NAMES, inner, min_size=1, max_size=3),
    max_leaves=8,
)


def _leaves(value: Any) -> int:
    if isinstance(value, dict):
        return sum(map(_leaves, value.values()))
    return sum(map(_leaves, value)) if isinstance(value, list) else 1


@given(st.dictionaries(_NAMES, _VALUES, max_size=4))
def test_every_value_is_shown(arguments: dict[str, Any]) -> None:
    assert len(argument_facts(arguments)) == _leaves(arguments)
