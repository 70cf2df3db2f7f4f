"""REST of processes: list, look at one, and every signal."""

import uuid
from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from agents.interfaces.serializers import (
    AfterSerializer,
    NiceSerializer,
    ProcessDetailSerializer,
    ProcessEventSerializer,
    ProcessSerializer,
    WholeGroupSerializer,
)
from kernel.processes.models import Process
from kernel.processes.selectors import process_events_after, processes_newest
from kernel.processes.services import TransitionRefused, group_signal, process_kill, process_nice, process_signal
from kernel.scheduler.policies import Priority
from tenants.actors import actor_of
from tenants.interfaces.api import HasPermission

_LOOKING = frozenset({"list", "retrieve", "events"})


class Conflict(exceptions.APIException):
    """409: the process is not in the state that the caller supposed."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = "The process has moved on."
    default_code = "conflict"


class ProcessFilter(filters.FilterSet):
    """``state``, ``subject``, ``agent``, ``group``; ``alive=true`` for those that have not ended."""

    alive = filters.BooleanFilter(field_name="ended_at", lookup_expr="isnull")

    class Meta:
        model = Process
        fields = ("state", "subject", "agent", "group")


class ProcessViewSet(mixins.RetrieveModelMixin, mixins.ListModelMixin, viewsets.GenericViewSet[Process]):
    """This tenant's processes. Looking asks for run.view, signals for run.control."""

    serializer_class = ProcessSerializer
    filterset_class = ProcessFilter
    lookup_field = "pid"
    lookup_value_regex = "[0-9a-f-]{36}"
    queryset = Process.objects.none()

    def get_permissions(self) -> list[BasePermission]:
        """Looking and steering are two permissions."""
        return [HasPermission("run.view" if self.action in _LOOKING else "run.control")()]

    def get_queryset(self) -> QuerySet[Process]:
        """Those of the tenant whose host this is."""
        return processes_newest()

    def get_serializer_class(self) -> type[serializers.BaseSerializer]:
        """One process says more than a row of a list."""
        return ProcessDetailSerializer if self.action == "retrieve" else ProcessSerializer

    @extend_schema(parameters=[AfterSerializer], responses=ProcessEventSerializer(many=True))
    @action(detail=True, pagination_class=None, filterset_class=None)
    def events(self, request: Request, **_kwargs: Any) -> Response:
        """What it did and said after event ``after``, oldest first, at most 500."""
        asked = AfterSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        found = process_events_after(self.get_object().pk, asked.validated_data["after"])
        return Response(ProcessEventSerializer(found, many=True).data)

    @extend_schema(request=WholeGroupSerializer, responses=ProcessSerializer(many=True))
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, **_kwargs: Any) -> Response:
        """Have it rest at its next checkpoint, its context kept. 409 if it has ended."""
        return self._signalled(request, "pause")

    @extend_schema(request=WholeGroupSerializer, responses=ProcessSerializer(many=True))
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, **_kwargs: Any) -> Response:
        """Go on where it was paused. 409 if it is not."""
        return self._signalled(request, "resume")

    @extend_schema(request=WholeGroupSerializer, responses=ProcessSerializer(many=True))
    @action(detail=True, methods=["post"])
    def stop(self, request: Request, **_kwargs: Any) -> Response:
        """End it at its next checkpoint. 409 if it has ended."""
        return self._signalled(request, "stop")

    @extend_schema(request=None, responses=ProcessSerializer(many=True))
    @action(detail=True, methods=["post"])
    def kill(self, request: Request, **_kwargs: Any) -> Response:
        """End it now; what its worker does from here on is not committed. 409 if it has ended."""
        return self._changed(lambda process: [process_kill(process=process, actor=actor_of(request).identifier)])

    @extend_schema(request=NiceSerializer, responses=ProcessSerializer(many=True))
    @action(detail=True, methods=["post"])
    def nice(self, request: Request, **_kwargs: Any) -> Response:
        """Give it and all below it another class for their model calls."""
        given = NiceSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        priority = Priority[given.validated_data["priority"].upper()]
        return self._changed(
            lambda process: [process_nice(process=process, priority=priority, actor=actor_of(request).identifier)]
        )

    def _signalled(self, request: Request, signal: str) -> Response:
        given = WholeGroupSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        actor = actor_of(request).identifier

        def send(process: Process) -> list[Process]:
            if given.validated_data["group"]:
                return group_signal(group=uuid.UUID(str(process.group)), signal=signal, actor=actor)
            return [process_signal(process=process, signal=signal, actor=actor)]

        return self._changed(send)

    def _changed(self, change: Callable[[Process], list[Process]]) -> Response:
        try:
            changed = change(self.get_object())
        except TransitionRefused as refused:
            raise Conflict(str(refused)) from refused
        return Response(ProcessSerializer(changed, many=True).data)
