"""The review queue: what goes on the loop and may be objected to, what went over it and was sampled."""

from functools import reduce
from operator import or_

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from approvals.chains import ROLE_PREFIX
from approvals.models import ApprovalRequest, Review
from approvals.modes import Mode
from approvals.selectors.delegations import Speaker, speaker_of
from approvals.selectors.requests import visible_requests
from approvals.states import State
from tenants.actors import Actor
from tenants.roles import Permission, role_allows


def reviewable(actor: Actor) -> QuerySet[ApprovalRequest]:
    """What this actor may object to now, ending soonest first: on the loop, in time, and theirs by the policy."""
    return reviewable_by(speaker_of(actor))


def reviewable_by(speaker: Speaker) -> QuerySet[ApprovalRequest]:
    """``reviewable`` for somebody of whom is known already what they may."""
    rows = _theirs(speaker).filter(mode=Mode.ON.value, objected_at=None, object_until__gt=Now())
    return rows.exclude(_reviewed_by(speaker.actor)).order_by("object_until", "pk")


def sampled_for_review(actor: Actor) -> QuerySet[ApprovalRequest]:
    """What went over the loop, was sampled, and nobody has reviewed yet; the newest first. Theirs by the policy."""
    return sampled_for(speaker_of(actor))


def sampled_for(speaker: Speaker) -> QuerySet[ApprovalRequest]:
    """``sampled_for_review`` for somebody of whom is known already what they may."""
    reviewed = Exists(Review.objects.filter(request=OuterRef("pk")))
    return _theirs(speaker).filter(sampled=True).exclude(reviewed).order_by("-pk")


def _theirs(speaker: Speaker) -> QuerySet[ApprovalRequest]:
    if not speaker.may_vote:
        return ApprovalRequest.objects.none()
    actor = speaker.actor
    asked = [_asked(actor.identifier, f"{ROLE_PREFIX}{speaker.role}")]
    for one in speaker.handed:
        if role_allows(one.giver_role, Permission.APPROVAL_VOTE):
            handed = _asked(one.giver, f"{ROLE_PREFIX}{one.giver_role}") & ~Q(requested_by=one.giver)
            asked.append(handed & Q(action__in=one.actions) if one.actions else handed)
    rows = visible_requests(actor).filter(reduce(or_, asked), state=State.APPROVED.value)
    return rows.exclude(requested_by=actor.identifier)


def _asked(*identifiers: str) -> Q:
    return Q(waiting_for__overlap=list(identifiers))


def _reviewed_by(actor: Actor) -> Exists:
    return Exists(Review.objects.filter(request=OuterRef("pk"), reviewer=actor.identifier))
