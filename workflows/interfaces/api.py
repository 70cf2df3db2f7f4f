"""REST of runs: start, list, look at one, put two side by side; the verbs of control are in ``verbs``."""

import uuid
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from tenants.actors import actor_of
from tenants.interfaces.api import HasPermission
from workflows.interfaces.answers import asked, done, given
from workflows.interfaces.serializers import (
    ComparisonSerializer,
    RunDetailSerializer,
    RunSerializer,
    StartSerializer,
    WithSerializer,
)
from workflows.interfaces.verbs import RunVerbs
from workflows.models import Execution
from workflows.selectors import execution_detail, executions_list
from workflows.selectors.forks import executions_compare, forks_of
from workflows.services import execution_start

_LOOKS = ("list", "retrieve", "compare", "forks")
_STARTS = ("create", "fork")


class RunFilter(filters.FilterSet):
    """``subject``, ``state``, ``name`` and ``trigger``."""

    class Meta:
        model = Execution
        fields = ("subject", "state", "name", "trigger")


class RunViewSet(mixins.ListModelMixin, RunVerbs):
    """Runs of this tenant's workflows. Looking asks for run.view, starting for run.start, everything else for run.control."""

    serializer_class = RunSerializer
    filterset_class = RunFilter
    lookup_field = "public_id"
    lookup_url_kwarg = "id"
    lookup_value_regex = "[0-9a-f-]{36}"
    queryset = Execution.objects.none()

    def get_permissions(self) -> list[BasePermission]:
        """Each verb asks for its own permission."""
        wanted = "run.view" if self.action in _LOOKS else "run.start" if self.action in _STARTS else "run.control"
        return [HasPermission(wanted)()]

    def get_queryset(self) -> QuerySet[Execution]:
        """What the caller may see."""
        return executions_list(actor_of(self.request)).select_related("forked_from", "parent_step__execution")

    @extend_schema(responses=RunDetailSerializer)
    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        """One run with its steps, attempts and history."""
        return self._detail(kwargs["id"])

    @extend_schema(request=StartSerializer, responses={201: RunDetailSerializer})
    def create(self, request: Request, **_kwargs: Any) -> Response:
        """Start a run of a definition."""
        body = given(StartSerializer, request)
        execution = done(lambda: execution_start(actor=actor_of(request), **body))
        return self._detail(str(execution.public_id), status.HTTP_201_CREATED)

    @extend_schema(responses=RunSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=None)
    def forks(self, request: Request, **_kwargs: Any) -> Response:
        """The runs that branch off this one."""
        return Response(RunSerializer(forks_of(actor_of(request), self.get_object()), many=True).data)

    @extend_schema(parameters=[OpenApiParameter("with", uuid.UUID, required=True)], responses=ComparisonSerializer)
    @action(detail=True, methods=["get"])
    def compare(self, request: Request, **kwargs: Any) -> Response:
        """This run and another one (``?with=``) side by side: inputs, outputs, and what each step cost."""
        other = asked(WithSerializer, request)["with"]
        try:
            compared = executions_compare(actor_of(request), left=uuid.UUID(kwargs["id"]), right=other)
        except (ValueError, Execution.DoesNotExist) as error:
            raise Http404("One of the two runs is not here.") from error
        return Response(ComparisonSerializer(compared).data)

    def _detail(self, public_id: str, code: int = status.HTTP_200_OK) -> Response:
        try:
            detail = execution_detail(actor_of(self.request), public_id=uuid.UUID(public_id))
        except (ValueError, Execution.DoesNotExist) as error:
            raise Http404("There is no such run here.") from error
        return Response(RunDetailSerializer(detail).data, status=code)
