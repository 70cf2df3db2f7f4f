"""REST of approvals: what waits, one request, a vote."""

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.pagination import CursorPagination
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from approvals.models import ApprovalRequest, Vote
from approvals.selectors import visible_requests, waiting_for
from approvals.services import NotYourVote, ReasonMissing, VoteRefused, approval_vote
from approvals.states import Decision, State
from tenants.actors import actor_of
from tenants.interfaces.api import HasPermission


class Conflict(exceptions.APIException):
    """409: the request is not in the state that the caller supposed."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = "The approval request has changed."
    default_code = "conflict"


class VoteSerializer(serializers.ModelSerializer[Vote]):
    """A vote as it was given."""

    class Meta:
        model = Vote
        fields = ("stage", "voter", "voter_name", "voter_role", "decision", "reason", "content_hash", "voted_at")


class ApprovalSerializer(serializers.ModelSerializer[ApprovalRequest]):
    """A request with its snapshots and votes. ``content_hash`` is what a vote must carry."""

    id = serializers.UUIDField(source="public_id")
    votes = VoteSerializer(many=True)

    class Meta:
        model = ApprovalRequest
        fields = (
            "id", "action", "subject", "content_hash", "arguments_hash", "summary", "chain", "policy_version", "state", "stage",
            "waiting_for", "requested_by", "requested_at", "expires_at", "decided_at", "outcome_reason", "applied_at", "votes",
        )  # fmt: skip


class VoteInputSerializer(serializers.Serializer[Any]):
    """What a vote says: the decision, the hash of what was shown, and why."""

    decision = serializers.ChoiceField(choices=[decision.value for decision in Decision])
    content_hash = serializers.CharField(max_length=71)
    reason = serializers.CharField(max_length=4000, required=False, allow_blank=True, default="")


class ApprovalFilter(filters.FilterSet):
    """``state``, ``action``, ``subject``, and ``waiting_for_me=true`` for the caller's inbox."""

    state = filters.ChoiceFilter(choices=[(state.value, state.value) for state in State])
    waiting_for_me = filters.BooleanFilter(method="filter_waiting")

    class Meta:
        model = ApprovalRequest
        fields = ("state", "action", "subject")

    def filter_waiting(self, rows: QuerySet[ApprovalRequest], _name: str, wanted: bool) -> QuerySet[ApprovalRequest]:
        """Keep what waits for the caller's vote."""
        mine = waiting_for(actor_of(self.request)).values("pk")
        return rows.filter(pk__in=mine) if wanted else rows.exclude(pk__in=mine)


class NewestFirst(CursorPagination):
    """Cursor pages by the order of opening."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
    ordering = "-id"


class ApprovalViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[ApprovalRequest]):
    """Requests of this tenant. Opening them is the business of the actions that need consent."""

    serializer_class = ApprovalSerializer
    filterset_class = ApprovalFilter
    pagination_class = NewestFirst
    lookup_field = "public_id"
    lookup_url_kwarg = "id"
    lookup_value_converter = "uuid"
    queryset = ApprovalRequest.objects.none()

    def get_permissions(self) -> list[BasePermission]:
        """Voting asks for the right to vote, everything else for the right to see."""
        return [HasPermission("approval.vote" if self.action == "vote" else "approval.view")()]

    def get_queryset(self) -> QuerySet[ApprovalRequest]:
        """What the caller may see."""
        return visible_requests(actor_of(self.request)).prefetch_related("votes")

    @extend_schema(request=VoteInputSerializer, responses=ApprovalSerializer)
    @action(detail=True, methods=["post"])
    def vote(self, request: Request, **_kwargs: Any) -> Response:
        """Approve or reject what ``content_hash`` names. 409 if the request is over, was voted on, or has changed."""
        given = VoteInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = self.get_object()
        try:
            approval_vote(request=wanted, voter=actor_of(request), **given.validated_data)
        except NotYourVote as refused:
            raise exceptions.PermissionDenied(str(refused)) from refused
        except ReasonMissing as refused:
            raise exceptions.ValidationError({"reason": [str(refused)]}) from refused
        except VoteRefused as refused:
            raise Conflict(str(refused)) from refused
        return Response(self.get_serializer(self.get_object()).data)
