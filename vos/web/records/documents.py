"""The documents that a version's figures stand on, with the words that are quoted, and whether the files are still the same."""

from collections.abc import Mapping

from approvals.people import names_of
from kernel.storage.services import BlobCorrupted, BlobMissing, blob_get
from valuefabric.models import CaseVersion, Evidence
from valuefabric.selectors.case_pages import narrative_places
from valuefabric.selectors.documents import document_of
from valuefabric.selectors.quotations import locators_of
from vos.web.presenters.integrity import section_name
from vos.web.records.lines import Document, Quotation, Verdict

# A file above this is not read again for a page; its line then says that it was not checked.
CHECKED_BYTES = 25_000_000


def documents_of(version: CaseVersion) -> tuple[Document, ...]:
    """Documents in the order in which they came, each with its quotations in the order of its text."""
    found: dict[int, Evidence] = {}
    cited: list[tuple[int, int, int, str, str, str]] = []
    labels = {row.key: row.label for row in document_of(version.model_version).rows}
    citations = version.model_version.citations.select_related("evidence").defer("evidence__text").order_by("start", "id")
    for one in citations:
        found[one.evidence_id] = one.evidence
        cited.append((one.evidence_id, one.start, one.end, one.row, labels.get(one.row, one.row), one.quotation))
    for number, (evidence, start, end) in narrative_places(version).items():
        told = version.narrative_figures[number]
        found.setdefault(evidence.pk, evidence)
        cited.append((evidence.pk, start, end, f"narrative.{told['section']}", section_name(told["section"]), told["quotation"]))
    locators = locators_of(list(dict.fromkeys((pk, start, end) for pk, start, end, *_rest in cited)))
    quotations: dict[int, list[Quotation]] = {}
    for pk, start, end, cites, label, words in sorted(set(cited)):
        line = Quotation(cites=cites, label=label, words=words, locator=locators[pk, start, end], start=start, end=end)
        quotations.setdefault(pk, []).append(line)
    names = names_of(row.added_by for row in found.values())
    rows = sorted(found.values(), key=lambda row: (row.added_at, row.pk))
    return tuple(_document(row, names, tuple(quotations[row.pk])) for row in rows)


def _document(row: Evidence, names: Mapping[str, str], quotations: tuple[Quotation, ...]) -> Document:
    return Document(
        id=str(row.public_id),
        name=row.filename,
        kind=row.kind,
        size=row.size,
        sha256=row.sha256,
        by=names[row.added_by],
        at=row.added_at,
        verdict=_verdict(row),
        quotations=quotations,
    )


def _verdict(row: Evidence) -> Verdict:
    """Whether the file kept is what came: reading it compares its hash."""
    if row.size > CHECKED_BYTES:
        return Verdict.OPEN
    try:
        blob_get(row.blob)
    except (BlobMissing, BlobCorrupted):
        return Verdict.BROKEN
    return Verdict.HOLDS
