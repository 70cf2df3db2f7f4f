"""Principles 10 and 11: every impact is revenue, cost or risk and counted once; compounding is shown, never invented."""

from collections.abc import Iterator, Mapping
from typing import Any

from valuefabric.domain.discovery.cues import mentions
from valuefabric.domain.manifesto.case import CaseUnderReview
from valuefabric.domain.manifesto.lineage import ancestors, counted_benefits, literals, references, signatures
from valuefabric.domain.manifesto.mends import Mend
from valuefabric.domain.manifesto.rules import Violation, check
from valuefabric.domain.model import Row


@check("one_impact_each")
def one_impact_each(case: CaseUnderReview, parameters: Mapping[str, Any]) -> Iterator[Violation]:
    """Every counted benefit belongs to a driver, and every driver's impact is revenue, cost or risk."""
    for row in counted_benefits(case.document):
        if row.driver is None:
            yield Violation(
                f"The benefit {row.key} ({row.label}) belongs to no driver, so it is neither revenue, cost nor risk.",
                (row.key,),
                Mend(
                    operation="replace",
                    path=f"/document/rows/{row.key}/driver",
                    reason="Every impact has one kind",
                    needs="the driver that this benefit belongs to",
                ),
            )
    for driver in case.document.drivers:
        if driver.impact not in parameters["impacts"]:
            yield Violation(f"The driver {driver.key} has the impact {driver.impact}.", (f"driver.{driver.key}",))


@check("counted_once")
def counted_once(case: CaseUnderReview, _parameters: Mapping[str, Any]) -> Iterator[Violation]:
    """No benefit is part of another benefit, and no two are the same figure under two names.

    Benefits of one overlap group are counted by its rule, so that they count once whatever they share.
    """
    benefits = counted_benefits(case.document)
    made_of = signatures(case.document)
    for index, row in enumerate(benefits):
        within = ancestors(case.document, row.key)
        for other in benefits:
            if other.key in within and other.key != row.key and not _overlap(case, row, other):
                yield _counted_twice(
                    row, other, f"The benefit {row.key} is made of the benefit {other.key}, which is counted by itself too."
                )
        for other in benefits[index + 1 :]:
            if (
                not _overlap(case, row, other)
                and made_of[row.key] == made_of[other.key]
                and case.computation.rows[row.key].values == case.computation.rows[other.key].values
            ):
                yield _counted_twice(other, row, f"The benefits {row.key} and {other.key} are the same figure under two names.")


@check("compounding_shown")
def compounding_shown(case: CaseUnderReview, parameters: Mapping[str, Any]) -> Iterator[Violation]:
    """Where an effect builds on another, the text says so; growth has a source; no text claims compounding that no row has."""
    words = tuple(parameters["compounding_words"])
    compounding = [row for row in case.document.rows if _builds_on_effect(case, row)]
    for row in compounding:
        invented = [f"{literal:f}" for literal in literals(row) if literal not in (0, 1)]
        if invented and row.key in references(row)[1]:
            yield Violation(
                f"The row {row.key} grows by a number of its own ({', '.join(invented)}), which has no source.",
                (row.key,),
                Mend(
                    operation="replace",
                    path=f"/document/rows/{row.key}/formula",
                    before=row.formula,
                    reason="Compounding is never invented",
                    needs="a row with a source for the growth",
                ),
            )
        if not _is_told(case, row, words):
            yield Violation(
                f"The row {row.key} ({row.label}) builds on an earlier effect, and no text tells the reader so.",
                (row.key,),
                Mend(
                    operation="replace",
                    path=f"/document/drivers/{row.driver}/note",
                    reason="Compounding is shown",
                    needs="a sentence that says what builds on what",
                ),
            )
    if not compounding:
        yield from _claimed_without_rows(case, tuple(parameters["claim_words"]))


def _overlap(case: CaseUnderReview, row: Row, other: Row) -> bool:
    return any({row.key, other.key} <= set(overlap.rows) for overlap in case.document.overlaps)


def _counted_twice(row: Row, other: Row, explanation: str) -> Violation:
    mend = Mend(
        operation="replace",
        path=f"/document/rows/{row.key}/role",
        before="benefit",
        after=None,
        reason="Every impact is counted once",
    )
    return Violation(explanation, (row.key, other.key), mend)


def _builds_on_effect(case: CaseUnderReview, row: Row) -> bool:
    """Whether a row takes up its own past, or another driver's computed effect."""
    same, before = references(row)
    if row.key in before:
        return True
    return any(
        other.driver not in (None, row.driver) and other.formula is not None and references(other) != (set(), set())
        for key in same
        if (other := case.document.row(key))
    )


def _is_told(case: CaseUnderReview, row: Row, words: tuple[str, ...]) -> bool:
    note = next((driver.note for driver in case.document.drivers if driver.key == row.driver), "")
    return any(mentions(text, words) for text in (note, row.note, *case.narrative.values()))


def _claimed_without_rows(case: CaseUnderReview, words: tuple[str, ...]) -> Iterator[Violation]:
    for section, text in case.narrative.items():
        found = mentions(text, words)
        if found:
            start, end = found[0]
            yield Violation(
                f"The section {section} claims that the effect compounds (“{text[start:end]}”), and no row of the model does.",
                (f"narrative.{section}",),
                Mend(
                    operation="replace",
                    path=f"/narrative/{section}",
                    before=text,
                    reason="Compounding is never invented",
                    needs="the section without this claim",
                ),
            )
