"""Documents as they stand beside what was found in them: what is quoted, what warns, what is kept out."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from valuefabric.models import Customer, Evidence, Hypothesis
from valuefabric.selectors.opportunities import OpportunityView
from valuefabric.selectors.quotations import Remarks
from vos.web.presenters.segments import Mark, excerpts, segments

type Context = dict[str, Any]

# A document up to this length is shown whole beside the hypotheses; of a longer one, what is quoted and its surroundings.
WHOLE = 20_000
# Of one that nothing quotes, the beginning: enough to know it again.
GLANCE = 600
AROUND = 600
_GAP = "\n⋯\n"


def evidence_url(customer: Customer, evidence: object, place: tuple[int, int] | None = None) -> str:
    """The page of a document, at a place of it."""
    url = reverse("web:evidence", args=[customer.public_id, evidence])
    return f"{url}?{urlencode({'start': place[0], 'end': place[1]})}#quote" if place else url


def document_entries(
    view: OpportunityView, remarks: Mapping[int, Remarks], names: Mapping[str, str], customer: Customer
) -> list[Context]:
    """Documents for the left side; those that are quoted come first."""
    marks = _marks(view.hypotheses)
    ordered = sorted(view.evidence, key=lambda row: row.pk not in marks)
    return [
        {
            "key": f"document-{row.public_id}",
            "name": row.filename,
            "url": evidence_url(customer, row.public_id),
            "kind": row.kind,
            "added_by": names[row.added_by],
            "added_at": row.added_at,
            "hash": f"sha256:{row.sha256}",
            "segments": _shown(row, marks.get(row.pk, []), remarks[row.pk]),
        }
        for row in ordered
    ]


def warning_entries(evidence: Sequence[Evidence], remarks: Mapping[int, Remarks]) -> list[Context]:
    """One warning for each sentence that addresses the software."""
    title = _("%(name)s holds words addressed to the software")
    text = _("“%(words)s” %(reason)s. It was kept as text and used for nothing; whatever would act on it needs a person.")
    return [
        {
            "title": title % {"name": row.filename},
            "text": text % {"words": _clipped(found.citation.quotation), "reason": found.reason},
        }
        for row in evidence
        for found in remarks[row.pk].suspicious
    ]


def kept_out_entries(
    evidence: Sequence[Evidence], remarks: Mapping[int, Remarks], phrases: Sequence[str], customer: Customer
) -> list[Context]:
    """Sentences that may not go into anything signed: as the notes ask for it, and what the case keeps besides."""
    found = {
        sentence.phrase: {
            "text": sentence.phrase,
            "document": row.filename,
            "url": evidence_url(customer, row.public_id, (sentence.citation.start, sentence.citation.end)),
            "why": _("kept out because the %(who)s asked for it") % {"who": sentence.requested_by or _("customer")},
        }
        for row in evidence
        for sentence in remarks[row.pk].forbidden
    }
    case = {phrase: {"text": phrase, "document": _("the business case"), "why": _("kept out")} for phrase in phrases}
    return list({**case, **found}.values())


def _marks(hypotheses: Iterable[Hypothesis]) -> dict[int, list[Mark]]:
    marks: dict[int, list[Mark]] = {}
    for hypothesis in hypotheses:
        for citation in hypothesis.citations.all():
            mark = Mark(citation.start, citation.end, (str(hypothesis.public_id),))
            marks.setdefault(citation.evidence_id, []).append(mark)
    return marks


def _shown(evidence: Evidence, marks: Sequence[Mark], remarks: Remarks) -> list[Context]:
    """The pieces of a document, with a sign where something between them was left out."""
    warned = [Mark(found.citation.start, found.citation.end, ()) for found in remarks.suspicious]
    most = WHOLE if marks or warned else GLANCE
    pieces: list[Context] = []
    last = 0
    for first, stop in excerpts(evidence.text, [*marks, *warned], around=AROUND, most=most):
        if first > last:
            pieces.append({"text": _GAP, "quotes": ""})
        shown = segments(evidence.text, marks, start=first, end=stop)
        pieces += [{"text": piece.text, "quotes": piece.quotes} for piece in shown]
        last = stop
    if last < len(evidence.text):
        pieces.append({"text": _GAP, "quotes": ""})
    return pieces


def _clipped(words: str, most: int = 200) -> str:
    flat = " ".join(words.split())
    return flat if len(flat) <= most else f"{flat[:most]}…"
