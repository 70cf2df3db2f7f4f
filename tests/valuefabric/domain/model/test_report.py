"""Reports: what counts of rows that overlap, and fiscal years of a model with dates."""

import json

from valuefabric.domain.model import compute, load_model
from valuefabric.domain.model.report import as_json, as_table

TEXT = """format: vos.model/1
id: t
title: t
currency: USD
conventions: {discount_rate: 0.10}
periods: [y1, y2]
rows:
  a: {label: A, unit: USD, role: benefit, values: [600, 100]}
  b: {label: B, unit: USD, role: benefit, values: [200, 300]}
"""


def report(more: str = "") -> dict[str, object]:
    document = load_model(TEXT + more)
    found: dict[str, object] = json.loads(as_json(document, compute(document), ()))
    return found


def test_what_counts_is_told_beside_the_row() -> None:
    rows = report("overlaps: {o: {rows: [a, b], rule: largest}}\n")["rows"]

    assert isinstance(rows, dict)
    assert rows["a"]["values"] == [600, 100]
    assert rows["a"]["counted"] == [600, 0]
    assert rows["b"]["counted"] == [0, 300]


def test_fiscal_years_are_told_of_a_model_with_dates() -> None:
    assert report("timeline: {start: 2026-07}\n")["fiscal_years"] == [
        {"label": "2026", "months": 6, "benefits": 400, "costs": 0, "net": 400},
        {"label": "2027", "months": 12, "benefits": 600, "costs": 0, "net": 600},
        {"label": "2028", "months": 6, "benefits": 200, "costs": 0, "net": 200},
    ]


def test_a_model_without_either_is_reported_as_ever() -> None:
    plain = report()

    assert "fiscal_years" not in plain
    assert "counted" not in json.dumps(plain["rows"])
    document = load_model(TEXT)
    assert "what counts of" not in as_table(document, compute(document), ())
