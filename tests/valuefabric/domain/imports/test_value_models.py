"""The standard of The Value Project, version 1.0.0: a model of it with a customer's figures, and everything that is refused."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.valuefabric.domain.imports.conftest import figures, refusal, row_of
from valuefabric.domain.imports import Choices, Imported, import_model
from valuefabric.domain.imports.value_models.equations import EquationError, translated
from valuefabric.domain.model import compute


def variable(name: str, type_: str, category: str = "Customer Variable", **more: Any) -> dict[str, Any]:
    return {"name": name, "display_name": name.title(), "description": "d", "type": type_, "category": category, **more}


def model() -> dict[str, Any]:
    """A value model in which one share has no figure of its own."""
    return {
        "schema_version": "1.0.0",
        "model_id": "vm_desk_v1",
        "product_name": "Desk",
        "variables": [
            variable("agents", "Numeric", default_value=100, unit="people"),
            variable("wage", "Money", default_value=45),
            variable("hours_year", "Numeric", "Market Variable", default_value=1800),
            variable("saved", "Percentage", "Improvement Claim"),
            variable("hours", "Numeric"),
            variable("migration", "Money", default_value=20000),
        ],
        "dependencies": [{"variable": "hours", "equation": "agents * hours_year * saved"}],
        "value_drivers": [
            {
                "name": "Reduce handling time",
                "category": "Cost Reduction",
                "equation": "hours * wage",
                "description": "Less time a ticket.",
                "variables_used": ["hours", "wage"],
                "continuity_profile": {"type": "recurring", "annual_decay_rate": 0.1, "time_horizon_years": 3},
                "tiers_or_modules": [],
                "key_category_metric": "Handling hours",
                "key_category_metric_equation": "agents * hours_year",
            },
            {
                "name": "Avoid a migration",
                "category": "Risk Reduction",
                "equation": "Math.max(migration, 0)",
                "description": "None needed.",
                "variables_used": ["migration"],
                "continuity_profile": {"type": "one_time"},
                "tiers_or_modules": [],
            },
        ],
        "tiers_and_modules": [{"name": "Pro", "module": False, "description": "Everything."}],
    }


CUSTOMER = {
    "customer": "Northwind",
    "variables": [{"name": "agents", "value": 120, "confidence": 0.9, "sources": [1], "triangulation_notes": "HR list"}],
    "value_drivers": [
        {
            "name": "Reduce handling time",
            "selected": True,
            "reason": "Applies.",
            "risk_adjustments": {"execution_risk": 0.2, "attribution_percentage": 50},
        },
        {
            "name": "Avoid a migration",
            "selected": False,
            "reason": "No migration is planned.",
            "risk_adjustments": {"execution_risk": 0, "attribution_percentage": 100},
        },
    ],
}
CLAIMS = {
    "model_id": "vm_desk_v1",
    "effective_date": "2026-01-01",
    "claims": [
        {
            "variable_name": "saved",
            "display_name": "Saved",
            "unit": "%",
            "median": 5,
            "min": 2,
            "max": 8,
            "basis": "customer_data",
        }
    ],
}


def imported(*documents: Any, choices: Choices | None = None) -> Imported:
    text = json.dumps(list(documents) if len(documents) > 1 else documents[0])
    return import_model(text.encode(), "desk.json", choices or Choices())


def test_the_interpreters_seven_steps_give_the_figure_by_hand() -> None:
    found = imported(model(), CUSTOMER, CLAIMS)

    assert found.document is not None, "\n".join(found.report.lines())
    # 120 agents * 1,800 hours * 5 % * 45 USD * (1 - 20 %) * 50 %, then a tenth less each year
    assert compute(found.document).rows["reduce_handling_time"].values == figures(194400, 174960, 157464)
    assert compute(found.document).benefits == figures(194400, 174960, 157464)


def test_risk_attribution_choice_and_metric_find_their_places() -> None:
    found = imported(model(), CUSTOMER, CLAIMS)
    assert found.document is not None

    row = row_of(found, "reduce_handling_time")
    assert (row.risk_adjustment, row.attribution, row.role) == (Decimal("0.2"), Decimal("0.5"), "benefit")
    first, second = found.document.drivers
    assert (first.impact, first.kpi, first.counted) == ("cost", "Handling hours", True)
    assert (second.impact, second.counted, second.note) == ("risk", False, "No migration is planned.")
    assert row_of(found, "reduce_handling_time_metric").formula == "agents * hours_year"


def test_figures_come_from_the_customer_then_the_claims_then_the_default_each_with_its_source() -> None:
    found = imported(model(), CUSTOMER, CLAIMS)

    agents, saved, wage = (row_of(found, key) for key in ("agents", "saved", "wage"))
    assert (agents.values, agents.confidence, agents.note) == (figures(120, 120, 120), "high", "d Unit: people. HR list")
    assert agents.source is not None
    assert (agents.source.kind, agents.source.reference) == ("evidence", "desk.json, $[1].variables[0].value")
    assert (saved.values, saved.low, saved.high) == (figures("0.05") * 3, figures("0.02") * 3, figures("0.08") * 3)
    assert saved.source is not None
    assert (saved.source.kind, saved.source.reference) == ("benchmark", "desk.json, $[2].claims[0].median (customer_data)")
    assert wage.source is not None
    assert wage.source.reference == "desk.json, $[0].variables[1].default_value"


def test_a_model_that_lacks_a_figure_is_not_imported_and_says_which() -> None:
    found = imported(model())

    assert refusal(found) == "the model cannot be computed: Saved: it has no figure"
    assert [(one.place, one.advice) for one in found.report.of("not_understood")] == [
        ("$.variables[3]", "Give saved a default_value, or add a CustomerVariables document with its value.")
    ]


def test_a_page_of_markdown_with_the_documents_between_fences() -> None:
    page = f"# Desk\n\n## Claims\n\n```json\n{json.dumps(CLAIMS)}\n```\n\n## Model\n\n```json\n{json.dumps(model())}\n```\n"

    found = import_model(page.encode(), "page.md")

    assert found.document is not None, "\n".join(found.report.lines())
    assert row_of(found, "saved").values == figures("0.05") * 3
    assert "JSON 1: $.claims[0].median" in row_of(found, "saved").source.reference  # type: ignore[union-attr]


def test_a_draft_before_the_first_version_is_read_as_one() -> None:
    draft = model()
    del draft["schema_version"]
    for driver in draft["value_drivers"]:
        profile = driver["continuity_profile"]
        profile["mode"] = profile.pop("type")

    found = imported(draft, CUSTOMER, CLAIMS)

    assert found.document is not None
    assert found.report.format == "a ValueModel of The Value Project (a draft before 1.0.0)"


def test_what_the_standard_does_not_say_is_assumed_and_asked() -> None:
    found = imported(model(), CUSTOMER, CLAIMS)
    chosen = imported(model(), CUSTOMER, CLAIMS, choices=Choices(currency="EUR", discount_rate=Decimal("0.08"), years=5))

    assert [one.why.partition(",")[0].partition(";")[0] for one in found.report.of("assumed")] == [
        "the standard names no currency",
        "the standard names no discount rate",
        "the standard has benefits only",
    ]
    assert chosen.document is not None
    assert (chosen.document.currency, len(chosen.document.periods)) == ("EUR", 5)
    assert compute(chosen.document).rows["reduce_handling_time"].values[3:] == figures(0, 0)


def with_change(change: Callable[[dict[str, Any]], None]) -> Imported:
    changed = model()
    changed["variables"][3]["default_value"] = 5
    change(changed)
    return imported(changed)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda one: one.update(schema_version="2.0.0"), "schema_version is '2.0.0'; 1.0.0 is read"),
        (lambda one: one["variables"][0].update(type="Date"), "this is no ValueModel of the standard"),
        (lambda one: one["variables"][0].update(name="a b"), "this is no ValueModel of the standard"),
        (lambda one: one["value_drivers"][0].update(equation="process.exit(1)"), "is not part of an equation"),
        (lambda one: one["value_drivers"][0].update(equation="fetch(wage)"), "it calls fetch(), which is no function of numbers"),
        (lambda one: one["value_drivers"][0].update(equation="hours * price"), "it names price, which is no variable"),
        (lambda one: one["value_drivers"][0].update(equation="hours *"), "it ends too early"),
        (lambda one: one["value_drivers"][0].update(equation="`${wage}`"), "is not part of an equation"),
        (lambda one: one["value_drivers"][0].update(equation="(" * 200 + "wage" + ")" * 200), "levels inside each other"),
        (lambda one: one["value_drivers"][0].update(equation="wage / (agents - 100)"), "division by zero"),
        (lambda one: one["dependencies"].append({"variable": "wage2", "equation": "wage2 + 1"}), "refers to itself"),
    ],
)
def test_what_is_not_of_the_standard_or_of_numbers_is_refused_by_name(change: Any, why: str) -> None:
    assert why in refusal(with_change(change))


def test_json_with_a_doubled_key_is_refused() -> None:
    found = import_model(b'{"variables": [], "variables": [], "value_drivers": []}', "x.json")

    assert "stands twice" in refusal(found) or "twice" in refusal(found)


@pytest.mark.parametrize(
    ("equation", "ours"),
    [
        ("a + b * 2", "a + b * 2"),
        ("(a + b) * 2", "(a + b) * 2"),
        ("a > b ? a : b", "if(a > b, a, b)"),
        ("a && b || !c", "if(a <> 0 and b <> 0 or not c <> 0, 1, 0)"),
        ("Math.min(a, b, c)", "min(a, b, c)"),
        ("Math.pow(a, 2) + a ** 2", "a ^ 2 + a ^ 2"),
        ("Math.round(a)", "round(a, 0)"),
        ("-a / 1e3", "-a / 1000"),
        ("(a === b) * c;", "if(a = b, 1, 0) * c"),
        ("2 ** -1", "2 ^ (-1)"),
    ],
)
def test_equations_in_our_grammar(equation: str, ours: str) -> None:
    assert translated(equation, {"a": "a", "b": "b", "c": "c"}).text == ours


@pytest.mark.parametrize(
    "equation", ["a % b", "a.b", "a[0]", "x => x", "Math.random()", "a = 1", "'a'", "a; b", "new a", "Math.PI"]
)
def test_what_is_no_expression_of_numbers(equation: str) -> None:
    with pytest.raises(EquationError):
        translated(equation, {"a": "a", "b": "b"})
