"""What a record is held against, each check in one sentence. Pure: it reads the record and nothing else."""

from collections.abc import Iterable
from dataclasses import dataclass

from vos.web.records.lines import Asked, CaseRecord, Committed, Verdict


@dataclass(frozen=True)
class Check:
    """One question and its answer; ``key`` names the sentence that a page tells."""

    key: str
    verdict: Verdict
    count: int = 0


def checks_of(record: CaseRecord) -> tuple[Check, ...]:
    """The checks of the commitment that stands (or stood last); without one, of the rows alone."""
    committed = record.committed
    found = [Check("versions", _all(one.verdict for one in record.versions), len(record.versions))]
    if committed is not None:
        approval = next((one for one in record.requests if one.id == committed.approval), None)
        found += [_same_content(committed, record, approval), *_decided(committed, approval), _stamp(committed, record)]
    found.append(Check("documents", _all(one.verdict for one in record.documents), len(record.documents)))
    if record.audit is not None:
        found.append(Check("audit", _all(one.verdict for one in record.audit), len(record.audit)))
    return tuple(found)


def _same_content(committed: Committed, record: CaseRecord, approval: Asked | None) -> Check:
    version = next((one for one in record.versions if one.content_hash == committed.content_hash), None)
    same = (
        version is not None
        and version.verdict == Verdict.HOLDS
        and (approval is None or approval.content_hash == committed.content_hash)
    )
    return Check("content", Verdict.HOLDS if same else Verdict.BROKEN)


def _decided(committed: Committed, approval: Asked | None) -> list[Check]:
    """Whether the votes are those that were asked for, from other people than who asked, for this content."""
    if approval is None:
        return []
    agreed = [vote for vote in approval.votes if vote.decision == "approve"]
    enough = all(len({v.voter for v in agreed if v.stage == stage.number}) >= stage.needed for stage in approval.stages)
    bound = all(vote.content_hash == committed.content_hash for vote in approval.votes)
    signed = [vote.verdict for vote in approval.votes]
    voted = approval.mode != "in" or (enough and bound)
    return [
        Check("votes", Verdict.HOLDS if voted else Verdict.BROKEN, len(agreed)),
        Check("others", Verdict.BROKEN if any(v.voter == approval.asker for v in agreed) else Verdict.HOLDS),
        *([Check("signatures", _all(signed), len(signed))] if signed else []),
    ]


def _stamp(committed: Committed, record: CaseRecord) -> Check:
    found = [one.verdict for one in record.stamps if one.content_hash == committed.content_hash and one.passed]
    return Check("stamp", found[0] if found else Verdict.BROKEN)


def _all(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst: broken before open before holds."""
    seen = set(verdicts)
    return next((one for one in (Verdict.BROKEN, Verdict.OPEN) if one in seen), Verdict.HOLDS)
