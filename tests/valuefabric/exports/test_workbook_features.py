"""Whatever a document says beside its formulas stands in the workbook and recomputes to the same cents."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import ironcalc
import pytest
from hypothesis import HealthCheck, assume, given, settings

from tests.factories.feature_models import feature_models, has_ties
from valuefabric.domain.model import ModelDocument, compute
from valuefabric.domain.model.compute import lowered_values
from valuefabric.exports.workbook import workbook
from valuefabric.exports.workbook_layout import FIRST_PERIOD, Layout

CENT = Decimal("0.005")
SUMMARY, MODEL = 0, 1


def opened(document: ModelDocument, path: Path, scenario: str = "base") -> Any:
    path.write_bytes(workbook(document, compute(document, scenario=scenario)))
    model = ironcalc.load_from_xlsx(str(path), "en", "UTC", "en")
    model.evaluate()
    return model


def summary_of(model: Any) -> dict[str, Any]:
    return {model.get_formatted_cell_value(SUMMARY, row, 1): model.get_cell_value(SUMMARY, row, 2) for row in range(1, 60)}


def assert_same(document: ModelDocument, model: Any, scenario: str = "base") -> None:
    """Every line, helpers and counting included, and every measure agrees to the cent."""
    layout, values, shown = Layout(document), lowered_values(document, scenario), summary_of(model)
    for key, line in layout.lines.items():
        for period, value in enumerate(values[key]):
            cell = model.get_cell_value(MODEL, line + 1, FIRST_PERIOD + period + 1)
            assert abs(Decimal(cell) - value) < CENT, (key, period)
    computed = compute(document, scenario=scenario)
    measures = computed.measures
    for label, value in (
        ("Total benefits", measures.total_benefits),
        ("Total costs", measures.total_costs),
        ("Net present value", measures.npv),
    ):
        assert abs(Decimal(shown[label]) - value) < CENT, label
    for driver in computed.drivers:
        assert not driver.measured or abs(Decimal(shown[driver.label]) - driver.total) < CENT


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=feature_models())
def test_random_models_recompute_to_the_same_cents(document: ModelDocument, tmp_path: Path) -> None:
    assume(not has_ties(document))

    assert_same(document, opened(document, tmp_path / "case.xlsx"))


@pytest.mark.parametrize("scenario", ["low", "high"])
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=feature_models())
def test_the_switch_between_scenarios_reaches_shares_and_growth(scenario: str, document: ModelDocument, tmp_path: Path) -> None:
    assume(not has_ties(document))
    model = opened(document, tmp_path / "case.xlsx")

    model.set_user_input(SUMMARY, 5, 2, scenario)
    model.evaluate()

    assert_same(document, model, scenario)
