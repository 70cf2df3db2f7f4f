"""One assumption for each pack input, out of sheet, record and notes; disagreement is reported and never averaged.

A sheet's figure is used first (somebody wrote it down as an assumption), then the record's, then the notes'. The citation that
leads is the other way round: a sentence of the notes shows where a figure comes from, a sheet only repeats it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from valuefabric.domain.discovery.findings import Assumption, Citation, Confidence, Conflict, StatedValue
from valuefabric.domain.discovery.matching import QuantityMatch
from valuefabric.domain.discovery.periods import filled, period_index
from valuefabric.domain.discovery.record import RecordFigure
from valuefabric.domain.discovery.sheet import SheetRow
from valuefabric.domain.packs.schema import InputSpec, Pack

# A match this much weaker than the best one speaks of something else and contradicts nothing.
_RIVAL = 0.75


@dataclass
class Sources:
    """What each kind of source says of one input, in the order of the documents."""

    rows: list[SheetRow] = field(default_factory=list)
    figures: list[RecordFigure] = field(default_factory=list)
    matches: list[QuantityMatch] = field(default_factory=list)


def gather(rows: Sequence[SheetRow], figures: Sequence[RecordFigure], matches: Sequence[QuantityMatch]) -> dict[str, Sources]:
    """All statements by input."""
    gathered: dict[str, Sources] = {}
    for row in rows:
        if row.input:
            gathered.setdefault(row.input, Sources()).rows.append(row)
    for figure in figures:
        gathered.setdefault(figure.input, Sources()).figures.append(figure)
    for match in matches:
        gathered.setdefault(match.input, Sources()).matches.append(match)
    return gathered


def assume(pack: Pack, gathered: Mapping[str, Sources], periods: int) -> tuple[tuple[Assumption, ...], tuple[Conflict, ...]]:
    """The assumptions that the evidence supports, in the pack's order, and the conflicts between sources."""
    assumptions, conflicts = [], []
    for name, spec in pack.inputs.items():
        if name in gathered:
            assumption = _assumption(name, spec, gathered[name], periods)
            conflict = _conflict(name, spec, gathered[name], assumption)
            if conflict:
                conflicts.append(conflict)
                assumption = assumption.model_copy(
                    update={"confidence": "low", "note": f"{assumption.note} Sources disagree.".strip()}
                )
            assumptions.append(assumption)
    return tuple(assumptions), tuple(conflicts)


def scaled(match: QuantityMatch) -> Decimal:
    """A quantity in the model's scale."""
    return match.quantity.value / 100 if match.quantity.unit == "percent" else match.quantity.value


def _assumption(name: str, spec: InputSpec, sources: Sources, periods: int) -> Assumption:
    values, note = _values(sources, periods)
    citations = _citations(sources, values)
    row = sources.rows[0] if sources.rows else None
    return Assumption(
        input=name,
        label=spec.label,
        unit=spec.unit,
        values=values,
        low=row.low if row else None,
        high=row.high if row else None,
        confidence=_confidence(sources),
        source=citations[0],
        support=tuple(citations[1:]),
        note=note,
    )


def _citations(sources: Sources, values: Sequence[Decimal]) -> list[Citation]:
    """What agrees with the values, strongest first: sentences, records, sheets; one that states all values leads."""
    stated = [(match.notes.cite(match.sentence), {scaled(match)}) for match in sources.matches]
    stated += [(figure.citation, {figure.value}) for figure in sources.figures]
    stated += [(row.citation, set(row.values)) for row in sources.rows]
    holds: dict[Citation, set[Decimal]] = {}
    for citation, figures in stated:
        if figures & set(values):
            holds.setdefault(citation, set()).update(figures)
    return sorted(holds, key=lambda citation: not set(values) <= holds[citation])


def _values(sources: Sources, periods: int) -> tuple[tuple[Decimal, ...], str]:
    if sources.rows:
        stated = sources.rows[0].values
        return filled(dict(enumerate(stated[:periods])), periods), _held("" if len(stated) >= periods else "sheet")
    if sources.figures:
        return (sources.figures[0].value,) * periods, _held("record")
    best = _leading(sources.matches)
    by_period = _by_period(best, periods)
    values = {index: scaled(match) for index, match in by_period.items()}
    return filled(values, periods), _held("" if len(values) == periods else "notes")


def _by_period(matches: Sequence[QuantityMatch], periods: int) -> dict[int, QuantityMatch]:
    """The matches of one input by period (from 0). A figure without a year counts from the first year on."""
    stated: dict[int, QuantityMatch] = {}
    for match in matches:
        index = period_index(match.sentence, match.quantity, match.notes.quantities_of(match.sentence))
        if index is not None and index < periods:
            stated.setdefault(index, match)
    return stated or {0: matches[0]}


def _held(where: str) -> str:
    """What an assumption says about years for which its source gives no figure of their own."""
    return f"Not stated for every year ({where}); the last figure stated is held." if where else ""


def _leading(matches: Sequence[QuantityMatch]) -> list[QuantityMatch]:
    """The matches in the best match's sentence: a second sentence with another figure is a rival, not a further year."""
    best = matches[0]
    return [match for match in matches if match.notes is best.notes and match.sentence == best.sentence]


def _confidence(sources: Sources) -> Confidence:
    if sources.rows:
        return sources.rows[0].confidence
    return "high" if sources.figures else "low"


def _conflict(name: str, spec: InputSpec, sources: Sources, assumption: Assumption) -> Conflict | None:
    others: list[tuple[Decimal, Citation]] = [
        (value, row.citation) for row in sources.rows[1:] for value in row.values if value not in assumption.values
    ]
    others += [(figure.value, figure.citation) for figure in sources.figures if figure.value not in assumption.values]
    others += [
        (scaled(match), match.notes.cite(match.sentence)) for match in _rivals(sources) if scaled(match) not in assumption.values
    ]
    if not others:
        return None
    used = sources.rows[0].citation if sources.rows else assumption.source
    stated = [StatedValue(value=", ".join(dict.fromkeys(spoken(value, spec.unit) for value in assumption.values)), citation=used)]
    stated += [StatedValue(value=spoken(value, spec.unit), citation=citation) for value, citation in others]
    return Conflict(
        subject=name,
        message=f"{spec.label}: the sources disagree ({'; '.join(item.value for item in stated)}). Decide which one holds.",
        stated=tuple(stated),
        used=stated[0].value,
    )


def _rivals(sources: Sources) -> list[QuantityMatch]:
    if not sources.matches:
        return []
    best = sources.matches[0].score
    return [match for match in sources.matches if match.score >= _RIVAL * best]


def spoken(value: Decimal, unit: str) -> str:
    """A value as people say it: 38.4 % for 0.384, plain digits otherwise."""
    return f"{(value * 100).normalize():f} %" if unit == "percent" else f"{value.normalize():f}"
