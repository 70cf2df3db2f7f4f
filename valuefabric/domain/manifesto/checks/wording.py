"""Principle 12: honest wording. Numbers are cells or quotations, promises are not made, what is uncertain is said."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from valuefabric.domain.discovery.sentences import split_sentences
from valuefabric.domain.manifesto.case import CaseUnderReview, NarrativeFigure
from valuefabric.domain.manifesto.cells import CellError, resolve_cell
from valuefabric.domain.manifesto.mends import Mend
from valuefabric.domain.manifesto.rules import Violation, check
from valuefabric.domain.manifesto.written import WrittenNumber, states, written_numbers

_DENIED = re.compile(
    r"\b(?:no|not|never|cannot|nobody|without|neither|nor|isn['’]t|don['’]t|does not)\b[^.;:]{0,30}\Z", re.IGNORECASE
)


@check("figures_match")
def figures_match(case: CaseUnderReview, _parameters: Mapping[str, Any]) -> Iterator[Violation]:
    """Every number in the narrative is a computed cell, to the digits written, or stands in a quotation from the evidence."""
    for section, text in case.narrative.items():
        for number in written_numbers(text):
            problems = [_problem(case, figure, number) for figure in _figures_of(case, section, text, number)]
            if not problems and not _names_the_term(case, number):
                yield _violation(section, text, number, "is tied to no cell and no quotation")
            elif problems and "" not in problems:
                yield _violation(section, text, number, problems[0], *_cells_of(case, section, text, number))


@check("no_guarantees")
def no_guarantees(case: CaseUnderReview, parameters: Mapping[str, Any]) -> Iterator[Violation]:
    """No sentence guarantees a result, and none that the customer asked to keep out is in."""
    promise = re.compile("|".join(parameters["patterns"]), re.IGNORECASE)
    for section, text in case.narrative.items():
        for sentence in split_sentences(text):
            found = next(
                (hit for hit in promise.finditer(sentence.text) if not _DENIED.search(sentence.text[: hit.start()])), None
            )
            forbidden = next((phrase for phrase in case.forbidden if _flat(phrase) in _flat(sentence.text)), None)
            if found or forbidden:
                reason = (
                    f"“{forbidden}”, which was asked to be kept out"
                    if forbidden
                    else f"“{found.group() if found else ''}”, which no figure can bear"
                )
                yield Violation(
                    f"The section {section} says {reason}.",
                    (f"narrative.{section}",),
                    Mend(
                        operation="replace",
                        path=f"/narrative/{section}",
                        before=text,
                        after=(text[: sentence.start].rstrip() + " " + text[sentence.end :].lstrip()).strip(),
                        reason="Promises match numbers",
                    ),
                )
                break


@check("uncertainties_shown")
def uncertainties_shown(case: CaseUnderReview, _parameters: Mapping[str, Any]) -> Iterator[Violation]:
    """The case says what is not known."""
    if not any(text.strip() for text in case.uncertainties):
        yield Violation(
            "The case names no uncertainty, and every case has some.",
            ("uncertainties",),
            Mend(
                operation="add",
                path="/uncertainties/new",
                reason="Uncertainties are shown",
                needs="what is not known, in a sentence",
            ),
        )


@check("exclusions_shown")
def exclusions_shown(case: CaseUnderReview, _parameters: Mapping[str, Any]) -> Iterator[Violation]:
    """Every driver that is listed and not counted is named where the reader looks for it."""
    told = _flat(" ".join((*case.exclusions, *case.narrative.values())))
    for driver in case.document.drivers:
        if not driver.counted and driver.key.replace("_", " ") not in told and _flat(driver.label) not in told:
            yield Violation(
                f"The driver {driver.key} ({driver.label}) is not counted, and no text tells the reader so.",
                (f"driver.{driver.key}",),
                Mend(operation="add", path="/exclusions/new", after=driver.label, reason="What is not counted is said"),
            )


def _figures_of(case: CaseUnderReview, section: str, text: str, number: WrittenNumber) -> list[NarrativeFigure]:
    """The declared figures whose own words cover the number, at one of the places where they stand in the section."""
    return [
        figure
        for figure in case.narrative_figures
        if figure.section == section and figure.text.strip()
        if any(found.start() <= number.start < found.end() for found in re.finditer(re.escape(figure.text), text))
    ]


def _cells_of(case: CaseUnderReview, section: str, text: str, number: WrittenNumber) -> tuple[str, ...]:
    return tuple(figure.cell for figure in _figures_of(case, section, text, number) if figure.cell)


def _problem(case: CaseUnderReview, figure: NarrativeFigure, number: WrittenNumber) -> str:
    """Why a declared figure is not the number written; empty where it is."""
    if not figure.cell:
        return "" if _is_quoted(case, figure, number) else f"does not stand in the quotation from {figure.reference}"
    try:
        cell = resolve_cell(figure.cell, case.document, case.computation, case.scenarios)
    except CellError as error:
        return f"refers to a cell that does not exist ({error})"
    if states(number, cell.value, cell.unit):
        return ""
    return f"is not what the cell {figure.cell} holds ({cell.value.normalize():f} {cell.unit})"


def _is_quoted(case: CaseUnderReview, figure: NarrativeFigure, number: WrittenNumber) -> bool:
    source = case.evidence.get(figure.reference or "", "")
    if not figure.quotation or _flat(figure.quotation) not in _flat(source):
        return False
    return any(other.value == number.value and other.unit == number.unit for other in written_numbers(figure.quotation))


def _names_the_term(case: CaseUnderReview, number: WrittenNumber) -> bool:
    """ "three years" where the model has three periods says no figure of its own."""
    return number.unit == "years" and number.value == len(case.document.periods)


def _violation(section: str, text: str, number: WrittenNumber, problem: str, *cells: str) -> Violation:
    mend = Mend(
        operation="replace",
        path=f"/narrative/{section}",
        before=text,
        reason="Promises match numbers",
        needs="the cell or quotation that this number comes from, or the number that the cell holds",
    )
    return Violation(
        f"The section {section} says {' '.join(number.text.split())}, which {problem}.", (f"narrative.{section}", *cells), mend
    )


def _flat(text: str) -> str:
    return " ".join(text.lower().split())
