"""Overlaps, correlations and the timeline by edits."""

from typing import Any

import pytest

from tests.factories.valuefabric import published_document
from valuefabric.domain.editing import EditRefused, edited, read_edits
from valuefabric.domain.model import ModelDocument

BASE = published_document()
INPUTS = [row.key for row in BASE.rows if row.values is not None]
BENEFITS = [row.key for row in BASE.rows if row.role == "benefit"]


def after(*edits: dict[str, Any], document: ModelDocument = BASE) -> ModelDocument:
    return edited(document, read_edits(list(edits)))


def correlation(first: str, second: str, rank: str | None) -> dict[str, Any]:
    return {"op": "correlation", "between": [first, second], "rank": rank}


def test_a_correlation_is_kept_once_whatever_the_order_of_its_rows_and_taken_away() -> None:
    first, second = INPUTS[:2]

    kept = after(correlation(first, second, "0.4"), correlation(second, first, "0.6"))

    assert [(one.between, str(one.rank)) for one in kept.correlations] == [((second, first), "0.6")]
    assert after(correlation(first, second, None), document=kept) == BASE


@pytest.mark.parametrize(
    ("between", "rank", "says"),
    [
        ((INPUTS[0], INPUTS[0]), "0.5", "between two rows"),
        ((INPUTS[0], INPUTS[1]), "2", "less than or equal to 1"),
        ((INPUTS[0], "A5"), "0.5", "is not an input row"),
    ],
    ids=["itself", "beyond", "computed"],
)
def test_a_correlation_that_cannot_be_is_refused(between: tuple[str, str], rank: str, says: str) -> None:
    with pytest.raises(EditRefused, match=says):
        after(correlation(*between, rank))


def test_an_overlap_comes_changes_and_goes() -> None:
    group = {"key": "same_money", "rows": BENEFITS[:2], "rule": "largest"}

    kept = after({"op": "overlap", "overlap": group}, {"op": "overlap", "overlap": {**group, "rule": "share"}})

    assert [(one.key, one.rule) for one in kept.overlaps] == [("same_money", "share")]
    assert after({"op": "delete_overlap", "overlap": "same_money"}, document=kept) == BASE
    with pytest.raises(EditRefused, match="no such group"):
        after({"op": "delete_overlap", "overlap": "same_money"})


def test_the_columns_get_dates_and_a_contract_and_lose_them() -> None:
    dated = after({"op": "timeline", "set": {"start": "2026-07", "contract": {"months": 24}}})

    assert [dated.label_of(period) for period in dated.periods] == ["FY 2026/27", "FY 2027/28", "FY 2028/29"]
    assert dated.timeline is not None
    assert dated.timeline.contract is not None
    assert dated.timeline.contract.months == 24
    assert after({"op": "timeline", "set": None}, document=dated) == BASE
    with pytest.raises(EditRefused, match="is not a month"):
        after({"op": "timeline", "set": {"start": "July"}})


def test_a_formula_takes_a_distribution_away_with_the_figures() -> None:
    drawn = after({"op": "row", "row": "A4", "set": {"distribution": {"kind": "pert"}}})

    assert after({"op": "row", "row": "A4", "set": {"formula": "0.2"}}, document=drawn).row("A4").distribution is None
