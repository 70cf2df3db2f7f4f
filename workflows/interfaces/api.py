"""REST of runs: start, list, look at one, and every verb of control."""

import uuid
from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from tenants.actors import actor_of
from tenants.interfaces.api import HasPermission
from workflows.interfaces.serializers import (
    ReasonSerializer,
    RunDetailSerializer,
    RunSerializer,
    SkipSerializer,
    StartSerializer,
)
from workflows.library import UnknownDefinition
from workflows.models import Execution, Step
from workflows.selectors import execution_detail, executions_list
from workflows.services import (
    execution_cancel,
    execution_pause,
    execution_resume,
    execution_roll_back,
    execution_start,
    step_retry,
    step_skip,
)
from workflows.states import IllegalTransition

_PERMISSIONS = {"list": "run.view", "retrieve": "run.view", "create": "run.start"}
_STEP = r"steps/(?P<key>[a-z][a-z0-9_]*)"


class Conflict(exceptions.APIException):
    """409: the run is not in the state that the caller supposed."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = "The run has moved on."
    default_code = "conflict"


class RunFilter(filters.FilterSet):
    """``subject``, ``state`` and ``name``."""

    class Meta:
        model = Execution
        fields = ("subject", "state", "name")


class RunViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[Execution]):
    """Runs of this tenant's workflows. Looking asks for run.view, starting for run.start, everything else for run.control."""

    serializer_class = RunSerializer
    filterset_class = RunFilter
    lookup_field = "public_id"
    lookup_url_kwarg = "id"
    lookup_value_regex = "[0-9a-f-]{36}"
    queryset = Execution.objects.none()

    def get_permissions(self) -> list[BasePermission]:
        """Each verb asks for its own permission."""
        return [HasPermission(_PERMISSIONS.get(self.action or "", "run.control"))()]

    def get_queryset(self) -> QuerySet[Execution]:
        """What the caller may see."""
        return executions_list(actor_of(self.request))

    @extend_schema(responses=RunDetailSerializer)
    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        """One run with its steps, attempts and history."""
        return self._detail(kwargs["id"])

    @extend_schema(request=StartSerializer, responses={201: RunDetailSerializer})
    def create(self, request: Request, **_kwargs: Any) -> Response:
        """Start a run of a definition of the library."""
        given = self._given(StartSerializer, request)
        try:
            execution = execution_start(actor=actor_of(request), **given)
        except UnknownDefinition as unknown:
            raise exceptions.ValidationError({"definition": [str(unknown)]}) from unknown
        return self._detail(str(execution.public_id), status.HTTP_201_CREATED)

    @extend_schema(request=ReasonSerializer, responses=RunDetailSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, **kwargs: Any) -> Response:
        """End the run here; what it has done stays. 409 if it is over."""
        given = self._given(ReasonSerializer, request)
        return self._changed(kwargs["id"], lambda run: execution_cancel(execution=run, actor=actor_of(request), **given))

    @extend_schema(request=ReasonSerializer, responses=RunDetailSerializer)
    @action(detail=True, methods=["post"], url_path="roll-back")
    def roll_back(self, request: Request, **kwargs: Any) -> Response:
        """Undo what the run has done, in reverse order. 409 if it is rolled back or rolling back."""
        given = self._given(ReasonSerializer, request)
        return self._changed(kwargs["id"], lambda run: execution_roll_back(execution=run, actor=actor_of(request), **given))

    @extend_schema(request=None, responses=RunDetailSerializer)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, **kwargs: Any) -> Response:
        """Take no further step. 409 if the run is over."""
        return self._changed(kwargs["id"], lambda run: execution_pause(execution=run, actor=actor_of(request)))

    @extend_schema(request=None, responses=RunDetailSerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, **kwargs: Any) -> Response:
        """Go on with a paused run."""
        return self._changed(kwargs["id"], lambda run: execution_resume(execution=run, actor=actor_of(request)))

    @extend_schema(request=None, responses=RunDetailSerializer)
    @action(detail=True, methods=["post"], url_path=f"{_STEP}/retry")
    def retry(self, request: Request, **kwargs: Any) -> Response:
        """Try a failed step again. 409 if it has not failed."""

        def again(run: Execution) -> object:
            return step_retry(step=_step(run, kwargs["key"]), actor=actor_of(request))

        return self._changed(kwargs["id"], again)

    @extend_schema(request=SkipSerializer, responses=RunDetailSerializer)
    @action(detail=True, methods=["post"], url_path=f"{_STEP}/skip")
    def skip(self, request: Request, **kwargs: Any) -> Response:
        """Go past a step with a reason. 409 if it is running or over."""
        given = self._given(SkipSerializer, request)

        def past(run: Execution) -> object:
            return step_skip(step=_step(run, kwargs["key"]), actor=actor_of(request), **given)

        return self._changed(kwargs["id"], past)

    def _given(self, kind: type[serializers.Serializer], request: Request) -> dict[str, Any]:
        serializer = kind(data=request.data)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def _changed(self, public_id: str, change: Callable[[Execution], object]) -> Response:
        try:
            change(self.get_object())
        except IllegalTransition as refused:
            raise Conflict(str(refused)) from refused
        return self._detail(public_id)

    def _detail(self, public_id: str, code: int = status.HTTP_200_OK) -> Response:
        try:
            detail = execution_detail(actor_of(self.request), public_id=uuid.UUID(public_id))
        except (ValueError, Execution.DoesNotExist) as error:
            raise Http404("There is no such run here.") from error
        return Response(RunDetailSerializer(detail).data, status=code)


def _step(run: Execution, key: str) -> Step:
    try:
        return run.steps.select_related("execution").get(key=key)
    except Step.DoesNotExist as error:
        raise Http404(f"The run has no step {key!r}.") from error
