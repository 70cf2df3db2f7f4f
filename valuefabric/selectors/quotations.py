"""Places in evidence: what quotes them, where a person finds them, and what in the words needs a warning."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import F, Q, QuerySet

from valuefabric.domain.discovery import ForbiddenSentence, SuspiciousSentence, suspicion_of
from valuefabric.domain.discovery.findings import Citation as Found
from valuefabric.domain.discovery.notes import prepare_notes
from valuefabric.domain.discovery.remarks import find_forbidden
from valuefabric.domain.evidence import ParsedDocument
from valuefabric.models import Citation, Evidence, EvidenceSpan

# Longer notes are looked through for instructions only.
_NOTES_AT_MOST = 200_000

type Place = tuple[int, int, int]


@dataclass(frozen=True)
class Remarks:
    """What a reader of a document must know: sentences that address the software, and those that somebody wants kept out."""

    suspicious: tuple[SuspiciousSentence, ...]
    forbidden: tuple[ForbiddenSentence, ...]


def remarks_of(evidence: Evidence) -> Remarks:
    """The remarks on one document; pure reading of its stored text."""
    if evidence.kind != "text" or len(evidence.text) > _NOTES_AT_MOST:
        return Remarks(tuple(_suspicious_lines(evidence)), ())
    document = ParsedDocument(kind="text", media_type=evidence.media_type, text=evidence.text, spans=())
    notes = prepare_notes(str(evidence.public_id), document)
    return Remarks(notes.suspicious, find_forbidden([notes]))


def _suspicious_lines(evidence: Evidence) -> Iterable[SuspiciousSentence]:
    start = 0
    for line in evidence.text.split("\n"):
        if reason := suspicion_of(line):
            place = Found(reference=str(evidence.public_id), quotation=line, start=start, end=start + len(line))
            yield SuspiciousSentence(reason=reason, citation=place)
        start += len(line) + 1


def citations_in_force(evidence: Evidence) -> QuerySet[Citation]:
    """What quotes a document now: hypotheses that stand, and the newest version of each model."""
    stands = Q(hypothesis__opportunity__withdrawn_at=None, hypothesis__isnull=False)
    newest = Q(model_version__number=F("model_version__model__head_number"), model_version__model__withdrawn_at=None)
    rows = evidence.citations.filter(stands | newest).select_related("hypothesis", "model_version__model")
    rows = rows.defer("model_version__document", "model_version__measures")
    return rows.order_by("start", "end", "id")


def locators_of(places: Sequence[Place]) -> Mapping[Place, str]:
    """Where a person finds each place ``(evidence's key, start, end)`` in the original: the narrowest span around its start."""
    wanted = Q(pk__in=[])
    for evidence, start, _end in places:
        wanted |= Q(evidence_id=evidence, start__lte=start, end__gt=start)
    spans = list(EvidenceSpan.objects.filter(wanted).order_by("id"))
    return {place: _locator(place, spans) for place in places}


def _locator(place: Place, spans: Iterable[EvidenceSpan]) -> str:
    evidence, start, end = place
    around = [span for span in spans if span.evidence_id == evidence and span.start <= start < span.end]
    whole = [span for span in around if span.end >= end]
    return min(whole or around, key=lambda span: span.end - span.start).locator if around else ""
