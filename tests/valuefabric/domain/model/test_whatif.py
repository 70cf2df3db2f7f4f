from decimal import Decimal

import pytest

from valuefabric.domain.model import ModelDocument, compute
from valuefabric.domain.model.sensitivity import assumptions, sensitivities
from valuefabric.domain.model.whatif import OutsideRange, levers, moved_figures


def document_make(**changes: object) -> ModelDocument:
    """Two drivers with a margin of one name, a share that grows, and a cost."""
    margin = {"label": "Margin", "unit": "percent", "values": ["0.1"], "low": ["0.05"], "high": ["0.2"]}
    rows = [
        {"key": "share", "label": "Share", "unit": "percent", "driver": "a", "values": ["0.4", "0.8", "0.8"],
         "low": ["0.2"], "high": ["0.9"]},
        {"key": "m1", "driver": "a", **margin},
        {"key": "m2", "driver": "b", **margin},
        {"key": "sales", "label": "Sales", "unit": "USD", "values": ["1000"]},
        {"key": "bills", "label": "Bills", "unit": "USD", "values": ["500"]},
        {"key": "gain", "label": "Gain", "unit": "USD", "driver": "a", "role": "benefit", "formula": "sales * share * m1"},
        {"key": "more", "label": "More", "unit": "USD", "driver": "b", "role": "benefit", "formula": "bills * m2"},
        {"key": "fee", "label": "Fee", "unit": "USD", "role": "cost", "values": ["10"], "low": ["5"], "high": ["20"]},
    ]  # fmt: skip
    plain = {
        "id": "whatif",
        "title": "What if",
        "currency": "USD",
        "conventions": {"discount_rate": "0"},
        "periods": ["y1", "y2", "y3"],
        "drivers": [{"key": "a", "label": "A", "impact": "revenue"}, {"key": "b", "label": "B", "impact": "cost"}],
        "rows": rows,
    }
    return ModelDocument.model_validate({**plain, **changes})


def test_equal_inputs_of_one_name_are_one_assumption() -> None:
    assert [[row.key for row in rows] for rows in assumptions(document_make())] == [
        ["share"],
        ["m1", "m2"],
        ["sales"],
        ["bills"],
        ["fee"],
    ]


def test_levers_are_stretches_of_equal_figures() -> None:
    found = [(lever.name, lever.periods, [row.key for row in lever.rows]) for lever in levers(document_make()) if lever.movable]

    assert found == [
        ("share.y1", ("y1",), ["share"]),
        ("share.y2", ("y2", "y3"), ["share"]),
        ("m1.y1", ("y1", "y2", "y3"), ["m1", "m2"]),
        ("fee.y1", ("y1", "y2", "y3"), ["fee"]),
    ]


def test_a_moved_lever_moves_all_of_its_rows_and_periods() -> None:
    document = document_make()

    moved = moved_figures(document, {"m1.y1": Decimal("0.2"), "share.y2": Decimal("0.5"), "no.lever": Decimal(1)})

    assert moved == {
        "share": (Decimal("0.4"), Decimal("0.5"), Decimal("0.5")),
        "m1": (Decimal("0.2"),) * 3,
        "m2": (Decimal("0.2"),) * 3,
    }
    # 1000 × (0.4 + 0.5 + 0.5) × 0.2 + 3 × 500 × 0.2 − 3 × 10
    assert compute(document, overrides=moved).measures.npv == Decimal(550)


@pytest.mark.parametrize("value", ["0.19", "0.91", "-1"])
def test_a_lever_does_not_leave_its_range(value: str) -> None:
    with pytest.raises(OutsideRange, match=r"share\.y1 lies outside its range"):
        moved_figures(document_make(), {"share.y1": Decimal(value)})


def test_the_figure_of_the_case_moves_nothing() -> None:
    assert moved_figures(document_make(), {"share.y1": Decimal("0.40")}) == {}


def test_sensitivities_take_one_assumption_to_its_ends_at_a_time() -> None:
    document = document_make()

    found = {one.label: (one.low, one.high) for one in sensitivities(document)}

    # Base: 1000 × 2.0 × 0.1 + 150 − 30 = 320.
    assert compute(document).measures.npv == Decimal(320)
    assert found["Share"] == (Decimal(180), Decimal(390))
    assert found["Margin"] == (Decimal(145), Decimal(670))
    # A cost is unfavourable at its high end.
    assert found["Fee"] == (Decimal(290), Decimal(335))


def test_inputs_without_a_range_are_no_sensitivities() -> None:
    rows = [
        {"key": "a", "label": "A", "unit": "USD", "values": ["5"]},
        {"key": "b", "label": "B", "unit": "USD", "role": "benefit", "formula": "a"},
    ]
    document = document_make(rows=rows, drivers=[])

    assert sensitivities(document) == ()
    assert [lever.movable for lever in levers(document)] == [False]
