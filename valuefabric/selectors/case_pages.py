"""A version of a case as a document needs it: the model computed, its sources with their places, who approved it, its stamp."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from approvals.models import ApprovalRequest, Vote
from approvals.states import Decision
from valuefabric.domain.model import Computation, ModelDocument, compute
from valuefabric.domain.model.sensitivity import Sensitivity, sensitivities
from valuefabric.domain.stamps import Stamp, verify_stamp
from valuefabric.models import BusinessCase, CaseLink, CaseVersion, Commitment, Evidence, IntegrityReview
from valuefabric.selectors.case_content import canonical_hash, case_version_content
from valuefabric.selectors.documents import document_of
from valuefabric.selectors.quotations import locators_of
from valuefabric.selectors.stamps import stamp_public_key


@dataclass(frozen=True)
class SourcePlace:
    """Words in a document: where a person finds them, and where they stand in its text."""

    evidence: Evidence
    start: int
    end: int
    locator: str


@dataclass(frozen=True)
class CasePage:
    """Everything that the document of one version shows. ``rows`` are the places of rows' quotations by row, ``figures`` those of
    the narrative's quotations by their number; ``stamp_holds`` says whether the signature verifies for this very content."""

    version: CaseVersion
    case: BusinessCase
    document: ModelDocument
    computation: Computation
    scenarios: Mapping[str, Computation]
    sensitivities: tuple[Sensitivity, ...]
    rows: Mapping[str, SourcePlace]
    figures: Mapping[int, SourcePlace]
    approvals: tuple[Vote, ...]
    commitment: Commitment | None
    review: IntegrityReview | None
    stamp: Stamp | None
    stamp_holds: bool


def case_version_now(case: BusinessCase) -> CaseVersion:
    """The kept version of the case's present content."""
    rows = case.versions.select_related("case__customer__owner", "model_version__model")
    return rows.get(number=case.version)


def case_page(version: CaseVersion) -> CasePage:
    """The page of a version, in a fixed number of queries."""
    case, document = version.case, document_of(version.model_version)
    review = case.reviews.filter(content_hash=version.content_hash).order_by("-id").first()
    stamp = Stamp.model_validate(review.stamp) if review is not None and review.stamp else None
    content_hash = canonical_hash(case_version_content(version))
    commitment = case.commitments.filter(content_hash=version.content_hash, reversed_at=None).first()
    rows, figures = _places(version)
    return CasePage(
        version=version,
        case=case,
        document=document,
        computation=compute(document),
        scenarios={"low": compute(document, scenario="low"), "high": compute(document, scenario="high")},
        sensitivities=sensitivities(document),
        rows=rows,
        figures=figures,
        approvals=_approvals(commitment),
        commitment=commitment,
        review=review,
        stamp=stamp,
        stamp_holds=stamp is not None and verify_stamp(stamp_public_key(), stamp, content_hash=content_hash),
    )


def links_of(case: BusinessCase, *, limit: int = 50) -> QuerySet[CaseLink]:
    """The links that were made to a case, newest first."""
    return case.links.select_related("case_version").order_by("-id")[:limit]


def _places(version: CaseVersion) -> tuple[dict[str, SourcePlace], dict[int, SourcePlace]]:
    """Where the quotations of the model's rows and of the narrative stand."""
    citations = list(version.model_version.citations.select_related("evidence").defer("evidence__text").order_by("id"))
    quoted = {one.row: (one.evidence, one.start, one.end) for one in citations}
    told = narrative_places(version)
    places = [(evidence.pk, start, end) for evidence, start, end in (*quoted.values(), *told.values())]
    locators = locators_of(list(dict.fromkeys(places)))

    def placed(evidence: Evidence, start: int, end: int) -> SourcePlace:
        return SourcePlace(evidence, start, end, locators[evidence.pk, start, end])

    return {row: placed(*place) for row, place in quoted.items()}, {number: placed(*place) for number, place in told.items()}


def narrative_places(version: CaseVersion) -> dict[int, tuple[Evidence, int, int]]:
    """The narrative's quotations, found again in the text that they are from; what is not there is left out."""
    quotes = {
        number: figure
        for number, figure in enumerate(version.narrative_figures)
        if not figure.get("cell") and figure.get("quotation")
    }
    if not quotes:
        return {}
    evidence = _by_reference(version, {str(figure["reference"]) for figure in quotes.values()})
    found = {}
    for number, figure in quotes.items():
        source = evidence.get(str(figure["reference"]))
        start = source.text.find(figure["quotation"]) if source else -1
        if source is not None and start >= 0:
            found[number] = (source, start, start + len(figure["quotation"]))
    return found


def _by_reference(version: CaseVersion, references: set[str]) -> dict[str, Evidence]:
    """Documents by public id or by name (the newest of a name)."""
    rows = version.case.customer.evidence.order_by("added_at", "pk")
    found = list(rows.filter(Q(filename__in=references) | Q(public_id__in=_ids(references))))
    return {**{row.filename: row for row in found}, **{str(row.public_id): row for row in found}}


def _ids(references: set[str]) -> list[UUID]:
    """Those references that are public ids."""
    found = []
    for reference in references:
        with suppress(ValueError):
            found.append(UUID(reference))
    return found


def _approvals(commitment: Commitment | None) -> tuple[Vote, ...]:
    """Who approved what was committed, in their order."""
    if commitment is None:
        return ()
    request = ApprovalRequest.objects.filter(public_id=commitment.approval_request)
    votes = Vote.objects.filter(request__in=request, decision=Decision.APPROVE.value)
    return tuple(votes.order_by("stage", "pk"))
