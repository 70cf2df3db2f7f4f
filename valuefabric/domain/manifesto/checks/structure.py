"""Principles 1, 3 and 5: outcome before feature, one structure, a place in the lifecycle."""

from collections.abc import Iterator, Mapping
from typing import Any

from valuefabric.domain.discovery.cues import mentions
from valuefabric.domain.manifesto.case import CaseUnderReview
from valuefabric.domain.manifesto.lineage import counted_benefits, counted_drivers
from valuefabric.domain.manifesto.mends import Mend
from valuefabric.domain.manifesto.rules import Violation, check


@check("outcome_first")
def outcome_first(case: CaseUnderReview, parameters: Mapping[str, Any]) -> Iterator[Violation]:
    """Every counted driver names the outcome it moves, and the opening speaks of outcomes more than of features."""
    for driver in counted_drivers(case.document):
        if not driver.kpi:
            yield Violation(
                f"The driver {driver.key} names no KPI, so nobody can tell which outcome it moves.",
                (f"driver.{driver.key}",),
                Mend(
                    operation="replace",
                    path=f"/document/drivers/{driver.key}/kpi",
                    before="",
                    reason="An outcome is a KPI that moves",
                    needs="the KPI that this driver moves",
                ),
            )
    section, opening = next(iter(case.narrative.items()), ("", ""))
    features = mentions(opening, tuple(parameters["feature_words"]))
    outcomes = mentions(opening, (*parameters["outcome_words"], *_outcome_names(case)))
    if opening and len(features) >= max(1, len(outcomes)):
        words = ", ".join(dict.fromkeys(opening[start:end].lower() for start, end in features))
        yield Violation(
            f"The section {section} speaks of features ({words}) at least as often as of outcomes. "
            "Begin with what changes for the customer.",
            (f"narrative.{section}",),
            Mend(
                operation="replace",
                path=f"/narrative/{section}",
                before=opening,
                reason="Outcome over feature",
                needs="an opening that names the outcome first",
            ),
        )


@check("standard_sections")
def standard_sections(case: CaseUnderReview, parameters: Mapping[str, Any]) -> Iterator[Violation]:
    """Every standard section is there and says something."""
    for section in parameters["sections"]:
        if not case.narrative.get(section, "").strip():
            yield Violation(
                f"The standard section {section} is missing or empty.",
                (f"narrative.{section}",),
                Mend(
                    operation="add",
                    path=f"/narrative/{section}",
                    reason="Every case has the same structure",
                    needs=f"the text of the section {section}",
                ),
            )


@check("model_complete")
def model_complete(case: CaseUnderReview, _parameters: Mapping[str, Any]) -> Iterator[Violation]:
    """The model has counted benefits, and low and high scenarios beside the base."""
    if not counted_benefits(case.document):
        yield Violation("No benefit row is counted, so the case promises nothing that could be measured.", ("document",))
    absent = [name for name in ("low", "high") if name not in case.scenarios]
    if absent:
        yield Violation(
            f"The case lacks the scenario {' and '.join(absent)}; a single figure hides its range.", ("scenarios",), warning=True
        )


@check("lifecycle_stage")
def lifecycle_stage(case: CaseUnderReview, parameters: Mapping[str, Any]) -> Iterator[Violation]:
    """The case says at which stage of the lifecycle it is."""
    stages = parameters["stages"]
    if case.stage not in stages:
        yield Violation(
            f"The stage {case.stage!r} is none of {', '.join(stages)}.",
            ("stage",),
            Mend(
                operation="replace",
                path="/stage",
                before=case.stage,
                reason="A case has a place in the lifecycle",
                needs=f"one of {', '.join(stages)}",
            ),
        )


def _outcome_names(case: CaseUnderReview) -> tuple[str, ...]:
    return tuple(driver.label for driver in case.document.drivers)
