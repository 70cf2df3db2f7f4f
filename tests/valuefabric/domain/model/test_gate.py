"""The conservative gate: each rule with the row it stops and by how much, and nothing for a careful model."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from valuefabric.domain.model import ModelDocument, load_model
from valuefabric.domain.model.gate import Finding, GatePolicy, NotConservative, conservative_gate, pass_gate

CASES = Path(__file__).parents[2] / "cases"
SOURCE = {"kind": "benchmark", "reference": "a study"}
ROWS: dict[str, Any] = {
    "tickets": {"unit": "tickets", "values": 1000, "low": 900, "high": 1200, "source": SOURCE, "confidence": "high"},
    "deflected": {"unit": "percent", "values": "10%", "low": "5%", "high": "20%", "source": SOURCE, "confidence": "medium"},
    "price": {"unit": "USD/ticket", "values": 10, "source": SOURCE},
    "saved": {
        "unit": "USD",
        "role": "benefit",
        "driver": "support",
        "formula": "tickets * deflected * price",
        "risk_adjustment": "20%",
    },
    "fee": {"unit": "USD", "role": "cost", "values": 100, "source": SOURCE},
}


def model(changes: dict[str, dict[str, Any]] | None = None, phase: dict[str, Any] | None = None) -> ModelDocument:
    merged = {key: {"label": key.title(), **row, **(changes or {}).get(key, {})} for key, row in ROWS.items()}
    return ModelDocument.model_validate(
        {
            "id": "t",
            "title": "t",
            "currency": "USD",
            "conventions": {"discount_rate": "0.1"},
            "periods": ["y1", "y2"],
            "drivers": {
                "support": {"label": "Support", "impact": "cost", "phase_in": phase or {"shape": "linear", "over": 6}},
            },
            "rows": merged,
        }
    )


def found(document: ModelDocument, **limits: Any) -> list[Finding]:
    return list(conservative_gate(document, policy=GatePolicy(**limits)))


def test_a_careful_model_passes() -> None:
    assert found(model()) == []
    pass_gate(model())


def test_a_base_above_the_middle_of_its_range() -> None:
    [finding] = found(model({"deflected": {"values": ["10%", "15%"]}}))

    assert (finding.rule, finding.row, finding.period) == ("base_above_middle", "deflected", "y2")
    assert (finding.found, finding.allowed, finding.by, finding.unit) == (
        Decimal("0.15"),
        Decimal("0.125"),
        Decimal("0.025"),
        "percent",
    )
    assert finding.message == "the base of deflected (Deflected) is above the middle of its range: 0.15 against 0.125"


def test_a_base_above_the_figure_that_its_evidence_states() -> None:
    quoted = {"kind": "evidence", "reference": "ev-1", "quotation": "we answer about 8% of them by courses"}
    [finding] = found(model({"deflected": {"source": quoted}}))

    assert (finding.rule, finding.row, finding.by) == ("base_above_middle", "deflected", Decimal("0.02"))
    assert "below" not in finding.message
    assert "above the figure quoted for it" in finding.message


def test_a_driver_that_counts_its_best_case() -> None:
    changes = {"deflected": {"values": "20%"}, "tickets": {"values": 1200}}
    rules = {finding.rule: finding for finding in found(model(changes))}

    best = rules["best_case"]
    assert best.row == "saved"
    assert best.found > best.allowed
    assert best.message == "the driver support (Support) counts its best case: its ranges leave no room above the base"


@pytest.mark.parametrize(("adjustment", "words"), [(None, "has no risk adjustment"), ("2%", "is adjusted for risk by 2 % only")])
def test_a_benefit_below_the_policys_risk_adjustment(adjustment: str | None, words: str) -> None:
    [finding] = found(model({"saved": {"risk_adjustment": adjustment}}), least_risk_adjustment=Decimal("0.1"))

    assert (finding.rule, finding.row, finding.allowed) == ("risk_adjustment", "saved", Decimal("0.1"))
    assert finding.by == Decimal("0.1") - (Decimal("0.02") if adjustment else 0)
    assert words in finding.message
    assert finding.write == "risk_adjustment: 10%"


def test_a_benefit_that_is_there_at_once() -> None:
    [finding] = found(model(phase={"shape": "step"}))

    assert (finding.rule, finding.row, finding.period) == ("phase_in", "saved", "y1")
    assert (finding.found, finding.by) == (1, Decimal("0.1"))
    assert "100 % of its full effect in Year 1, 90 % at most" in finding.message


def test_one_amount_needs_no_time_to_come() -> None:
    assert found(model({"saved": {"timing": {"once": "y1"}}}, phase={"shape": "step"})) == []


def test_a_share_without_a_source() -> None:
    [finding] = found(model({"saved": {"attribution": "60%"}}))

    assert (finding.rule, finding.row, finding.found) == ("unsourced_attribution", "saved", Decimal("0.6"))
    assert finding.write == "a row for the share, with its source, and attribution: its key"


def test_benefits_that_rest_on_one_weak_assumption() -> None:
    [finding] = found(model({"deflected": {"confidence": "low"}}))

    assert (finding.rule, finding.row, finding.found, finding.by) == ("rests_on_one", "deflected", 1, Decimal("0.75"))
    assert "100 % of all benefits rest on deflected (Deflected)" in finding.message


def test_a_share_that_a_row_names_is_an_assumption_like_any_other() -> None:
    ours = {"key": "ours", "label": "Ours", "unit": "percent", "values": "60%", "source": SOURCE, "confidence": "low"}
    plain = model().model_dump()
    rows = [{**row, "attribution": "ours"} if row["key"] == "saved" else row for row in plain["rows"]]

    [finding] = found(ModelDocument.model_validate({**plain, "rows": [*rows, ours]}))

    assert (finding.rule, finding.row) == ("rests_on_one", "ours")


def test_the_gate_refuses_with_everything_it_found() -> None:
    document = model({"saved": {"risk_adjustment": None}}, phase={"shape": "step"})

    with pytest.raises(NotConservative, match="has no risk adjustment.*is there at once") as refused:
        pass_gate(document)

    assert [finding.rule for finding in refused.value.findings] == ["risk_adjustment", "phase_in"]


def test_an_adjustment_in_formulas_counts_as_far_as_it_holds() -> None:
    haircut = {"label": "Haircut", "unit": "percent", "values": "20%", "better": "lower", "source": SOURCE}
    formula = "tickets * deflected * price"

    def written(formula: str) -> ModelDocument:
        changes = {"haircut": haircut, "saved": {"formula": formula, "risk_adjustment": None, "risk_adjusted_by": "haircut"}}
        plain = model().model_dump(exclude_defaults=True)
        rows = {row["key"]: {**row, **changes.get(row["key"], {})} for row in plain["rows"]} | {
            "haircut": {**haircut, "key": "haircut"}
        }
        return ModelDocument.model_validate({**plain, "rows": list(rows.values())})

    assert found(written(f"{formula} * (1 - haircut)")) == []
    [finding] = found(written(formula))
    assert (finding.rule, finding.row, finding.by) == ("risk_adjustment", "saved", Decimal("0.05"))
    assert "without haircut it would be no higher" in finding.message


def test_published_cases_at_the_gate() -> None:
    """Intellum's haircut is in its formulas and is found there; the other two sheets are bare totals, and say so."""

    def rules(case: str) -> list[str]:
        document = load_model((CASES / f"{case}.yaml").read_text(encoding="utf-8"))
        return [f"{finding.rule} {finding.row}" for finding in conservative_gate(document)]

    assert rules("intellum") == []
    assert rules("salesloft") == ["risk_adjustment benefits"]
    assert rules("textbook") == ["risk_adjustment benefits", "phase_in benefits"]
