"""Each rule passes on the published case, and fails on a case that breaks it, naming the cell or section."""

from decimal import Decimal

import pytest

from valuefabric.domain.manifesto import AiLabel, FabricKpi, NarrativeFigure, PlanEntry, Stakeholder, review_case
from valuefabric.domain.model import Row, Source, compute
from valuefabric.domain.model.overlap import Overlap


def results_of(case, key):
    """The results of one rule."""
    return [result for result in review_case(case).results if result.key == key]


def failed(case, key):
    """The failures of one rule, which must be the only status besides warnings."""
    found = [result for result in results_of(case, key) if result.status == "failed"]
    assert found, f"{key} did not fail"
    return found


def assert_held(case, key):
    """A rule that holds gives one passed result."""
    assert [result.status for result in results_of(case, key)] == ["passed"]


def changed(case, **fields):
    """The case with other fields."""
    return case.model_copy(update=fields)


def with_rows(case, *rows, computed=True):
    """The case with rows replaced (by key) or added, computed anew."""
    replaced = {row.key: row for row in rows}
    kept = tuple(replaced.pop(row.key, row) for row in case.document.rows)
    document = case.document.model_copy(update={"rows": (*kept, *replaced.values())})
    return changed(case, document=document, computation=compute(document) if computed else case.computation)


def with_driver(case, key, **fields):
    """The case with a driver changed."""
    drivers = tuple(driver.model_copy(update=fields) if driver.key == key else driver for driver in case.document.drivers)
    return changed(case, document=case.document.model_copy(update={"drivers": drivers}))


def with_row(case, key, **fields):
    """The case with one row changed."""
    return with_rows(case, case.document.row(key).model_copy(update=fields))


def with_text(case, section, text):
    """The case with a section's text."""
    return changed(case, narrative={**case.narrative, section: text})


def decimals(*values):
    """Figures by period."""
    return tuple(Decimal(value) for value in values)


ALL_RULES = [
    "outcome_first", "fabric_kpis", "fabric_formulas", "standard_sections", "model_complete", "sourced_assumptions",
    "quotations_hold", "plain_words", "lifecycle_stage", "named_owner", "several_functions", "ai_labelled", "measurement_plan",
    "version_chain", "one_impact_each", "counted_once", "compounding_shown", "figures_match", "no_guarantees",
    "uncertainties_shown", "exclusions_shown",
]  # fmt: skip


@pytest.mark.parametrize("key", ALL_RULES)
def test_rule_holds_on_the_published_case(published_case, key):
    assert_held(published_case, key)


# 1 outcome over feature


def test_driver_without_kpi_fails(published_case):
    (result,) = failed(with_driver(published_case, "retention", kpi=""), "outcome_first")

    assert result.cells == ("driver.retention",)


def test_opening_that_lists_features_fails(published_case):
    case = with_text(published_case, "summary", "A dashboard, an API and forty modules come with the release.")

    (result,) = failed(case, "outcome_first")
    assert "dashboard" in result.explanation
    assert result.cells == ("narrative.summary",)


# 2 one value language


def test_kpi_that_the_fabric_does_not_know_fails(published_case):
    (result,) = failed(with_driver(published_case, "retention", kpi="happiness"), "fabric_kpis")

    assert "'happiness'" in result.explanation


def test_formula_that_differs_from_the_fabric_fails_with_the_fabrics_as_mend(published_case):
    (result,) = failed(with_row(published_case, "A5", formula="A2 * A4"), "fabric_formulas")

    assert result.cells == ("A5",)
    assert (result.mend.path, result.mend.before, result.mend.after) == ("/document/rows/A5/formula", "A2 * A4", "A2 * A3 * A4")


def test_formula_with_other_blanks_is_the_same_formula(published_case):
    assert_held(with_row(published_case, "A5", formula="A2*A3 *A4"), "fabric_formulas")


def test_unit_that_differs_from_the_fabric_fails(published_case):
    kpis = {**published_case.fabric_kpis, "retention_lift_overall": FabricKpi(unit="points", formula="A2 * A3 * A4", row="A5")}

    (result,) = failed(changed(published_case, fabric_kpis=kpis), "fabric_formulas")
    assert "points" in result.explanation


# 3 standard structure


def test_missing_and_empty_sections_fail(published_case):
    narrative = {**published_case.narrative, "risks": "  "}
    del narrative["measurement"]

    assert {result.cells for result in failed(changed(published_case, narrative=narrative), "standard_sections")} == {
        ("narrative.risks",),
        ("narrative.measurement",),
    }


def test_model_without_counted_benefits_fails(published_case):
    case = with_driver(with_driver(published_case, "retention", counted=False), "spending", counted=False)

    assert "promises nothing" in failed(case, "model_complete")[0].explanation


def test_missing_scenario_is_a_warning(published_case):
    (result,) = results_of(changed(published_case, scenarios={"low": published_case.scenarios["low"]}), "model_complete")

    assert (result.status, "high" in result.explanation) == ("warned", True)


# 4 conservative and evidenced


def test_unsourced_assumption_fails(published_case):
    (result,) = failed(with_row(published_case, "A4", source=None), "sourced_assumptions")

    assert result.cells == ("A4",)
    assert result.mend.needs


def test_unsourced_row_outside_the_number_is_no_violation(published_case):
    spare = Row(key="S1", label="Tickets", unit="tickets", driver="support", values=decimals("1", "1", "1"))

    assert_held(with_rows(published_case, spare), "sourced_assumptions")


def test_unsourced_row_that_a_benefit_names_as_its_share_fails(published_case):
    share = Row(key="S1", label="Due to us", unit="percent", values=decimals("0.6", "0.6", "0.6"))
    case = with_row(with_rows(published_case, share), "Atr", attribution="S1")

    (result,) = failed(case, "sourced_assumptions")

    assert result.cells == ("S1",)


def test_estimate_is_a_warning(published_case):
    case = with_row(published_case, "A7", source=Source(kind="estimate", reference="account executive"))

    assert [(result.status, result.cells) for result in results_of(case, "sourced_assumptions")] == [("warned", ("A7",))]


def test_quotation_that_is_not_in_the_evidence_fails(published_case):
    source = published_case.document.row("A4").source
    invented = source.model_copy(update={"quotation": source.quotation.replace("22.2%", "32.2%")})

    (result,) = failed(with_row(published_case, "A4", source=invented), "quotations_hold")
    assert result.cells == ("A4",)


def test_quotation_at_another_place_fails(published_case):
    source = published_case.document.row("A4").source

    failed(
        with_row(published_case, "A4", source=source.model_copy(update={"start": source.start + 1, "end": source.end + 1})),
        "quotations_hold",
    )


def test_figure_that_the_quotation_does_not_state_fails(published_case):
    (result,) = failed(with_row(published_case, "A4", values=decimals("0.222", "0.21", "0.222")), "quotations_hold")

    assert "does not state 21 %." in result.explanation


def test_base_above_the_quoted_figure_fails_with_the_quoted_figure_as_mend(published_case):
    case = with_row(published_case, "A4", values=decimals("0.222", "0.24", "0.24"))

    (result,) = failed(case, "base_within_evidence")
    assert result.cells == ("A4.y2", "A4.y3")
    assert "above the figure quoted" in result.explanation
    assert result.mend.after == ["0.222", "0.222", "0.222"]


def test_base_at_the_quoted_figure_above_the_ranges_middle_is_a_warning_under_a_risk_adjustment(published_case):
    statuses = [(result.status, result.cells[0]) for result in results_of(published_case, "base_within_evidence")]

    assert ("warned", "A4.y1") in statuses
    assert "failed" not in [status for status, _ in statuses]


def test_base_at_the_quoted_figure_above_the_ranges_middle_fails_without_a_risk_adjustment(published_case):
    case = with_row(published_case, "Btr", risk_adjustment=None)

    results = failed(case, "base_within_evidence")
    # A2, A3 and B4 feed the unadjusted spending benefit; A4 feeds it too, through the revenue retained.
    assert {result.cells[0].split(".")[0] for result in results} == {"A2", "A3", "A4", "B4"}
    assert all("Not every benefit" in result.explanation for result in results)


def test_base_above_the_ranges_middle_without_any_quoted_figure_fails(published_case):
    sheet = published_case.evidence["drivers.csv"]
    line = next(line for line in sheet.splitlines() if line.startswith("retention_lift"))
    start = sheet.index(line)
    source = Source(kind="evidence", reference="drivers.csv", quotation=line, start=start, end=start + len(line))

    (result,) = failed(with_row(published_case, "A4", source=source), "base_within_evidence")
    assert "22.2 % against 17.5 % in Year 1" in result.explanation
    assert result.mend.after == ["0.175", "0.175", "0.175"]


def test_base_at_the_ranges_middle_without_any_quoted_figure_holds(published_case):
    sheet = published_case.evidence["drivers.csv"]
    source = Source(kind="evidence", reference="drivers.csv", quotation=sheet)
    case = with_row(published_case, "A4", source=source, values=decimals("0.175", "0.175", "0.175"))

    assert [result for result in results_of(case, "base_within_evidence") if "A4.y1" in result.cells] == []


def test_lower_is_better_turns_the_middle_around(published_case):
    case = with_row(published_case, "A4", better="lower", values=decimals("0.20", "0.222", "0.222"))

    (result,) = [found for found in failed(case, "base_within_evidence") if "A4.y1" in found.cells]
    assert "below the figure quoted" in result.explanation


def test_hype_word_fails_and_its_mend_leaves_it_out(published_case):
    case = with_text(published_case, "value", "A revolutionary retention benefit at margin.")

    (result,) = failed(case, "plain_words")
    assert result.mend.after == "A retention benefit at margin."


# 5 a lifecycle stage


def test_unknown_stage_fails(published_case):
    assert failed(changed(published_case, stage="someday"), "lifecycle_stage")[0].cells == ("stage",)


# 6 owner and stakeholders


def test_missing_owner_fails(published_case):
    assert failed(changed(published_case, owner=" "), "named_owner")[0].mend.needs


def test_stakeholders_of_one_function_fail(published_case):
    people = (
        Stakeholder(name="A", function="Finance"),
        Stakeholder(name="B", function="finance "),
        Stakeholder(name="C", function=""),
    )

    assert "speak for only finance" in failed(changed(published_case, stakeholders=people), "several_functions")[0].explanation


# 7 AI work is labelled


def test_unlabelled_part_fails(published_case):
    labels = tuple(label for label in published_case.ai_labels if label.part != "risks")

    assert failed(changed(published_case, ai_labels=labels), "ai_labelled")[0].cells == ("ai_labels.risks",)


def test_unnamed_machine_fails(published_case):
    labels = (*published_case.ai_labels[1:], AiLabel(part="model", method="deterministic"))

    assert "not named" in failed(changed(published_case, ai_labels=labels), "ai_labelled")[0].explanation


def test_unreviewed_model_work_is_a_warning_before_commitment_and_fails_from_there_on(published_case):
    labels = (*published_case.ai_labels[1:], AiLabel(part="model", method="model_assisted", agent="target@1.0.0"))
    case = changed(published_case, ai_labels=labels)

    assert [result.status for result in results_of(case, "ai_labelled")] == ["warned"]
    assert failed(changed(case, stage="commitment"), "ai_labelled")
    reviewed = (*labels[:-1], labels[-1].model_copy(update={"reviewed_by": "user:3"}))
    assert_held(changed(case, ai_labels=reviewed, stage="commitment"), "ai_labelled")


# 8 a measurement plan


def test_kpi_without_plan_fails(published_case):
    plan = {key: entry for key, entry in published_case.measurement_plan.items() if key != "retention_lift_overall"}

    assert failed(changed(published_case, measurement_plan=plan), "measurement_plan")[0].cells == (
        "measurement_plan.retention_lift_overall",
    )


def test_plan_without_cadence_or_owner_fails(published_case):
    plan = {**published_case.measurement_plan, "utilization": PlanEntry(source_system="Learning platform")}

    assert "lacks cadence, owner" in failed(changed(published_case, measurement_plan=plan), "measurement_plan")[0].explanation


# 9 versioned and auditable


@pytest.mark.parametrize(
    ("fields", "cell"),
    [
        ({"version": 0}, "version"),
        ({"content_hash": "abc"}, "content_hash"),
        ({"version": 2}, "previous_hash"),
        ({"previous_hash": "sha256:" + "a" * 64}, "previous_hash"),
    ],
)
def test_broken_version_chain_fails(published_case, fields, cell):
    assert failed(changed(published_case, **fields), "version_chain")[0].cells == (cell,)


def test_second_version_with_the_first_ones_hash_holds(published_case):
    assert_held(changed(published_case, version=2, previous_hash="sha256:" + "a" * 64), "version_chain")


def test_version_that_follows_itself_fails(published_case):
    failed(changed(published_case, version=2, previous_hash=published_case.content_hash), "version_chain")


# 10 revenue, cost or risk, counted once


def test_benefit_without_driver_fails(published_case):
    assert failed(with_row(published_case, "Atr", driver=None), "one_impact_each")[0].cells == ("Atr",)


def test_impact_of_no_known_kind_fails(published_case):
    case = with_driver(published_case, "retention", impact="brand")

    assert failed(case, "one_impact_each")[0].cells == ("driver.retention",)


def test_benefit_inside_another_benefit_fails(published_case):
    total = Row(key="Total", label="All benefits", unit="USD", driver="spending", role="benefit", formula="Atr + Btr")

    assert {result.cells for result in failed(with_rows(published_case, total), "counted_once")} == {
        ("Total", "Atr"),
        ("Total", "Btr"),
    }


def test_same_benefit_under_two_names_fails(published_case):
    names = {"A5": "C5", "A6": "C6", "At": "Ct", "Atr": "Ctr"}

    def renamed(row):
        formula = row.formula
        for old, new in sorted(names.items(), reverse=True):
            formula = formula.replace(old, new)
        return row.model_copy(
            update={"key": names[row.key], "label": "Loyalty benefit", "formula": formula, "driver": "spending"}
        )

    copies = [renamed(published_case.document.row(key)) for key in names]
    assert [result.cells for result in failed(with_rows(published_case, *copies), "counted_once")] == [("Ctr", "Atr")]


def test_benefits_of_one_overlap_are_counted_once_by_its_rule(published_case):
    copy = published_case.document.row("Atr").model_copy(update={"key": "Ctr", "driver": "spending"})
    overlap = Overlap(key="retention", rows=("Atr", "Ctr"), rule="largest")

    twice = with_rows(published_case, copy)
    assert failed(twice, "counted_once")
    grouped = twice.document.model_copy(update={"overlaps": (overlap,)})
    assert_held(changed(twice, document=grouped, computation=compute(grouped)), "counted_once")


def test_two_shares_of_one_figure_are_two_benefits(published_case):
    copy = published_case.document.row("Atr").model_copy(
        update={"key": "Ctr", "driver": "spending", "probability": decimals("0.1")[0]}
    )

    assert_held(with_rows(published_case, copy), "counted_once")


def test_signatures_stay_small_for_rows_that_double_each_other(published_case):
    first = Row(key="D0", label="d", unit="USD", values=decimals("1", "1", "1"), source=Source(kind="policy", reference="p"))
    rest = [Row(key=f"D{n}", label="d", unit="USD", formula=f"D{n - 1} + D{n - 1}") for n in range(1, 120)]

    assert_held(with_rows(published_case, first, *rest), "counted_once")


# 11 compounding


def test_compounding_that_no_text_mentions_fails(published_case):
    case = with_driver(with_driver(published_case, "retention", note=""), "spending", note="")
    case = with_text(case, "value", "Both effects are shown at margin.")

    assert {result.cells for result in failed(case, "compounding_shown")} == {("A6",), ("B1",)}


def test_growth_by_a_number_without_source_fails(published_case):
    case = with_row(published_case, "A6", formula="previous(A6, 0) * 1.05 + A1 * previous(A5, 0)")

    (result,) = failed(case, "compounding_shown")
    assert "(1.05)" in result.explanation


def test_claim_of_compounding_without_rows_fails(published_case):
    plain = [published_case.document.row("A6").model_copy(update={"formula": "A1 * A5"})]
    plain.append(published_case.document.row("B1").model_copy(update={"formula": "A1"}))
    case = with_text(with_rows(published_case, *plain), "value", "A flywheel: the effect compounds.")

    assert "no row of the model does" in failed(case, "compounding_shown")[0].explanation


# 12 honest wording


def test_number_tied_to_nothing_fails(published_case):
    case = with_text(published_case, "next_steps", "Decide before 14 competitors do.")

    assert "14 competitors" in failed(case, "figures_match")[0].explanation


def test_promise_larger_than_the_cell_fails(published_case):
    case = with_text(published_case, "summary", "The retention benefit is worth $11.0 million.")
    figures = (NarrativeFigure(section="summary", text="$11.0 million", cell="driver.retention.pv"),)

    (result,) = failed(changed(case, narrative_figures=(*figures, *published_case.narrative_figures)), "figures_match")
    assert result.cells == ("narrative.summary", "driver.retention.pv")


def test_rounded_up_beyond_the_written_digits_fails(published_case):
    case = with_text(published_case, "summary", "The retention benefit is worth $10.1 million.")
    figures = (NarrativeFigure(section="summary", text="$10.1 million", cell="driver.retention.pv"),)

    failed(changed(case, narrative_figures=(*figures, *published_case.narrative_figures)), "figures_match")


def test_number_that_two_cells_share_is_right_when_one_of_them_holds_it(published_case):
    other = NarrativeFigure(section="assumptions", text="10%", cell="A3.y1")

    assert_held(changed(published_case, narrative_figures=(other, *published_case.narrative_figures)), "figures_match")


def test_figure_of_a_cell_that_does_not_exist_fails(published_case):
    figures = tuple(
        f.model_copy(update={"cell": "driver.loyalty.pv"}) if f.section == "summary" else f
        for f in published_case.narrative_figures
    )

    assert "does not exist" in failed(changed(published_case, narrative_figures=figures), "figures_match")[0].explanation


def test_quotation_that_does_not_hold_the_number_fails(published_case):
    figures = tuple(
        f.model_copy(update={"quotation": "Put it on the list"}) if f.section == "situation" else f
        for f in published_case.narrative_figures
    )

    assert (
        "does not stand in the quotation"
        in failed(changed(published_case, narrative_figures=figures), "figures_match")[0].explanation
    )


def test_invented_quotation_fails(published_case):
    figures = tuple(
        f.model_copy(update={"quotation": "over 41,000 tickets a year, all avoidable"}) if f.section == "situation" else f
        for f in published_case.narrative_figures
    )

    failed(changed(published_case, narrative_figures=figures), "figures_match")


@pytest.mark.parametrize(
    "sentence",
    ["We guarantee the result.", "This is a risk-free purchase.", "Customers will definitely renew.", "We promise a return."],
)
def test_guarantee_fails_and_its_mend_leaves_the_sentence_out(published_case, sentence):
    case = with_text(published_case, "risks", f"One cohort. {sentence} More follows.")

    (result,) = failed(case, "no_guarantees")
    assert result.mend.after == "One cohort. More follows."


def test_denied_guarantee_holds(published_case):
    assert_held(with_text(published_case, "risks", "There is no guarantee, and nobody can promise more."), "no_guarantees")


def test_sentence_that_was_asked_to_be_kept_out_fails(published_case):
    case = with_text(published_case, "value", "They say it would Guarantee at\nleast a 5x return, or more.")

    assert "asked to be kept out" in failed(case, "no_guarantees")[0].explanation


def test_case_without_uncertainties_fails(published_case):
    failed(changed(published_case, uncertainties=(" ",)), "uncertainties_shown")


def test_uncounted_driver_that_nobody_mentions_fails(published_case):
    narrative = {**published_case.narrative, "situation": "Customers never learn the product."}

    (result,) = failed(changed(published_case, exclusions=(), narrative=narrative), "exclusions_shown")
    assert (result.cells, result.mend.after) == (("driver.support",), "Support questions that courses answer")
