"""Shapley values: known games, and the laws they obey."""

from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valuefabric.domain.realization.attribution import MAX_EXACT_ROWS, attribute


def product(figures: dict[str, tuple[int, int]]) -> object:
    def worth(rows: frozenset[str]) -> dict[str, Decimal]:
        total = Decimal(1)
        for row, (committed, actual) in figures.items():
            total *= actual if row in rows else committed
        return {"d": total}

    return worth


def test_two_factors_share_what_they_did_together() -> None:
    """10 x 10 becomes 8 x 5: the first lost 2 at a mean of 7.5, the second 5 at a mean of 9."""
    attribution = attribute(["a", "b"], product({"a": (10, 8), "b": (10, 5)}))  # type: ignore[arg-type]
    assert attribution.parts["d"] == {"a": -15, "b": -45}
    assert attribution.residual == {"d": 0}


def test_a_row_that_changes_nothing_gets_nothing() -> None:
    attribution = attribute(["a", "b"], product({"a": (10, 8), "b": (10, 10)}))  # type: ignore[arg-type]
    assert attribution.parts["d"] == {"a": -20, "b": 0}


def test_no_rows_explain_nothing() -> None:
    assert attribute([], product({})).parts == {"d": {}}  # type: ignore[arg-type]


def test_many_rows_are_replaced_alone_and_leave_a_residual() -> None:
    figures = {f"r{n}": (2, 3) for n in range(MAX_EXACT_ROWS + 1)}
    attribution = attribute(list(figures), product(figures))  # type: ignore[arg-type]
    assert attribution.method == "one at a time, with a residual"
    whole = Decimal(3) ** 11 - Decimal(2) ** 11
    assert sum(attribution.parts["d"].values()) + attribution.residual["d"] == whole
    assert attribution.parts["d"]["r0"] == Decimal(2) ** 10


figures = st.dictionaries(st.sampled_from("abcde"), st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=1, max_size=4)


@given(figures)
def test_parts_add_up_and_are_the_mean_over_all_orders(game: dict[str, tuple[int, int]]) -> None:
    worth = product(game)
    parts = attribute(list(game), worth).parts["d"]  # type: ignore[arg-type]
    whole = worth(frozenset(game))["d"] - worth(frozenset())["d"]  # type: ignore[operator]
    assert abs(sum(parts.values()) - whole) < Decimal("1e-20")
    orders = list(permutations(game))
    for row in game:
        changes = []
        for order in orders:
            before = frozenset(order[: order.index(row)])
            changes.append(worth(before | {row})["d"] - worth(before)["d"])  # type: ignore[operator]
        assert parts[row] == pytest.approx(sum(changes) / len(orders), abs=Decimal("1e-20"))


@given(figures, st.randoms())
def test_the_order_of_rows_does_not_matter(game: dict[str, tuple[int, int]], random: object) -> None:
    shuffled = list(game)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert attribute(shuffled, product(game)).parts["d"] == attribute(list(game), product(game)).parts["d"]  # type: ignore[arg-type]
