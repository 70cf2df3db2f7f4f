"""One document: its text in citable pieces, who quotes it, and the drawer's view of one place."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later
from django.utils.translation import ngettext

from valuefabric.domain.evidence import EvidenceError
from valuefabric.models import Citation, Customer, Evidence, EvidenceSpan
from valuefabric.selectors.quotations import Remarks
from vos.web.places import part_url
from vos.web.presenters.documents import evidence_url
from vos.web.presenters.segments import Mark, segments

type Context = dict[str, Any]

# Longer texts are shown in parts.
PART = 60_000
_BESIDE = 240
_HERE = "here"

# From the least sensitive on, as ``valuefabric.models.value_tree.CLASSIFICATIONS``.
SENSITIVITIES = {
    "public": _later("Public: anybody may read it"),
    "internal": _later("Internal: the customer's people and yours"),
    "confidential": _later("Confidential: those who work on this customer"),
    "restricted": _later("Restricted: a few people by name"),
}


def part_of(text: str, place: tuple[int, int] | None, wanted: int) -> tuple[int, int, int]:
    """First and last offset of the part shown, and its number from 0: the one with ``place``, else the ``wanted`` one."""
    last = max(0, (len(text) - 1) // PART)
    number = min(max(place[0] // PART if place else wanted, 0), last)
    return number * PART, min((number + 1) * PART, len(text)), number


def document_facts(evidence: Evidence, added_by: str, customer: Customer) -> Context:
    """What is known of the document."""
    kinds = {"text": _("Text"), "json": _("Record (JSON)"), "csv": _("Sheet (CSV)"), "xlsx": _("Workbook (XLSX)")}
    return {
        "name": evidence.filename,
        "kind": kinds[evidence.kind],
        "size": filesizeformat(evidence.size),
        "sensitivity": SENSITIVITIES[evidence.classification],
        "added_by": added_by,
        "added_at": evidence.added_at,
        "hash": f"sha256:{evidence.sha256}",
        "notices": evidence.notices,
        "download_url": reverse("web:evidence_file", args=[customer.public_id, evidence.public_id]),
    }


def text_pieces(
    evidence: Evidence,
    spans: Sequence[EvidenceSpan],
    citations: Iterable[Citation],
    place: tuple[int, int] | None,
    part: tuple[int, int],
) -> list[Context]:
    """The part's text: each piece with the place a person finds it at, and whether it is quoted, or what was asked for."""
    leaves = {span.start: span for span in _leaves(spans)}
    marks = [Mark(span.start, span.end, ()) for span in leaves.values()]
    marks += [Mark(citation.start, citation.end, ("quoted",)) for citation in citations]
    marks += [Mark(*place, (_HERE,))] if place else []
    first_here = place[0] if place else -1
    pieces = []
    for piece in segments(evidence.text, marks, start=part[0], end=part[1]):
        span = leaves.get(piece.start)
        pieces.append(
            {
                "text": piece.text,
                "locator": span.locator if span else "",
                "quoted": bool(piece.keys),
                "here": _HERE in piece.keys,
                "is_first": piece.start == max(first_here, part[0]) and _HERE in piece.keys,
            }
        )
    return pieces


def _leaves(spans: Sequence[EvidenceSpan]) -> list[EvidenceSpan]:
    """The spans that hold no other: lines of notes, cells of sheets, values of records."""
    ordered = sorted(spans, key=lambda span: (span.start, -span.end))
    following = [*ordered[1:], None]
    return [
        span
        for span, after in zip(ordered, following, strict=True)
        if span.end > span.start and (after is None or after.start >= span.end)
    ]


def citation_entries(evidence: Evidence, citations: Iterable[Citation], customer: Customer) -> list[Context]:
    """The quoted places of this document in order, each with what rests on it."""
    entries: dict[tuple[int, int], Context] = {}
    for citation in citations:
        place = (citation.start, citation.end)
        known = entries.setdefault(
            place,
            {
                "quotation": " ".join(citation.quotation.split()),
                "url": evidence_url(customer, evidence.public_id, place),
                "resting": [],
            },
        )
        known["resting"].append({"label": _citing(citation), "url": _citing_url(citation, customer)})
    return list(entries.values())


def source_drawer(
    evidence: Evidence, customer: Customer, place: tuple[int, int], *, locator: str, who: str, citations: Iterable[Citation]
) -> Context:
    """The drawer's content for one place of the document."""
    start, end = place
    return {
        "title": evidence.filename,
        "kind": "evidence",
        "kind_label": _("Evidence"),
        "before": _before(evidence.text, start),
        "quotation": evidence.quote(start, end),
        "after": _after(evidence.text, end),
        "document": evidence.filename,
        "document_url": evidence_url(customer, evidence.public_id, place),
        "locator": locator,
        "who": who,
        "at": evidence.added_at,
        "dependents": [{"label": _citing(citation)} for citation in citations if citation.start < end and citation.end > start],
    }


def refusal(error: EvidenceError, name: str, *, is_file: bool) -> Context:
    """What is said of a document that was refused; a browser does not keep the file that was chosen."""
    return {
        "title": _("%(name)s was refused: %(why)s") % {"name": name, "why": error},
        "row": error.row,
        "column": error.column,
        "kept": _("Nothing of it was stored; what you typed is still here."),
        "advice": _("Mend it and choose the file again.") if is_file else _("Mend it and store it again."),
    }


def warning_entries(remarks: Remarks) -> list[Context]:
    """Sentences of this document that address the software."""
    count = len(remarks.suspicious)
    if not count:
        return []
    title = ngettext("%(n)d sentence addresses the software", "%(n)d sentences address the software", count) % {"n": count}
    words = "; ".join(f"“{' '.join(found.citation.quotation.split())[:200]}” {found.reason}" for found in remarks.suspicious[:5])
    return [{"title": title, "text": _("%(words)s. Kept as text, used for nothing.") % {"words": words}}]


def _citing(citation: Citation) -> str:
    if citation.hypothesis is not None:
        return _("Hypothesis “%(claim)s”") % {"claim": citation.hypothesis.claim}
    return _("Model row %(row)s") % {"row": citation.row}


def _citing_url(citation: Citation, customer: Customer) -> str:
    if citation.hypothesis is not None:
        return f"{part_url(customer, 'opportunity')}#hypothesis-{citation.hypothesis.public_id}"
    return part_url(customer, "model")


def _before(text: str, start: int) -> str:
    return ("…" if start > _BESIDE else "") + text[max(0, start - _BESIDE) : start]


def _after(text: str, end: int) -> str:
    return text[end : end + _BESIDE] + ("…" if end + _BESIDE < len(text) else "")
