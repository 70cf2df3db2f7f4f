"""The integrity panel: twelve principles, each with what its rules said, the mends, and the stamp."""

from dataclasses import dataclass
from typing import Any

from approvals.people import names_of
from valuefabric.domain.manifesto import Mend
from valuefabric.domain.stamps import Stamp, verify_stamp
from valuefabric.models import BusinessCase, IntegrityReview
from valuefabric.selectors.case_content import case_hash
from valuefabric.selectors.cases import review_current
from valuefabric.selectors.stamps import stamp_public_key

PRINCIPLES = (
    "Outcome over feature",
    "One value language",
    "Standard structure",
    "Conservative and evidenced",
    "A lifecycle stage",
    "Owner and stakeholders",
    "AI work labelled and reviewable",
    "A measurement plan for each KPI",
    "Versioned and auditable",
    "Revenue, cost or risk, counted once",
    "Compounding shown, never invented",
    "Honest wording",
)
_ORDER = ("failed", "warned", "passed")


@dataclass(frozen=True)
class ResultView:
    """One rule's result. ``number`` names it among the review's results, for the page that applies its mend."""

    number: int
    key: str
    title: str
    status: str
    severity: str
    explanation: str
    cells: tuple[str, ...]
    mend: Mend | None


@dataclass(frozen=True)
class PrincipleView:
    """A principle with its results, the worst first; ``status`` is the worst, or ``unreviewed``."""

    number: int
    title: str
    status: str
    results: tuple[ResultView, ...]


@dataclass(frozen=True)
class IntegrityPanel:
    """A case's newest review; ``stamp_holds`` says whether the signature verifies for the content as it is now."""

    case: BusinessCase
    review: IntegrityReview | None
    reviewer: str
    principles: tuple[PrincipleView, ...]
    passed: int
    warned: int
    failed: int
    stamp: Stamp | None
    stamp_holds: bool


def integrity_panel(case: BusinessCase, review: IntegrityReview | None = None) -> IntegrityPanel:
    """The panel of a case's newest review, or of the one given. A stamp of the present content is held against its rows."""
    review = review or review_current(case)
    results = tuple(_result(number, one) for number, one in enumerate(review.results)) if review else ()
    principles = tuple(
        _principle(number, title, tuple(r for r, one in zip(results, review.results, strict=True) if one["principle"] == number))
        if review
        else PrincipleView(number, title, "unreviewed", ())
        for number, title in enumerate(PRINCIPLES, start=1)
    )
    stamp = Stamp.model_validate(review.stamp) if review and review.stamp else None
    states = [principle.status for principle in principles]
    return IntegrityPanel(
        case=case,
        review=review,
        reviewer=names_of([review.reviewed_by])[review.reviewed_by] if review else "",
        principles=principles,
        passed=states.count("passed"),
        warned=states.count("warned"),
        failed=states.count("failed"),
        stamp=stamp,
        stamp_holds=stamp is not None and verify_stamp(stamp_public_key(), stamp, content_hash=_content_hash(case, review)),
    )


def _content_hash(case: BusinessCase, review: IntegrityReview | None) -> str:
    """The hash that a stamp must be about: recomputed from the rows, or for an earlier version the one that was reviewed."""
    is_earlier = review is not None and review.case_version != case.version
    return review.content_hash if review and is_earlier else case_hash(case)


def mend_of(review: IntegrityReview, number: int) -> Mend | None:
    """The mend that a result of the review proposes; None where there is no such result or no mend."""
    if not 0 <= number < len(review.results):
        return None
    mend = review.results[number]["mend"]
    return Mend.model_validate(mend) if mend else None


def _result(number: int, plain: dict[str, Any]) -> ResultView:
    return ResultView(
        number=number,
        key=plain["key"],
        title=plain["title"],
        status=plain["status"],
        severity=plain["severity"],
        explanation=plain["explanation"],
        cells=tuple(plain["cells"]),
        mend=Mend.model_validate(plain["mend"]) if plain["mend"] else None,
    )


def _principle(number: int, title: str, results: tuple[ResultView, ...]) -> PrincipleView:
    ordered = tuple(sorted(results, key=lambda result: _ORDER.index(result.status)))
    return PrincipleView(number, title, ordered[0].status if ordered else "unreviewed", ordered)
