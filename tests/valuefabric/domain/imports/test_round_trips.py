"""What we write comes back: our files exactly, workbooks to the figures, ValueModels as far as the standard goes."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories.formulas import INPUTS, smooth_formulas
from valuefabric.domain.formulas import FormulaError
from valuefabric.domain.imports import import_model
from valuefabric.domain.model import ModelDocument, compute, content_hash, dump_model, load_model
from valuefabric.exports.model_formats import ExportRefused, export_model
from valuefabric.exports.workbook import workbook

CASES = Path(__file__).parents[2] / "cases"
words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
amounts = st.decimals("-1e12", "1e12", places=4, allow_nan=False, allow_infinity=False)
sources = st.fixed_dictionaries(
    {"kind": st.sampled_from(["evidence", "benchmark", "published", "convention", "policy", "estimate"]), "reference": words},
    optional={"quotation": words, "start": st.integers(0, 99), "end": st.integers(100, 999)},
)


@st.composite
def inputs(draw: st.DrawFn, key: str) -> dict[str, Any]:
    """A row of figures with whatever a row may have."""
    base = draw(st.lists(amounts, min_size=2, max_size=2))
    row: dict[str, Any] = {"key": key, "label": draw(words), "unit": "USD", "values": base}
    if draw(st.booleans()):
        row |= {"low": [value - 1 for value in base], "high": [value + 1 for value in base]}
    optional = {
        "role": st.sampled_from(["benefit", "cost"]),
        "better": st.sampled_from(["higher", "lower"]),
        "round": st.integers(-3, 6),
        "display_round": st.integers(-3, 6),
        "risk_adjustment": st.decimals(0, 1, places=3),
        "source": sources,
        "confidence": st.sampled_from(["high", "medium", "low"]),
        "kpi": words,
        "note": words,
    }
    return row | {name: draw(strategy) for name, strategy in optional.items() if draw(st.booleans())}


@st.composite
def documents(draw: st.DrawFn) -> ModelDocument:
    """A whole document of two inputs and a formula over them."""
    return ModelDocument.model_validate(
        {
            "id": draw(words),
            "title": draw(words),
            "source": draw(words),
            "currency": "USD",
            "conventions": {
                "discount_rate": draw(st.decimals(0, 1, places=4)),
                "discounting": draw(st.sampled_from(["year_end", "mid_year"])),
                "initial_period": draw(st.sampled_from(["none", "undiscounted"])),
                "payback": draw(st.sampled_from(["interpolated", "period_end"])),
            },
            "periods": ["y1", "y2"],
            "period_labels": {"y1": draw(words)} if draw(st.booleans()) else {},
            "drivers": [
                {"key": "d", "label": draw(words), "impact": "risk", "counted": draw(st.booleans()), "note": draw(words)}
            ],
            "rows": [
                draw(inputs("a")),
                {**draw(inputs("b")), "driver": "d"},
                {"key": "c", "label": draw(words), "unit": "USD", "formula": "a + previous(b, 0) * 20%"},
            ],
            "notes": draw(st.lists(words, max_size=2)),
        }
    )


@settings(max_examples=60, deadline=None)
@given(documents())
def test_any_document_written_as_yaml_is_imported_as_the_same_document(document: ModelDocument) -> None:
    found = import_model(export_model(document, "yaml").content, "anything.bin")

    assert found.document == document
    assert content_hash(found.document) == content_hash(document)


@pytest.mark.parametrize("name", ["intellum", "salesloft", "textbook"])
def test_published_cases_come_back_from_yaml_and_json(name: str) -> None:
    text = (CASES / f"{name}.yaml").read_text()
    document = load_model(text)
    as_json = json.dumps(document.model_dump(mode="json"))

    assert import_model(text.encode(), "x").document == document
    assert import_model(as_json.encode(), "x").document == document


@pytest.mark.parametrize("name", ["intellum", "salesloft", "textbook"])
def test_published_cases_come_back_from_their_workbooks_to_the_cent(name: str) -> None:
    document = load_model((CASES / f"{name}.yaml").read_text())
    ours = compute(document).measures

    found = import_model(workbook(document, compute(document)), f"{name}.xlsx")

    assert found.document is not None, "\n".join(found.report.lines())
    assert found.report.differing == ()
    assert len(found.report.compared) > 50
    theirs = compute(found.document).measures
    assert abs(theirs.npv - ours.npv) < Decimal("0.01")
    assert abs(theirs.pv_costs - ours.pv_costs) < Decimal("0.01")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(formula=smooth_formulas)
def test_random_formulas_come_back_from_a_workbook_with_the_same_figures(formula: str) -> None:
    rows: list[dict[str, Any]] = [
        {"key": key, "label": f"Input {key}", "unit": "number", "values": values} for key, values in INPUTS.items()
    ]
    rows.append({"key": "x", "label": "Result x", "unit": "number", "formula": formula})
    rows.append({"key": "y", "label": "Result y", "unit": "number", "formula": "x + previous(y, a)"})
    plain = {"id": "x", "title": "x", "currency": "USD", "conventions": {"discount_rate": "0.1"}, "periods": ["y1", "y2", "y3"]}
    document = ModelDocument.model_validate({**plain, "rows": rows})
    try:
        computation = compute(document)
    except FormulaError:
        return  # division by zero and the like: there is no workbook of it

    found = import_model(workbook(document, computation), "x.xlsx")

    assert found.document is not None, "\n".join(found.report.lines())
    assert found.report.differing == (), "\n".join(found.report.lines())
    again = compute(found.document)
    for key in ("x", "y"):
        (row,) = [row for row in found.document.rows if row.label == f"Result {key}"]
        for value, expected in zip(again.rows[row.key].values, computation.rows[key].values, strict=True):
            assert abs(value - expected) <= max(Decimal("1e-6"), abs(expected) * Decimal("1e-9"))


def value_of(document: ModelDocument) -> Decimal:
    """The present value of what counts."""
    return compute(document).measures.pv_benefits


STEADY = """
format: vos.model/1
id: steady
title: Steady savings
currency: USD
conventions: {discount_rate: 10%, initial_period: undiscounted}
periods: [initial, y1, y2, y3]
drivers:
  time: {label: Handling time, impact: cost, kpi: minutes per ticket}
  once: {label: Migration avoided, impact: risk}
rows:
  tickets: {label: Tickets, unit: number, values: [0, 40000, 40000, 40000]}
  minutes: {label: Minutes saved, unit: number, values: [0, 3, 3, 3]}
  wage: {label: Cost per hour, unit: USD, values: 45}
  hours: {label: Hours saved, unit: number, formula: tickets * minutes / 60}
  share: {label: Share saved, unit: percent, values: 40%, low: 30%, high: 50%}
  saved: {label: Support cost saved, unit: USD, driver: time, role: benefit, formula: "max(hours * wage * share, 0)"}
  moved: {label: Migration, unit: USD, driver: once, role: benefit, values: [0, 20000, 0, 0]}
  class: {label: Licence, unit: USD, role: cost, values: [5000, 9000, 9000, 9000]}
"""


def test_a_value_model_comes_back_with_the_same_benefits() -> None:
    document = load_model(STEADY)

    exported = export_model(document, "value-models")
    found = import_model(exported.content, "x.json")

    assert found.document is not None, "\n".join(found.report.lines())
    assert value_of(found.document) == value_of(document)
    assert [driver.label for driver in found.document.drivers] == ["Handling time", "Migration avoided"]
    assert found.document.drivers[0].kpi == "minutes per ticket"
    assert exported.left_out == (
        "the figures of later years, where only the first year's can be given: Migration",
        "costs, which belong into a PricingModel: Licence",
    )


def test_a_value_model_says_exactly_what_the_standard_asks_for() -> None:
    plain = json.loads(export_model(load_model(STEADY), "value-models").content)

    assert set(plain) >= {"schema_version", "model_id", "product_name", "variables", "value_drivers", "tiers_and_modules"}
    assert plain["schema_version"] == "1.0.0"
    (share,) = [variable for variable in plain["variables"] if variable["name"] == "share"]
    assert (share["type"], share["default_value"], share["category"]) == ("Percentage", 40, "Improvement Claim")
    assert plain["dependencies"] == [{"variable": "hours", "equation": "((tickets * minutes) / 60)"}]
    first, second = plain["value_drivers"]
    assert first["equation"] == "Math.max(((hours * wage) * share), 0)"
    assert first["variables_used"] == ["hours", "share", "wage"]
    assert first["continuity_profile"] == {"type": "recurring", "time_horizon_years": 3}
    assert second["continuity_profile"] == {"type": "one_time"}


def test_what_a_value_model_cannot_say_is_refused_with_its_reason() -> None:
    monthly = load_model(STEADY.replace("{discount_rate: 10%,", "{discount_rate: 10%, months_per_period: 1,"))
    with pytest.raises(ExportRefused, match="counts in years"):
        export_model(monthly, "value-models")
    growing = STEADY.replace("[0, 40000, 40000, 40000]", "[0, 40000, 50000, 70000]").replace("[0, 20000, 0, 0]", "[0, 1, 3, 9]")
    with pytest.raises(ExportRefused, match="differs from year to year"):
        export_model(load_model(growing), "value-models")


def test_yaml_of_an_imported_workbook_is_a_model_file() -> None:
    name = Path(__file__).parents[2] / "data" / "workbooks" / "fleet_telematics.xlsx"
    document = import_model(name.read_bytes(), name.name).document

    assert document is not None
    assert load_model(dump_model(document)) == document
