"""REST of emergency stops: those that concern this tenant, setting one of its own, and releasing it by two people."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import BaseRouter
from rest_framework.settings import api_settings

from kernel.stops.models import Kind, Stop, StopRelease
from kernel.stops.selectors import stop_get, stops_visible
from kernel.stops.services import ReleaseRefused, stop_release, stop_release_withdraw, stop_set
from tenants.actors import actor_of
from tenants.interfaces.api import HasPermission

_NEEDED = {"create": "stop.set", "release": "stop.release"}
_HERE = [(kind.value, kind.label) for kind in Kind if kind is not Kind.PLATFORM]


class Newest(api_settings.DEFAULT_PAGINATION_CLASS):  # type: ignore[name-defined]  # which one is a setting
    """Pages as everywhere, by when stops were set."""

    ordering = "-id"


class Conflict(exceptions.APIException):
    """409: this person's word does not release the stop."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"


class StopReleaseSerializer(serializers.ModelSerializer[StopRelease]):
    """Who wants it released, and why."""

    class Meta:
        model = StopRelease
        fields = ("name", "actor", "reason", "at", "expires_at", "withdrawn_at")


class StopSerializer(serializers.ModelSerializer[Stop]):
    """A stop and what was said about its release."""

    id = serializers.UUIDField(source="public_id", read_only=True)
    releases = StopReleaseSerializer(many=True, read_only=True)

    class Meta:
        model = Stop
        fields = (
            "id", "kind", "key", "scope", "reason", "set_by", "set_by_name", "by_operator", "set_at", "released_at", "releases",
        )  # fmt: skip


class StopSetSerializer(serializers.Serializer[Any]):
    """What is to be stopped, and why."""

    kind = serializers.ChoiceField(choices=_HERE)
    key = serializers.CharField(max_length=120, allow_blank=True, default="", help_text="The agent's or the workflow's name.")
    reason = serializers.CharField(max_length=500)


class StopReasonSerializer(serializers.Serializer[Any]):
    """Why it is safe to go on."""

    reason = serializers.CharField(max_length=500)


class StopViewSet(mixins.RetrieveModelMixin, mixins.ListModelMixin, viewsets.GenericViewSet[Stop]):
    """Emergency stops. Looking asks for run.view, setting for stop.set, releasing for stop.release, by two different people."""

    serializer_class = StopSerializer
    pagination_class = Newest
    lookup_field = "public_id"
    lookup_value_regex = "[0-9a-f-]{36}"
    queryset = Stop.objects.none()

    def get_permissions(self) -> list[BasePermission]:
        """Three permissions; the service asks again, by the role of that moment."""
        return [HasPermission(_NEEDED.get(self.action, "run.view"))()]

    def get_queryset(self) -> QuerySet[Stop]:
        """This tenant's and the platform's; ``in_force=true`` for those in force only."""
        rows = stops_visible()
        return rows.filter(released_at=None) if self.request.query_params.get("in_force") == "true" else rows

    @extend_schema(request=StopSetSerializer, responses={201: StopSerializer})
    def create(self, request: Request) -> Response:
        """Stop an agent, a workflow or all of this tenant's work, within a second. The same again gives the one there is."""
        given = StopSetSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        stop = stop_set(**given.validated_data, actor=actor_of(request).identifier)
        return Response(StopSerializer(stop).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=StopReasonSerializer, responses=StopSerializer)
    @action(detail=True, methods=["post"])
    def release(self, request: Request, **_kwargs: Any) -> Response:
        """The first person asks for the release, the second one releases. 409 where this person's word does not count (again)."""
        given = StopReasonSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            stop = stop_release(stop=self.get_object(), reason=given.validated_data["reason"], actor=actor_of(request).identifier)
        except ReleaseRefused as refused:
            raise Conflict(str(refused)) from refused
        return Response(StopSerializer(stop).data)

    @extend_schema(request=None, responses=StopSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, **_kwargs: Any) -> Response:
        """Take one's own asking for the release back. 409 where none of one's own stands."""
        try:
            stop = stop_release_withdraw(stop=self.get_object(), actor=actor_of(request).identifier)
        except ReleaseRefused as refused:
            raise Conflict(str(refused)) from refused
        return Response(StopSerializer(stop_get(stop.public_id)).data)


def register(router: BaseRouter) -> None:
    """Add the resource."""
    router.register("stops", StopViewSet, basename="stop")
