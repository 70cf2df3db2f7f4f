"""REST of what surrounds requests: policies, delegations, sightings."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from pydantic import ValidationError
from rest_framework import exceptions, mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from approvals.actions import UnknownAction
from approvals.interfaces.api import NewestFirst
from approvals.interfaces.api_serializers import (
    ChosenSerializer,
    DelegationInputSerializer,
    DelegationSerializer,
    PolicySerializer,
    SightingSerializer,
    TermsSerializer,
    TrialSerializer,
)
from approvals.models import ApprovalPolicy, Delegation, Sighting
from approvals.risk import Risk, choose
from approvals.selectors import visible_delegations, visible_sightings
from approvals.services import DelegationRefused, delegation_give, delegation_withdraw, policy_put
from approvals.terms import Terms
from tenants.actors import actor_of
from tenants.interfaces.api import HasPermission


def _checked[T: (Terms, Risk)](kind: type[T], values: Any) -> T:
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        places = {".".join(str(part) for part in one["loc"]) or "terms": [one["msg"]] for one in error.errors()}
        raise exceptions.ValidationError(places) from error


class ByAction(NewestFirst):
    """Pages by the action's key."""

    ordering = "action"


class PolicyViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[ApprovalPolicy]):
    """Policies by action. Setting one asks for settings.manage; requests that are open keep the one they were opened under."""

    serializer_class = PolicySerializer
    pagination_class = ByAction
    lookup_field = "action"
    lookup_value_regex = r"[\w.:-]+"
    queryset = ApprovalPolicy.objects.order_by("action")

    def get_permissions(self) -> list[BasePermission]:
        """Looking asks for the right to see approvals, everything else for the right to set."""
        return [HasPermission("approval.view" if self.action in {"list", "retrieve"} else "settings.manage")()]

    @extend_schema(request=TermsSerializer, responses=PolicySerializer)
    def update(self, request: Request, action: str) -> Response:
        """Decide the action on these terms from now on; what is not said takes its default. Setting the same changes nothing."""
        try:
            policy = policy_put(action=action, terms=_checked(Terms, request.data), actor=actor_of(request).identifier)
        except UnknownAction as unknown:
            raise exceptions.NotFound(str(unknown)) from unknown
        return Response(PolicySerializer(policy).data)

    @extend_schema(request=TrialSerializer, responses=ChosenSerializer)
    @action(detail=False, methods=["post"], url_path="try")
    def try_out(self, request: Request) -> Response:
        """What terms would do to an example, before they are set. Nothing is kept."""
        if not isinstance(request.data, dict):
            raise exceptions.ValidationError("Send an object with `terms` and, if you like, `risk`.")
        terms, risk = _checked(Terms, request.data.get("terms")), _checked(Risk, request.data.get("risk") or {})
        chosen = choose(mode=terms.mode, chain=terms.chain, rules=terms.rules, risk=risk, revertible=not risk.irreversible)
        answer = {
            "mode": chosen.mode.value,
            "rule": chosen.rule,
            "why": chosen.why,
            "chain": chosen.chain.model_dump(mode="json"),
        }
        return Response(answer)


class DelegationViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Delegation]):
    """Votes that were handed over: one's own, and everybody's for who manages members."""

    serializer_class = DelegationSerializer
    pagination_class = NewestFirst
    lookup_field = "public_id"
    lookup_url_kwarg = "id"
    lookup_value_converter = "uuid"
    queryset = Delegation.objects.none()

    def get_permissions(self) -> list[BasePermission]:
        """Handing over asks for the right to vote: without it, there is nothing to hand over."""
        return [HasPermission("approval.view" if self.action in {"list", "retrieve"} else "approval.vote")()]

    def get_queryset(self) -> QuerySet[Delegation]:
        """What the caller may see."""
        return visible_delegations(actor_of(self.request))

    @extend_schema(request=DelegationInputSerializer, responses={201: DelegationSerializer})
    def create(self, request: Request) -> Response:
        """Hand votes over for a time."""
        given = DelegationInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        actor = actor_of(request)
        try:
            made = delegation_give(by=actor, **{"giver": actor.identifier, **given.validated_data})
        except (DelegationRefused, UnknownAction) as refused:
            raise exceptions.ValidationError(str(refused)) from refused
        return Response(DelegationSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=DelegationSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, **_kwargs: Any) -> Response:
        """End it now; votes that were given stay."""
        ended = delegation_withdraw(delegation=self.get_object(), by=actor_of(request))
        return Response(DelegationSerializer(ended).data)


class SightingViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[Sighting]):
    """Who was shown which version of what."""

    serializer_class = SightingSerializer
    pagination_class = NewestFirst
    filterset_fields = ("subject", "content_hash", "viewer", "via")
    queryset = Sighting.objects.none()
    permission_classes = (HasPermission("approval.view"),)

    def get_queryset(self) -> QuerySet[Sighting]:
        """What the caller may see."""
        return visible_sightings(actor_of(self.request))
