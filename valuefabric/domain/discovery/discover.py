"""Discovery: from a customer's documents to findings, each with its quotation, by a deterministic method."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from valuefabric.domain.discovery.assumptions import assume, gather
from valuefabric.domain.discovery.conventions import find_conventions
from valuefabric.domain.discovery.embedding import Embedder
from valuefabric.domain.discovery.findings import (
    Conflict,
    Convention,
    Discovery,
    Exclusion,
    Hypothesis,
    Persona,
    Price,
    StatedValue,
    SuspiciousSentence,
    UnmatchedRow,
)
from valuefabric.domain.discovery.matching import Meanings, match_drivers, match_quantities, sentence_meaning
from valuefabric.domain.discovery.notes import Notes, cite, prepare_notes
from valuefabric.domain.discovery.people import find_approval, find_owner, normal_title, people_in, personas
from valuefabric.domain.discovery.record import record_currency, record_figures, record_price, record_term
from valuefabric.domain.discovery.remarks import find_exclusions, find_forbidden, find_pains
from valuefabric.domain.discovery.sheet import SheetRow, sheet_rows
from valuefabric.domain.discovery.suspicion import suspicion_of
from valuefabric.domain.evidence import ParsedDocument
from valuefabric.domain.packs.schema import Pack

DEFAULT_TERM = 3
_CITATIONS_OF_A_CLAIM = 3
# At 50 to 800 sentences a second this bounds discovery to seconds; beyond it sentences are matched by words alone.
_MOST_EMBEDDED = 600


@dataclass(frozen=True, slots=True)
class EvidenceItem:
    """A parsed document and the reference by which findings cite it."""

    reference: str
    document: ParsedDocument


def discover(items: Sequence[EvidenceItem], pack: Pack, *, embedder: Embedder | None = None) -> Discovery:
    """Find everything that a pack knows to look for. Without an embedder, matching goes by words alone, and says so.

    Raises EvidenceError where a sheet of drivers holds something that is no figure.
    """
    notes = [prepare_notes(item.reference, item.document) for item in items if item.document.kind == "text"]
    meanings = _meanings(notes, pack, embedder)
    stated, taken = find_conventions(notes, pack, meanings)
    conventions = (*stated, *_term_of_records(items))
    periods = _periods(conventions)
    rows = [row for item in items for row in sheet_rows(item.reference, item.document, pack)]
    figures = [
        figure for item in items if item.document.kind == "json" for figure in record_figures(item.reference, item.document, pack)
    ]
    matches = match_quantities(notes, pack, meanings, taken=taken)
    assumptions, conflicts = assume(pack, gather(rows, figures, matches), periods)
    people = _people(items, notes, pack)
    exclusions, forbidden = find_exclusions(notes, pack, meanings), find_forbidden(notes)
    said = [found.citation for found in exclusions] + [found.citation for found in forbidden]
    currency, currency_conflicts = _currency(items, notes, rows)
    return Discovery(
        pack=f"{pack.key}@{pack.version}",
        method=meanings.method,
        currency=currency,
        periods=tuple(f"y{number}" for number in range(1, periods + 1)),
        assumptions=assumptions,
        price=_price(items, pack),
        personas=people,
        pains=find_pains(notes, pack, meanings, frozenset((words.reference, words.start) for words in said)),
        owner=find_owner(notes),
        approval=find_approval(notes, people, pack),
        conventions=conventions,
        exclusions=exclusions,
        forbidden=forbidden,
        suspicious=(*(found for item in notes for found in item.suspicious), *_suspicious_cells(items)),
        conflicts=(*conflicts, *currency_conflicts, *_convention_conflicts(conventions, pack)),
        hypotheses=_hypotheses(notes, pack, meanings, {found.input for found in assumptions}, exclusions),
        unmatched=tuple(UnmatchedRow(name=row.name, citation=row.citation) for row in rows if row.input is None),
    )


def _meanings(notes: Sequence[Notes], pack: Pack, embedder: Embedder | None) -> Meanings:
    """Descriptions and sentences embedded once: sentences with figures first, since embedding is the slow part."""
    texts = [spec.meaning for spec in pack.inputs.values()] + [driver.claim for driver in pack.drivers]
    sentences = [(not item.quantities_of(sentence), sentence_meaning(sentence)) for item in notes for sentence in item.sentences]
    texts += [text for _, text in sorted(sentences, key=lambda pair: pair[0])[:_MOST_EMBEDDED]]
    return Meanings(embedder, texts)


def _term_of_records(items: Sequence[EvidenceItem]) -> list[Convention]:
    terms = (record_term(item.reference, item.document) for item in items if item.document.kind == "json")
    return [Convention(key="term_years", value=term[0], citation=term[1]) for term in terms if term]


def _price(items: Sequence[EvidenceItem], pack: Pack) -> Price | None:
    prices = (record_price(item.reference, item.document, pack) for item in items if item.document.kind == "json")
    return next((Price(value=value, citation=citation) for value, citation in filter(None, prices)), None)


def _periods(conventions: Sequence[Convention]) -> int:
    terms = [int(found.value) for found in conventions if found.key == "term_years" and found.value is not None]
    return terms[0] if terms else DEFAULT_TERM


def _people(items: Sequence[EvidenceItem], notes: Sequence[Notes], pack: Pack) -> tuple[Persona, ...]:
    """People of records first (they carry more), then those whom only the notes name."""
    found: dict[str, Persona] = {}
    for item in items:
        if item.document.kind == "json":
            for person in personas(item.document.record, pack, reference=item.reference, document=item.document):
                found.setdefault(normal_title(person.title), person)
    for person in people_in(notes, pack):
        found.setdefault(normal_title(person.title), person)
    return tuple(found.values())


def _currency(
    items: Sequence[EvidenceItem], notes: Sequence[Notes], rows: Sequence[SheetRow]
) -> tuple[str | None, list[Conflict]]:
    """The deal's currency: the record's, else the sheet's, else the most frequent in the notes; a disagreement is reported."""
    recorded = next((found for item in items if item.document.kind == "json" and (found := record_currency(item.document))), None)
    in_rows = next((row for row in rows if row.currency), None)
    spoken = Counter(q.unit.partition("/")[0] for item in notes for qs in item.quantities.values() for q in qs if q.is_money)
    currency = recorded or (in_rows.currency if in_rows else None) or next((unit for unit, _ in spoken.most_common(1)), None)
    differing = [row for row in rows if row.currency and row.currency != currency]
    return currency, [
        Conflict(
            subject="currency",
            message=f"The sheet's row {row.name} is in {row.currency}, the deal in {currency}. Convert it or correct it.",
            stated=(StatedValue(value=str(row.currency), citation=row.citation),),
            used=str(currency),
        )
        for row in differing
    ]


def _convention_conflicts(conventions: Sequence[Convention], pack: Pack) -> list[Conflict]:
    """Two values for one rule, or a delay that the pack's rows do not have."""
    found: list[Conflict] = []
    first: dict[tuple[str, str | None], Convention] = {}
    for convention in conventions:
        known = first.setdefault((convention.key, convention.driver), convention)
        if known.value != convention.value:
            found.append(_disagreement(convention.key, [known, convention], str(known.value)))
    for driver in pack.drivers:
        lag = first.get(("lag_years", driver.key))
        if lag and driver.rows and lag.value != Decimal(driver.lag_periods):
            found.append(_disagreement(f"lag_years of {driver.key}", [lag], f"{driver.lag_periods} (the pack's rows)"))
    return found


def _disagreement(subject: str, conventions: Sequence[Convention], used: str) -> Conflict:
    stated = tuple(StatedValue(value=str(found.value), citation=found.citation) for found in conventions)
    values = " and ".join(item.value for item in stated)
    return Conflict(
        subject=subject,
        message=f"{subject}: stated as {values}, used as {used}. Decide which one holds.",
        stated=stated,
        used=used,
    )


def _suspicious_cells(items: Sequence[EvidenceItem]) -> list[SuspiciousSentence]:
    """Cells of sheets and values of records that address the software."""
    return [
        SuspiciousSentence(reason=reason, citation=cite(item.reference, item.document, span.start, span.end))
        for item in items
        if item.document.kind != "text"
        for span in item.document.spans
        if (reason := suspicion_of(item.document.quote(span.start, span.end)))
        and ("column" in span.locator or item.document.kind == "json")
    ]


def _hypotheses(
    notes: Sequence[Notes], pack: Pack, meanings: Meanings, known: set[str], exclusions: Sequence[Exclusion]
) -> tuple[Hypothesis, ...]:
    matches = match_drivers(notes, pack, meanings)
    excluded = {exclusion.driver for exclusion in exclusions}
    found = []
    for driver in pack.drivers:
        own = [match for match in matches if match.driver == driver.key][:_CITATIONS_OF_A_CLAIM]
        if own:
            needed = dict.fromkeys(row.input for row in driver.rows if row.input)
            found.append(
                Hypothesis(
                    driver=driver.key,
                    claim=driver.claim,
                    impact=driver.impact,
                    counted=driver.counted and driver.key not in excluded,
                    score=round(own[0].score, 3),
                    citations=tuple(match.notes.cite(match.sentence) for match in own),
                    missing=tuple(name for name in needed if name not in known),
                )
            )
    return tuple(found)
