"""REST of definitions: what can be started here and with which inputs, and the tenant's own versions."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from tenants.actors import Actor, actor_of
from tenants.interfaces.api import HasPermission
from workflows.definition import Definition, DefinitionError
from workflows.interfaces.answers import done, given
from workflows.library import UnknownDefinition, definition_named, definitions, definitions_here
from workflows.publishing.declared import definition_install
from workflows.publishing.models import DefinitionVersion
from workflows.publishing.selectors import versions_visible_to
from workflows.publishing.services import (
    definition_draft_delete,
    definition_draft_save,
    definition_publish,
    definition_retire,
)


class WorkflowSerializer(serializers.Serializer[Any]):
    """A definition that can be started. ``inputs`` is what a form asks for: type, whether it is required, default, bounds."""

    name = serializers.CharField()
    version = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField()
    content_hash = serializers.CharField()
    is_own = serializers.SerializerMethodField()
    inputs = serializers.SerializerMethodField()
    steps = serializers.SerializerMethodField()

    def get_is_own(self, definition: Definition) -> bool:
        """Whether it is the tenant's, and not the product's."""
        return definition.name not in definitions()

    def get_inputs(self, definition: Definition) -> dict[str, Any]:
        """By name."""
        return {name: spec.model_dump(mode="json", exclude_none=True) for name, spec in definition.inputs.items()}

    def get_steps(self, definition: Definition) -> list[dict[str, Any]]:
        """Key, kind, title, and where each leads."""
        steps = definition.steps.items()
        return [{"key": key, "kind": spec.kind, "title": spec.title, "next": list(spec.targets)} for key, spec in steps]


class InstalledSerializer(serializers.Serializer[Any]):
    """The triggers that stand for what a definition says, by their keys there, and whether its runs are limited."""

    triggers = serializers.DictField(child=serializers.UUIDField())
    limited = serializers.BooleanField()


class WorkflowViewSet(viewsets.GenericViewSet[Any]):
    """What can be started in this tenant."""

    serializer_class = WorkflowSerializer
    queryset = DefinitionVersion.objects.none()  # there are no rows to page: definitions come out of the library
    lookup_field = "name"
    lookup_value_regex = "[a-z][a-z0-9_]{0,59}"
    pagination_class = None

    def get_permissions(self) -> list[BasePermission]:
        """Who sees runs sees what they run by; installing is for those who manage settings."""
        return [HasPermission("settings.manage" if self.action == "install" else "run.view")()]

    @extend_schema(responses=WorkflowSerializer(many=True))
    def list(self, request: Request) -> Response:
        """The product's, then the tenant's own."""
        return Response(WorkflowSerializer(list(definitions_here().values()), many=True).data)

    @extend_schema(responses=WorkflowSerializer)
    def retrieve(self, request: Request, name: str) -> Response:
        """One definition, of a tenant's own the newest published version."""
        try:
            return Response(WorkflowSerializer(definition_named(name)).data)
        except UnknownDefinition as unknown:
            raise Http404(str(unknown)) from unknown

    @extend_schema(request=None, responses=InstalledSerializer)
    @action(detail=True, methods=["post"])
    def install(self, request: Request, name: str) -> Response:
        """Have the triggers and limits that the definition says, in the caller's name. Doing it again changes nothing else."""
        self.retrieve(request, name)
        made = done(lambda: definition_install(name=name, actor=actor_of(request)))
        return Response(
            {"triggers": {key: str(row.public_id) for key, row in made.triggers.items()}, "limited": bool(made.limit)}
        )


class VersionSerializer(serializers.ModelSerializer[DefinitionVersion]):
    """One version of a tenant's own definition."""

    id = serializers.UUIDField(source="public_id")

    class Meta:
        model = DefinitionVersion
        fields = (
            "id", "name", "version", "title", "state", "text", "content_hash", "saved_by", "saved_at", "published_by",
            "published_at", "retired_by", "retired_at",
        )  # fmt: skip


class DefinitionTextSerializer(serializers.Serializer[Any]):
    """A definition as YAML; it names itself and its version."""

    text = serializers.CharField(max_length=256 * 1024, trim_whitespace=False)


class VersionViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[DefinitionVersion]):
    """The tenant's own definitions. Looking asks for run.view, everything else for settings.manage."""

    serializer_class = VersionSerializer
    pagination_class = None
    filterset_fields = ("name", "state")
    lookup_field = "public_id"
    lookup_url_kwarg = "id"
    lookup_value_regex = "[0-9a-f]{8}-[0-9a-f-]{27}"

    def get_permissions(self) -> list[BasePermission]:
        """Looking and changing are two permissions."""
        return [HasPermission("run.view" if self.action in ("list", "retrieve") else "settings.manage")()]

    def get_queryset(self) -> QuerySet[DefinitionVersion]:
        """All versions of this tenant."""
        return versions_visible_to(actor_of(self.request))

    @extend_schema(request=DefinitionTextSerializer, responses={201: VersionSerializer})
    def create(self, request: Request) -> Response:
        """Save a draft; one of the same version is replaced. 400 with all that is wrong, by line and step."""
        body = given(DefinitionTextSerializer, request)
        saved = _checked(lambda: definition_draft_save(actor=actor_of(request), **body))
        return Response(VersionSerializer(saved).data, status=status.HTTP_201_CREATED)

    def destroy(self, request: Request, **_kwargs: Any) -> Response:
        """Throw a draft away."""
        definition_draft_delete(version=self.get_object(), actor=actor_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses=VersionSerializer)
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, **_kwargs: Any) -> Response:
        """Let runs be started of it, as its name's newest version."""
        return self._changed(definition_publish, actor_of(request))

    @extend_schema(request=None, responses=VersionSerializer)
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, **_kwargs: Any) -> Response:
        """Have no run started of it any more; runs under way go on."""
        return self._changed(definition_retire, actor_of(request))

    def _changed(self, change: Callable[..., DefinitionVersion], actor: Actor) -> Response:
        version = self.get_object()
        return Response(VersionSerializer(_checked(lambda: change(version=version, actor=actor))).data)


def _checked(change: Callable[[], DefinitionVersion]) -> DefinitionVersion:
    try:
        return done(change)
    except DefinitionError as error:
        raise serializers.ValidationError({"text": list(error.lines)}) from error
