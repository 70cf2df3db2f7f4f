"""Three workbooks as sellers write them, with the results that a real spreadsheet program saved in them."""

from collections.abc import Callable
from decimal import Decimal

from tests.valuefabric.domain.imports.conftest import WORKBOOKS, figures, row_of
from valuefabric.domain.imports import Choices, Imported, import_model
from valuefabric.domain.model import compute

type ImportedOf = Callable[[str], Imported]


def test_every_figure_saved_in_the_support_case_agrees(imported: ImportedOf) -> None:
    report = imported("support_automation").report

    assert (report.agreeing, len(report.compared), report.differing) == (39, 39, ())
    assert {cell.label for cell in report.compared} >= {"NPV", "IRR", "ROI", "Cumulative cash flow", "Total benefits, Total"}


def test_the_support_case_computes_the_sheets_npv_and_rate(imported: ImportedOf) -> None:
    document = imported("support_automation").document
    assert document is not None
    measures = compute(document).measures

    assert round(measures.npv, 6) == Decimal("832123.298272")  # Model!C19
    assert round(measures.irr or 0, 10) == Decimal("3.8500358421")  # Model!C20
    assert (document.conventions.initial_period, document.conventions.discount_rate) == ("undiscounted", Decimal("0.1"))
    assert [document.label_of(period) for period in document.periods] == ["Initial", "Year 1", "Year 2", "Year 3"]


def test_formulas_of_the_support_case_read_as_people_would_write_them(imported: ImportedOf) -> None:
    found = imported("support_automation")

    assert row_of(found, "hours_saved").formula == (
        "support_agents * hours_saved_per_agent_per_week * working_weeks_per_year * adoption"
    )
    assert row_of(found, "cumulative_cash_flow").formula == "cumulative(net_cash_flow)"
    assert row_of(found, "total_benefits").formula == "sum(support_productivity, tool_retirement)"
    assert row_of(found, "cost_per_hour").formula == (
        "if(step(2) = 1, previous(cost_per_hour, 0) * (1 + wage_growth), "
        "if(step(1) = 1, previous(cost_per_hour, 0), fully_loaded_cost_per_hour))"
    )


def test_figures_typed_among_formulas_keep_their_cells(imported: ImportedOf) -> None:
    found = imported("support_automation")
    given = row_of(found, "adoption_given")

    assert given.values == figures(0, 0, "0.7", "0.9")
    assert given.source is not None
    assert (given.source.kind, given.source.reference) == ("evidence", "support_automation.xlsx, Model!E5:F5")


def test_every_given_figure_has_a_source_and_units_fit(imported: ImportedOf) -> None:
    for name in ("support_automation", "fleet_telematics", "desk_roi"):
        document = imported(name).document
        assert document is not None
        unsourced = [row.key for row in document.rows if row.values is not None and row.source is None]
        assert unsourced == []
    found = imported("support_automation")
    assert [row_of(found, key).unit for key in ("cost_per_hour", "hours_saved", "support_productivity", "wage_growth")] == [
        "USD/hour",
        "hours",
        "USD",
        "percent",
    ]


def test_benefits_and_costs_follow_the_totals_and_ask_to_be_confirmed(imported: ImportedOf) -> None:
    found = imported("support_automation")
    assert found.document is not None

    roles = {row.key: row.role for row in found.document.rows if row.role}
    assert roles == {
        "support_productivity": "benefit",
        "tool_retirement": "benefit",
        "subscription": "cost",
        "implementation": "cost",
    }
    asked = {finding.row: finding.why for finding in found.report.of("assumed") if finding.row in roles}
    assert asked["subscription"] == "counted as a cost: it is part of 'Total costs'"


def test_what_a_person_chooses_wins_over_what_was_assumed() -> None:
    content = (WORKBOOKS / "support_automation.xlsx").read_bytes()
    choices = Choices(roles={"tool_retirement": "none"}, discount_rate=Decimal("0.2"), currency="EUR", title="Mine")

    found = import_model(content, "a.xlsx", choices)

    assert found.document is not None
    assert (found.document.title, found.document.currency) == ("Mine", "EUR")
    assert found.document.conventions.discount_rate == Decimal("0.2")
    assert found.document.row("tool_retirement").role is None


def test_months_as_dates_and_costs_as_negative_figures(imported: ImportedOf) -> None:
    found = imported("fleet_telematics")
    assert found.document is not None

    assert (found.document.conventions.months_per_period, found.document.periods[:2]) == (1, ("m1", "m2"))
    assert (found.document.currency, found.document.label_of("m3")) == ("EUR", "Mar 2026")
    assert row_of(found, "subscription_cost").formula == "-subscription"
    assert (row_of(found, "subscription_cost").role, row_of(found, "subscription").role) == ("cost", None)
    assert (found.report.agreeing, len(found.report.compared)) == (129, 129)


def test_low_and_high_beside_a_base_become_its_range_unless_a_formula_uses_them(imported: ImportedOf) -> None:
    found = imported("fleet_telematics")

    accidents = row_of(found, "cost_per_accident")
    assert (accidents.low, accidents.high) == (figures(2500) * 12, figures(4000) * 12)
    assert row_of(found, "fuel_saved").low is None
    assert row_of(found, "fuel_saved_low").values == figures("0.03") * 12


def test_guards_and_switches_of_the_sheet_are_said_in_our_grammar(imported: ImportedOf) -> None:
    found = imported("fleet_telematics")

    assert row_of(found, "share_equipped").formula == "if(vehicles = 0, 0, vehicles_equipped / vehicles)"
    assert row_of(found, "vehicles_equipped").formula == (
        "if(step(2) = 1, min(vehicles, previous(vehicles_equipped, 0) + 60), min(vehicles, 60))"
    )


def test_a_formula_that_is_not_understood_leaves_its_figures_and_says_so(imported: ImportedOf) -> None:
    found = imported("desk_roi")

    level = row_of(found, "price_level")
    assert (level.formula, level.values) == (None, figures(900, 850, 850, 800))
    (finding,) = [one for one in found.report.of("not_understood") if one.row == "price_level"]
    assert (finding.place, finding.why) == ("ROI!B11:E11", "our grammar has no function VLOOKUP")
    assert not [cell for cell in found.report.compared if cell.label == "Price level"]  # it would agree with itself


def test_what_goes_wrong_is_told_with_its_cell(imported: ImportedOf) -> None:
    told = {finding.place: finding.why for finding in imported("desk_roi").report.findings}

    assert told["ROI!E6"].startswith("a text or an error stands where a figure is expected")
    assert told["ROI!A2"].startswith("the sheet counts in thousands")
    assert told["ROI!B18"] == "taken as the yearly discount rate, 12 %, since a rate above 1 is meant in percent"
    assert told["ROI!B15"] == "it needs ROI!B4, which holds the text 'FY26', and the cell holds #VALUE!"
    assert told["ROI!E14"] == "the file holds #VALUE! here, the model computes -52,800"
