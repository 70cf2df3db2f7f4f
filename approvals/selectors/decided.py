"""What became of what somebody voted on or asked for."""

from typing import Any

from django.db.models import QuerySet

from approvals.models import ApprovalRequest, Vote
from approvals.selectors.requests import visible_requests
from tenants.actors import Actor


def last_decided(actor: Actor, most: int) -> QuerySet[ApprovalRequest, Any]:
    """The keys of the last ``most`` requests that the actor has voted on or asked for, newest first, whatever became of them."""
    # Each half is the end of an index. Asked for with "or", Postgres reads all requests there are, newest first.
    voted = Vote.objects.filter(voter=actor.identifier).order_by("-request_id").values("request_id").distinct()
    asked = ApprovalRequest.objects.filter(requested_by=actor.identifier).order_by("-pk").values("pk")
    rows = visible_requests(actor).filter(pk__in=voted[:most].union(asked[:most]))
    return rows.order_by("-pk").values_list("pk")[:most]
