"""Voting: one person's decision on one request, bound to the hash that they were shown."""

from typing import Literal

from django.db import transaction

from approvals.chains import standing
from approvals.clock import database_now
from approvals.models import ApprovalRequest, Vote
from approvals.modes import SecondFactor, factor_enough
from approvals.people import role_now
from approvals.selectors.delegations import voice_on, voices_of
from approvals.services.attending import attention_put
from approvals.services.endings import change_of, expire_locked, request_end
from approvals.signatures import vote_sign
from approvals.states import Decision, State
from approvals.turns import EXPLANATIONS, Refusal, Voice
from kernel.actors import SYSTEM
from kernel.audit.services import audit_record
from kernel.events.services import event_emit
from tenants.actors import Actor


class VoteRefused(ValueError):
    """A vote was not counted; the message says why and what to do. Nothing changed unless a subclass says so."""


class NotYourVote(VoteRefused):
    """The voter is not one of those who are asked now."""


class VoteReplayed(VoteRefused):
    """The voter has voted already."""


class WrongHash(VoteRefused):
    """The vote carries another hash than the request: it is about something else."""


class ReasonMissing(VoteRefused):
    """A rejection came without a reason."""


class SecondFactorNeeded(VoteRefused):
    """The policy asks for a second factor, and the vote came without a sufficient one: prove who you are, then vote again."""


class RequestClosed(VoteRefused):
    """The request is decided, void or expired. One that is found to be over expires by this very vote."""


class SubjectChanged(RequestClosed):
    """The subject is not what it was when it was submitted: this vote did not count, and the request is void now."""


_ERRORS: dict[Refusal, type[VoteRefused]] = {
    Refusal.CLOSED: RequestClosed,
    Refusal.ALREADY_VOTED: VoteReplayed,
}


def approval_vote(
    *,
    request: ApprovalRequest,
    voter: Actor,
    decision: Decision | Literal["approve", "reject"],
    content_hash: str,
    reason: str = "",
    second_factor: str = "",
    on_behalf_of: str | None = None,
) -> ApprovalRequest:
    """Count ``voter``'s decision on what they were shown at ``content_hash``; returns the request as it stands afterwards.

    The subject's hash is recomputed under the request's lock: if it differs, the request becomes void (that is kept) and
    SubjectChanged is raised. The voter's role is read anew, too. ``second_factor`` is the method by which they have
    proved who they are just now (``totp``, ``webauthn``, ``recovery_codes``); ``on_behalf_of`` the absent person who handed their
    votes over, empty for oneself (without it: oneself, or else the first who may be spoken for).
    Raises VoteRefused's subclasses, each with its own reason.
    """
    choice = Decision(decision)
    with transaction.atomic():
        locked = ApprovalRequest.objects.select_for_update().get(pk=request.pk)
        voice = _voice(locked, voter, on_behalf_of)
        _require_same_hash(locked, content_hash)
        _require_reason(choice, reason)
        _require_factor(locked, second_factor)
        ended = _end_if_over(locked)
        if ended is None:
            _count(locked, _vote(locked, voter, voice, choice, reason, second_factor))
    # Raised after the commit: the vote does not count, but that the request is over must stay.
    if ended is not None:
        raise ended
    return locked


def _voice(request: ApprovalRequest, voter: Actor, on_behalf_of: str | None) -> Voice:
    # Before the subject is looked at: an outsider or a forged hash must not be able to end a request.
    if request.state != State.PENDING:
        raise RequestClosed(EXPLANATIONS[Refusal.CLOSED])
    voices = voices_of(voter.identifier, role_now(voter.user_id), action=request.action)
    voice, refused = voice_on(request, list(request.votes.all()), voices, on_behalf_of=on_behalf_of)
    if refused is not None:
        raise _ERRORS.get(refused, NotYourVote)(EXPLANATIONS[refused])
    return voice


def _require_same_hash(request: ApprovalRequest, content_hash: str) -> None:
    if content_hash != request.content_hash:
        raise WrongHash(
            f"This vote is about {content_hash or 'nothing'}, the request about {request.content_hash}. "
            "Open the request again and read it."
        )


def _require_reason(decision: Decision, reason: str) -> None:
    if decision == Decision.REJECT and not reason.strip():
        raise ReasonMissing("Say why you reject it: whoever mends it needs to know.")


def _require_factor(request: ApprovalRequest, given: str) -> None:
    asked = SecondFactor(request.policy.get("terms", {}).get("second_factor", ""))
    if not factor_enough(asked, given):
        kind = "a passkey or security key" if asked == SecondFactor.WEBAUTHN else "a second factor"
        raise SecondFactorNeeded(f"This decision asks for {kind}. Prove who you are, then decide again.")


def _end_if_over(request: ApprovalRequest) -> RequestClosed | None:
    if request.expires_at <= database_now():
        expire_locked(request)
        return RequestClosed("The time to decide is over, so this vote did not count. It can be submitted again.")
    if changed := change_of(request):
        request_end(request, State.VOID, reason=changed, actor=SYSTEM)
        return SubjectChanged(f"{changed} This vote did not count, and the request is void. It can be submitted again.")
    return None


def _vote(request: ApprovalRequest, voter: Actor, voice: Voice, decision: Decision, reason: str, second_factor: str) -> Vote:
    vote = Vote(
        request=request,
        stage=request.stage,
        voter=voter.identifier,
        voter_name=voter.name,
        voter_role=voice.role or "",
        on_behalf_of=voice.on_behalf_of,
        decision=decision,
        reason=reason.strip(),
        content_hash=request.content_hash,
        second_factor=second_factor,
        voted_at=database_now(),
    )
    vote_sign(request, vote)
    return vote


def _count(request: ApprovalRequest, vote: Vote) -> None:
    vote.save(force_insert=True)
    _record(request, vote)
    now = standing(request.asked, [cast.ballot for cast in request.votes.all()])
    if now.stage is None:
        request_end(request, now.state, reason=vote.reason, actor=vote.voter)
    elif now.stage != request.stage:
        request.stage = now.stage
        request.waiting_for = request.asked.stages[now.stage].asked
        request.stage_since, request.reminded, request.escalated_to = vote.voted_at, 0, []
        request.save(update_fields=["stage", "waiting_for", "stage_since", "reminded", "escalated_to"])
        attention_put(request)


def _record(request: ApprovalRequest, vote: Vote) -> None:
    data = {
        "request": str(request.public_id),
        "action": request.action,
        "subject": request.subject,
        "stage": vote.stage,
        "voter": vote.voter,
        "decision": vote.decision,
    }
    event_emit(topic="approval.voted", aggregate=request.reference, data=data, actor=vote.voter)
    detail = {**data, "content_hash": vote.content_hash, "reason": vote.reason, "role": vote.voter_role}
    detail |= {"on_behalf_of": vote.on_behalf_of, "second_factor": vote.second_factor, "key_id": vote.key_id}
    audit_record(actor=vote.voter, action="approval.voted", subject=request.reference, detail=detail)
