"""Principle 4: conservative and evidenced."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from valuefabric.domain.discovery.cues import phrase_pattern
from valuefabric.domain.discovery.numbers import DIGITS, parse_number
from valuefabric.domain.discovery.quantities import quantities
from valuefabric.domain.manifesto.case import CaseUnderReview
from valuefabric.domain.manifesto.lineage import counted_inputs
from valuefabric.domain.manifesto.mends import Mend
from valuefabric.domain.manifesto.observations import Held, hold_against_evidence, quotation_holds, risk_adjusted, scaled
from valuefabric.domain.manifesto.rules import Violation, check
from valuefabric.domain.model import Row

_BARE_NUMBER = re.compile(rf"(?<![\w.])-?(?:{DIGITS})(?![\w])")


@check("sourced_assumptions")
def sourced_assumptions(case: CaseUnderReview, _parameters: Mapping[str, Any]) -> Iterator[Violation]:
    """Every figure that goes into the number has a source; an estimate is allowed, and shown as one."""
    for row in counted_inputs(case.document):
        if row.source is None:
            yield Violation(
                f"The assumption {row.key} ({row.label}) has no source.",
                (row.key,),
                Mend(
                    operation="replace",
                    path=f"/document/rows/{row.key}/source",
                    reason="No number without a source",
                    needs="evidence, a benchmark or a citation for this figure",
                ),
            )
        elif row.source.kind == "estimate":
            yield Violation(f"The assumption {row.key} ({row.label}) is an estimate, not evidence.", (row.key,), warning=True)


@check("quotations_hold")
def quotations_hold(case: CaseUnderReview, _parameters: Mapping[str, Any]) -> Iterator[Violation]:
    """Each quotation stands in the evidence where its source says, and holds the figures that it is quoted for."""
    inputs = {row.key for row in counted_inputs(case.document)}
    for row in case.document.rows:
        if row.source is None or not (row.source.kind == "evidence" or row.source.quotation):
            continue
        if not quotation_holds(row, case.evidence):
            yield Violation(
                f"The quotation behind {row.key} ({row.label}) does not stand in {row.source.reference} where it should.",
                (row.key,),
            )
        elif row.key in inputs and row.source.kind == "evidence":
            stated = _figures_in(row.source.quotation)
            unquoted = [value for value in dict.fromkeys(row.values or ()) if value not in stated and value]
            if unquoted:
                figures = ", ".join(_words(value, row) for value in unquoted)
                yield Violation(f"The quotation behind {row.key} ({row.label}) does not state {figures}.", (row.key,))


@check("base_within_evidence")
def base_within_evidence(case: CaseUnderReview, _parameters: Mapping[str, Any]) -> Iterator[Violation]:
    """The base is not above the evidence's middle; see `docs/manifesto.md` for what the middle is and why."""
    for row in counted_inputs(case.document):
        held = hold_against_evidence(row, case.document)
        beyond = [item for item in held if (middle := _middle(item)) is not None and item.exceeds(middle)]
        if beyond:
            yield _above_middle(case, row, held, beyond)
            continue
        above_range = [
            item for item in held if item.observed is not None and item.midpoint is not None and item.exceeds(item.midpoint)
        ]
        if above_range:
            yield _above_range_middle(case, row, held, above_range)


@check("plain_words")
def plain_words(case: CaseUnderReview, parameters: Mapping[str, Any]) -> Iterator[Violation]:
    """No hype in the narrative: words that make a claim larger and no clearer."""
    for section, text in case.narrative.items():
        for word in parameters["hype_words"]:
            found = phrase_pattern(word).search(text)
            if found:
                yield Violation(
                    f"The section {section} says “{found.group()}”, which claims more than any figure shows.",
                    (f"narrative.{section}",),
                    Mend(
                        operation="replace",
                        path=f"/narrative/{section}",
                        before=text,
                        after=_without(text, found),
                        reason="Plain words",
                    ),
                )
                break


def _middle(held: Held) -> Decimal | None:
    return held.observed if held.observed is not None else held.midpoint


def _above_middle(case: CaseUnderReview, row: Row, held: list[Held], beyond: list[Held]) -> Violation:
    side = "below" if beyond[0].lower_is_better else "above"
    what = "the figure quoted for it" if beyond[0].observed is not None else "the middle of its range"
    first = beyond[0]
    after = [str(middle if (middle := _middle(item)) is not None and item.exceeds(middle) else item.base) for item in held]
    return Violation(
        f"The base of {row.key} ({row.label}) is {side} {what}: "
        f"{_words(first.base, row)} against {_words(_middle(first), row)} in {case.document.label_of(first.period)}.",
        tuple(f"{row.key}.{item.period}" for item in beyond),
        _values_mend(row, held, after, "The base is not above the evidence's middle"),
    )


def _above_range_middle(case: CaseUnderReview, row: Row, held: list[Held], above: list[Held]) -> Violation:
    first = above[0]
    cells = tuple(f"{row.key}.{item.period}" for item in above)
    fact = (
        f"The base of {row.key} ({row.label}) is a quoted figure, {_words(first.base, row)} in "
        f"{case.document.label_of(first.period)}, and more favourable than the middle of its range, "
        f"{_words(first.midpoint, row)}."
    )
    after = [str(item.midpoint if item.midpoint is not None and item.exceeds(item.midpoint) else item.base) for item in held]
    mend = _values_mend(row, held, after, "A single favourable observation is not taken at full value")
    if risk_adjusted(row, case.document):
        return Violation(f"{fact} The benefits made of it carry a risk adjustment.", cells, mend, warning=True)
    return Violation(f"{fact} Not every benefit made of it carries a risk adjustment.", cells, mend)


def _values_mend(row: Row, held: list[Held], after: list[str], reason: str) -> Mend:
    before = [str(value) for value in row.values or ()]
    return Mend(
        operation="replace",
        path=f"/document/rows/{row.key}/values",
        before=before,
        after=after if len(before) == len(held) else after[:1],
        reason=reason,
    )


def _figures_in(quotation: str) -> set[Decimal]:
    """Every figure that a quotation states: with units in words, bare in cells (there a percent may be written as 38.4)."""
    stated = {scaled(quantity) for quantity in quantities(quotation)}
    for found in _BARE_NUMBER.finditer(quotation):
        value = parse_number(found.group().lstrip("-"))
        stated |= {value, value / 100}
    return stated


def _without(text: str, found: re.Match[str]) -> str:
    return re.sub(r"  +", " ", text[: found.start()] + text[found.end() :]).strip()


def _words(value: Decimal | None, row: Row) -> str:
    """A figure of a row as people read it; exact, so that two which differ are seen to."""
    if value is None:
        return "none"
    return f"{(value * 100).normalize():f} %" if row.unit == "percent" else f"{value.normalize():,f}"
