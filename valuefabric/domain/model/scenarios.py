"""Scenarios and alternatives as documents of their own, so that whatever computes a model computes them too."""

from collections.abc import Mapping
from decimal import Decimal

from valuefabric.domain.formulas.arithmetic import ENGINE, ONE
from valuefabric.domain.formulas.suggestions import did_you_mean
from valuefabric.domain.model.computation import RangeEnd, Scenario
from valuefabric.domain.model.document import ModelDocument, Row
from valuefabric.domain.model.keys import found
from valuefabric.domain.model.lowering import assumed_figures
from valuefabric.domain.model.variation import BUILT_IN, ENDS, HALF_BENEFITS, NamedScenario, changed_rows

HALF = Decimal("0.5")
LABELS: Mapping[str, str] = {
    "low": "Conservative",
    "base": "Expected",
    "high": "Best",
    HALF_BENEFITS: "Every benefit halved",
}


class UnknownScenario(ValueError):
    """The model has no such scenario; the message says which there are."""


def scenario_keys(document: ModelDocument) -> tuple[str, ...]:
    """Every scenario of the model: the ends of the ranges, its own, and the stress."""
    return ("low", "base", "high", *(scenario.key for scenario in document.scenarios), HALF_BENEFITS)


def scenario_label(document: ModelDocument, key: Scenario) -> str:
    """What people call the scenario."""
    return LABELS.get(ENDS.get(key, key)) or found("scenario", key, document.scenarios).label


def scenario_of(document: ModelDocument, key: Scenario) -> tuple[ModelDocument, RangeEnd]:
    """The document that is computed for the scenario, and the end of its ranges that is taken. Raises UnknownScenario."""
    if (end := ENDS.get(key)) is not None:
        return document, end
    if key == HALF_BENEFITS:
        return document.model_copy(update={"benefits_at": ENGINE.multiply(document.benefits_at or ONE, HALF)}), "base"
    known = {scenario.key: scenario for scenario in document.scenarios}
    if key not in known:
        names = list(dict.fromkeys((*scenario_keys(document), *ENDS)))
        raise UnknownScenario(f"there is no scenario '{key}'{did_you_mean(key, names) or f'; there are {", ".join(names)}'}")
    return _varied(document, *scenario_chain(document, key)), "base"


def scenario_chain(document: ModelDocument, key: str) -> tuple[RangeEnd, tuple[NamedScenario, ...]]:
    """What a named scenario is made of: the end of the ranges it begins at, and the steps to it; KeyError for no such key."""
    known = {scenario.key: scenario for scenario in document.scenarios}
    chain = [known[key]]
    while chain[0].on not in BUILT_IN:
        chain.insert(0, known[chain[0].on])
    return ENDS[chain[0].on], tuple(chain)


def scenario_document(document: ModelDocument, key: Scenario) -> ModelDocument:
    """The scenario as a model whose base it is. Raises UnknownScenario."""
    varied, end = scenario_of(document, key)
    return varied if end == "base" else varied.model_copy(update={"rows": _at_end(varied, end)})


def alternative_document(document: ModelDocument, key: str) -> ModelDocument:
    """The alternative as a model of its own; KeyError when there is none."""
    alternative = found("alternative", key, document.alternatives)
    rows = changed_rows(document, alternative.changes, f"alternative {key}")
    return _alone(document, (*rows, *alternative.rows), document.benefits_at)


def _varied(document: ModelDocument, end: RangeEnd, chain: tuple[NamedScenario, ...]) -> ModelDocument:
    varied = document if end == "base" else document.model_copy(update={"rows": _at_end(document, end)})
    for scenario in chain:
        rows = changed_rows(varied, scenario.changes, f"scenario {scenario.key}")
        share = varied.benefits_at if scenario.benefits_at is None else scenario.benefits_at
        varied = _alone(varied, rows, share)
    return varied


def _at_end(document: ModelDocument, end: RangeEnd) -> tuple[Row, ...]:
    """Rows whose figures are those of an end of their ranges, and have none any more."""
    return tuple(
        row
        if row.low is None and row.high is None
        else row.model_copy(update={"values": assumed_figures(row, end), "low": None, "high": None})
        for row in document.rows
    )


def _alone(document: ModelDocument, rows: tuple[Row, ...], benefits_at: Decimal | None) -> ModelDocument:
    """A document with these rows and without what is said of the base alone: scenarios, alternatives and published figures."""
    inputs = {row.key for row in rows if row.values is not None}
    correlations = tuple(one for one in document.correlations if inputs.issuperset(one.between))
    return document.model_copy(
        update={
            "rows": rows,
            "benefits_at": benefits_at,
            "correlations": correlations,
            "scenarios": (),
            "alternatives": (),
            "expected": None,
        }
    )
