"""REST of approvals: what waits, one request and its proof, a vote, an objection, a review."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, mixins, viewsets
from rest_framework.decorators import action
from rest_framework.pagination import CursorPagination
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from approvals.interfaces.api_errors import refusals
from approvals.interfaces.api_serializers import (
    ApprovalSerializer,
    DecisionRecordSerializer,
    ObjectionInputSerializer,
    ProofInputSerializer,
    RecordSerializer,
    ReviewInputSerializer,
    VoteInputSerializer,
)
from approvals.interfaces.factors import factor_given
from approvals.models import ApprovalRequest
from approvals.modes import Mode
from approvals.selectors import (
    decision_record,
    request_record,
    reviewable,
    sampled_for_review,
    visible_requests,
    waiting_for,
)
from approvals.services import approval_object, approval_review, approval_vote, sighting_record
from approvals.states import State
from tenants.actors import actor_of
from tenants.interfaces.api import HasPermission

_DECIDE = {"vote", "object", "review"}


class ApprovalFilter(filters.FilterSet):
    """``state``, ``mode``, ``action``, ``subject``, and what waits for the caller: their vote, objection, or review."""

    state = filters.ChoiceFilter(choices=[(state.value, state.value) for state in State])
    mode = filters.ChoiceFilter(choices=[(mode.value, mode.value) for mode in Mode])
    waiting_for_me = filters.BooleanFilter(method="filter_waiting")
    reviewable = filters.BooleanFilter(method="filter_reviewable", label="On the loop, and the caller may still object.")
    to_review = filters.BooleanFilter(method="filter_sampled", label="Over the loop, sampled, and not reviewed yet.")

    class Meta:
        model = ApprovalRequest
        fields = ("state", "mode", "action", "subject")

    def filter_waiting(self, rows: QuerySet[ApprovalRequest], _name: str, wanted: bool) -> QuerySet[ApprovalRequest]:
        """Keep what waits for the caller's vote."""
        return _kept(rows, waiting_for(actor_of(self.request)), wanted)

    def filter_reviewable(self, rows: QuerySet[ApprovalRequest], _name: str, wanted: bool) -> QuerySet[ApprovalRequest]:
        """Keep what the caller may object to now."""
        return _kept(rows, reviewable(actor_of(self.request)), wanted)

    def filter_sampled(self, rows: QuerySet[ApprovalRequest], _name: str, wanted: bool) -> QuerySet[ApprovalRequest]:
        """Keep what is put up for the caller's review."""
        return _kept(rows, sampled_for_review(actor_of(self.request)), wanted)


def _kept(rows: QuerySet[ApprovalRequest], chosen: QuerySet[ApprovalRequest], wanted: bool) -> QuerySet[ApprovalRequest]:
    mine = chosen.order_by().values("pk")
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
        """Deciding asks for the right to vote, everything else for the right to see."""
        return [HasPermission("approval.vote" if self.action in _DECIDE else "approval.view")()]

    def get_queryset(self) -> QuerySet[ApprovalRequest]:
        """What the caller may see."""
        return visible_requests(actor_of(self.request)).prefetch_related("votes", "reviews")

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One request, with its votes. That the caller was shown this version is noted, as on its page."""
        asked, actor = self.get_object(), actor_of(request)
        sighting_record(subject=asked.subject, content_hash=asked.content_hash, viewer=actor, via="api")
        return Response(self.get_serializer(asked).data)

    @extend_schema(request=VoteInputSerializer, responses=ApprovalSerializer)
    @action(detail=True, methods=["post"])
    def vote(self, request: Request, **_kwargs: Any) -> Response:
        """Approve or reject what ``content_hash`` names. 409 if the request is over, was voted on, or has changed.

        Where the policy asks for a second factor it comes as ``code``, or the session has proved it within five minutes, as a
        passkey does; else 403. A wrong or used code is 400, after five of them 429.
        """
        return self._decide(request, VoteInputSerializer, partial(approval_vote, voter=actor_of(request)))

    @extend_schema(request=ObjectionInputSerializer, responses=ApprovalSerializer)
    @action(detail=True, methods=["post"])
    def object(self, request: Request, **_kwargs: Any) -> Response:
        """Object to what goes on the loop, before ``object_until``; what was done is undone. 409 if the time is over."""
        return self._decide(request, ObjectionInputSerializer, partial(approval_object, reviewer=actor_of(request)))

    @extend_schema(request=ReviewInputSerializer, responses=ApprovalSerializer)
    @action(detail=True, methods=["post"])
    def review(self, request: Request, **_kwargs: Any) -> Response:
        """Say of what a rule approved that it was fine, or what was wrong with it."""
        return self._decide(request, ReviewInputSerializer, partial(approval_review, reviewer=actor_of(request)))

    @extend_schema(responses=RecordSerializer)
    @action(detail=True)
    def record(self, request: Request, **_kwargs: Any) -> Response:
        """The request with everything that proves it: signatures checked, evidence named, and what does not hold."""
        return Response(RecordSerializer(request_record(self.get_object())).data)

    @extend_schema(
        parameters=[OpenApiParameter("subject", str, required=True, description="Such as case:<id>.")],
        responses=DecisionRecordSerializer,
        filters=False,
    )
    @action(detail=False, pagination_class=None)
    def records(self, request: Request) -> Response:
        """Everything about one subject: every request with its proof, and who saw which version when."""
        if not (subject := request.query_params.get("subject", "")):
            raise exceptions.ValidationError({"subject": ["Say which, such as case:<id>."]})
        return Response(DecisionRecordSerializer(decision_record(actor_of(request), subject=subject)).data)

    def _decide(self, request: Request, serializer: type[ProofInputSerializer], say: Callable[..., Any]) -> Response:
        """Have ``say`` do it with what was sent and the second factor that came with it, and answer the request as it is then."""
        given = serializer(data=request.data)
        given.is_valid(raise_exception=True)
        said = dict(given.validated_data)
        asked = self.get_object()
        with refusals():
            proved = factor_given(request._request, asked, code=said.pop("code"))
            say(request=asked, second_factor=proved, **said)
        return self._answer()

    def _answer(self) -> Response:
        return Response(self.get_serializer(self.get_object()).data)
