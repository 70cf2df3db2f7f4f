"""What was asked about a case: every request with the policy that decided then, its votes, and who had it before them."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import Count, Max, Min

from approvals.actions import UnknownAction, action_of
from approvals.models import ApprovalRequest, Review, Sighting, Vote
from approvals.people import names_of
from approvals.selectors import verification_of, visible_requests
from approvals.signatures import review_holds, vote_holds
from approvals.states import State
from tenants.actors import Actor
from tenants.roles import Permission
from valuefabric.models import BusinessCase
from vos.web.records.lines import Asked, Ballot, Reviewed, Seen, Stage, Verdict

MOST_SIGHTINGS = 500


def requests_of(actor: Actor, case: BusinessCase, by_hash: Mapping[str, int]) -> tuple[Asked, ...]:
    """Every request about the case, newest first; nothing for those who may not see approvals."""
    rows = list(visible_requests(actor).filter(subject=case.reference).prefetch_related("votes", "reviews").order_by("-pk"))
    people = {row.requested_by for row in rows}
    people |= {who for row in rows for stage in row.asked.stages for who in stage.asked}
    people |= {vote.on_behalf_of for row in rows for vote in row.votes.all() if vote.on_behalf_of}
    people |= {review.on_behalf_of for row in rows for review in row.reviews.all() if review.on_behalf_of}
    names = names_of(people)
    return tuple(_asked(row, by_hash, names) for row in rows)


def sightings_of(actor: Actor, case: BusinessCase, by_hash: Mapping[str, int]) -> tuple[Seen, ...]:
    """Who had which version before them: one line a person, version and way, the latest of them first."""
    if not actor.allows(Permission.APPROVAL_VIEW):
        return ()
    rows = Sighting.objects.filter(subject=case.reference).values("viewer", "viewer_name", "via", "content_hash")
    found = rows.annotate(first=Min("seen_at"), last=Max("seen_at"), times=Count("pk")).order_by("-last")[:MOST_SIGHTINGS]
    return tuple(
        Seen(
            who=row["viewer"],
            name=row["viewer_name"],
            via=row["via"],
            version=by_hash.get(row["content_hash"]),
            content_hash=row["content_hash"],
            first_at=row["first"],
            last_at=row["last"],
            times=row["times"],
        )
        for row in found
    )


def _deed(action: str) -> str:
    try:
        return action_of(action).title
    except UnknownAction:  # asked by a version that knew it
        return action


def _asked(row: ApprovalRequest, by_hash: Mapping[str, int], names: Mapping[str, str]) -> Asked:
    chain = row.asked
    titles = [stage.title for stage in chain.stages]
    return Asked(
        id=str(row.public_id),
        action=row.action,
        deed=_deed(row.action),
        arguments=row.arguments,
        version=by_hash.get(row.content_hash),
        content_hash=row.content_hash,
        arguments_hash=row.arguments_hash,
        asker=row.requested_by,
        by=names[row.requested_by],
        at=row.requested_at,
        expires_at=row.expires_at,
        state=str(State(row.state)),
        reason=row.outcome_reason,
        decided_at=row.decided_at,
        applied_at=row.applied_at,
        object_until=row.object_until,
        objected_at=row.objected_at,
        reverted_at=row.reverted_at,
        mode=row.mode,
        risk=row.risk,
        policy_version=row.policy_version,
        policy=row.policy,
        four_eyes=chain.four_eyes,
        figures=tuple(figure.model_dump() for figure in row.shown.figures),
        stages=tuple(
            Stage(number=number, title=stage.title, asked=" / ".join(names[who] for who in stage.asked), needed=stage.needed)
            for number, stage in enumerate(chain.stages)
        ),
        votes=tuple(_ballot(row, vote, titles, names) for vote in sorted(row.votes.all(), key=lambda vote: vote.pk)),
        reviews=tuple(_reviewed(row, one, names) for one in sorted(row.reviews.all(), key=lambda one: one.pk)),
        problems=tuple(verification_of(row, list(row.votes.all()), list(row.reviews.all()))),
    )


def _reviewed(request: ApprovalRequest, review: Review, names: Mapping[str, str]) -> Reviewed:
    return Reviewed(
        name=review.reviewer_name,
        on_behalf_of=names.get(review.on_behalf_of, ""),
        outcome=review.outcome,
        reason=review.reason,
        at=review.reviewed_at,
        verdict=_signed(review.signature, review_holds, request, review),
    )


def _ballot(request: ApprovalRequest, vote: Vote, titles: list[str], names: Mapping[str, str]) -> Ballot:
    return Ballot(
        stage=vote.stage,
        stage_title=titles[vote.stage] if vote.stage < len(titles) else "",
        voter=vote.voter,
        name=vote.voter_name,
        role=vote.voter_role,
        on_behalf_of=names.get(vote.on_behalf_of, ""),
        decision=vote.decision,
        reason=vote.reason,
        second_factor=vote.second_factor,
        content_hash=vote.content_hash,
        at=vote.voted_at,
        key_id=vote.key_id,
        verdict=_signed(vote.signature, vote_holds, request, vote),
    )


def _signed(
    signature: str, holds: Callable[[ApprovalRequest, Any], bool], request: ApprovalRequest, row: Vote | Review
) -> Verdict:
    """What the signature says: votes of before signing have none."""
    if not signature:
        return Verdict.OPEN
    return Verdict.HOLDS if holds(request, row) else Verdict.BROKEN
