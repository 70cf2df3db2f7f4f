"""An opportunity as its page shows it: the documents with what is quoted in them, beside the hypotheses."""

from collections import defaultdict
from dataclasses import dataclass

from valuefabric.models import Customer, Evidence, Hypothesis, Opportunity


@dataclass(frozen=True)
class Mark:
    """A quoted place in a document, and the hypotheses that quote it (public ids)."""

    start: int
    end: int
    text: str
    hypotheses: tuple[str, ...]


@dataclass(frozen=True)
class Document:
    """A document with its quoted places in order; places do not overlap."""

    evidence: Evidence
    marks: tuple[Mark, ...]

    @property
    def parts(self) -> tuple[tuple[str, Mark | None], ...]:
        """The whole text in pieces, each with its mark or None."""
        parts: list[tuple[str, Mark | None]] = []
        place = 0
        for mark in self.marks:
            parts += [(self.evidence.text[place : mark.start], None), (mark.text, mark)]
            place = mark.end
        return tuple(part for part in [*parts, (self.evidence.text[place:], None)] if part[0])


@dataclass(frozen=True)
class OpportunityPage:
    """The newest opportunity that stands (None before the first), its hypotheses, and the customer's documents."""

    opportunity: Opportunity | None
    hypotheses: tuple[Hypothesis, ...]
    documents: tuple[Document, ...]


def opportunity_page(customer: Customer) -> OpportunityPage:
    """Four queries, however many documents and hypotheses there are."""
    opportunity = customer.opportunities.filter(withdrawn_at=None).order_by("-id").first()
    hypotheses = (
        tuple(opportunity.hypotheses.select_related("evidence").prefetch_related("citations")) if opportunity else ()
    )
    evidence = list(customer.evidence.order_by("added_at", "id"))
    places = _places(hypotheses)
    return OpportunityPage(opportunity, hypotheses, tuple(Document(row, _marks(row, places[row.pk])) for row in evidence))


def _places(hypotheses: tuple[Hypothesis, ...]) -> dict[int, list[tuple[int, int, str]]]:
    places: dict[int, list[tuple[int, int, str]]] = defaultdict(list)
    for hypothesis in hypotheses:
        for citation in hypothesis.citations.all():
            places[citation.evidence_id].append((citation.start, citation.end, str(hypothesis.public_id)))
    return places


def _marks(evidence: Evidence, places: list[tuple[int, int, str]]) -> tuple[Mark, ...]:
    """Places that overlap become one, so that the text can be cut into pieces."""
    merged: list[tuple[int, int, list[str]]] = []
    for start, end, hypothesis in sorted(places):
        if merged and start < merged[-1][1]:
            first, last, known = merged[-1]
            merged[-1] = (first, max(last, end), [*known, hypothesis])
        else:
            merged.append((start, end, [hypothesis]))
    return tuple(Mark(start, end, evidence.text[start:end], tuple(dict.fromkeys(ids))) for start, end, ids in merged)
