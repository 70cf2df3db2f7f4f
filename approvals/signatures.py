"""What a vote and a review sign: themselves, and everything that their request binds. Pure, apart from the key.

A changed byte of the content, the arguments, the capabilities or the policy voids every vote on it: its signature holds no more.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from approvals.hashes import arguments_hash, capabilities_hash
from kernel.signing import Signature, sign, signature_holds

if TYPE_CHECKING:
    from approvals.models import ApprovalRequest, Review, Vote


def vote_payload(request: "ApprovalRequest", vote: "Vote") -> dict[str, Any]:
    """The signed text of a vote, computed from the rows as they are now."""
    return {
        "format": "vos.vote/1",
        **_bound(request),
        "stage": vote.stage,
        "voter": vote.voter,
        "on_behalf_of": vote.on_behalf_of,
        "role": vote.voter_role,
        "decision": str(vote.decision),
        "reason": vote.reason,
        "shown": vote.content_hash,
        "second_factor": vote.second_factor,
        "at": _moment(vote.voted_at),
    }


def review_payload(request: "ApprovalRequest", review: "Review") -> dict[str, Any]:
    """The signed text of a review."""
    return {
        "format": "vos.review/1",
        **_bound(request),
        "reviewer": review.reviewer,
        "on_behalf_of": review.on_behalf_of,
        "outcome": str(review.outcome),
        "reason": review.reason,
        "second_factor": review.second_factor,
        "at": _moment(review.reviewed_at),
    }


def vote_sign(request: "ApprovalRequest", vote: "Vote") -> None:
    """Put signature and key into an unsaved vote."""
    vote.key_id, vote.signature = _signed(vote_payload(request, vote))


def review_sign(request: "ApprovalRequest", review: "Review") -> None:
    """Put signature and key into an unsaved review."""
    review.key_id, review.signature = _signed(review_payload(request, review))


def vote_holds(request: "ApprovalRequest", vote: "Vote") -> bool:
    """Whether this installation signed the vote for exactly what the request asks."""
    return signature_holds(vote_payload(request, vote), key_id=vote.key_id, signature=vote.signature)


def review_holds(request: "ApprovalRequest", review: "Review") -> bool:
    """Whether this installation signed the review for exactly what the request was."""
    return signature_holds(review_payload(request, review), key_id=review.key_id, signature=review.signature)


def _bound(request: "ApprovalRequest") -> dict[str, Any]:
    # Hashed from what lies there, not read from a stored hash: editing the text and not its hash is found, too.
    return {
        "request": str(request.public_id),
        "action": request.action,
        "subject": request.subject,
        "requested_by": request.requested_by,
        "mode": str(request.mode),
        "content_hash": request.content_hash,
        "arguments_hash": request.arguments_hash,
        "arguments": arguments_hash(request.arguments),
        "capabilities": capabilities_hash(request.capabilities),
        "policy": arguments_hash({"policy": request.policy, "chain": request.chain, "risk": request.risk}),
        "summary": arguments_hash(request.summary),
        "expires_at": _moment(request.expires_at),
    }


def _signed(payload: dict[str, Any]) -> Signature:
    return sign(payload)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
