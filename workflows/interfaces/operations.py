"""REST of what keeps runs going: dead letters, breakers, limits."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from tenants.actors import actor_of
from tenants.interfaces.api import HasPermission
from workflows.interfaces.answers import asked, given
from workflows.limits.models import Breaker, DefinitionLimit
from workflows.models import Step
from workflows.selectors.dead_letters import DeadLetterFilter, dead_letters
from workflows.services.breakers import breaker_close
from workflows.services.dead_letters import Letter, dead_letters_replay, dead_letters_replay_all
from workflows.services.limits import limit_put, limit_remove, waiting


class FilterSerializer(serializers.Serializer[Any]):
    """Which dead letters: all that are given must fit."""

    definition = serializers.CharField(required=False)
    step = serializers.CharField(required=False)
    kind = serializers.CharField(required=False)
    error_class = serializers.CharField(required=False)
    text = serializers.CharField(required=False)
    subject = serializers.CharField(required=False)
    since = serializers.DateTimeField(required=False)
    until = serializers.DateTimeField(required=False)
    undoing = serializers.BooleanField(required=False, allow_null=True, default=None)


class DeadLetterSerializer(serializers.ModelSerializer[Step]):
    """A failed step; ``id`` and ``attempt`` name this failure, and no later one."""

    run = serializers.UUIDField(source="execution.public_id")
    definition = serializers.CharField(source="execution.name")
    subject = serializers.CharField(source="execution.subject")

    class Meta:
        model = Step
        fields = (
            "id", "attempt", "run", "definition", "subject", "key", "kind", "title", "state", "error_class", "error", "ended_at",
        )  # fmt: skip


class LetterSerializer(serializers.Serializer[Any]):
    """One failure."""

    id = serializers.IntegerField()
    attempt = serializers.IntegerField()


class ReplaySerializer(serializers.Serializer[Any]):
    """Failures by name, or all that fit ``matching``."""

    letters = LetterSerializer(many=True, required=False)
    matching = FilterSerializer(required=False)
    limit = serializers.IntegerField(min_value=1, max_value=500, default=500)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Exactly one of the two."""
        if ("letters" in attrs) == ("matching" in attrs):
            raise serializers.ValidationError("Give letters, or matching.")
        return attrs


class ReplayedSerializer(serializers.Serializer[Any]):
    """What came of one: replayed, gone (nothing was done now), or refused."""

    id = serializers.IntegerField(source="letter.step")
    attempt = serializers.IntegerField(source="letter.attempt")
    outcome = serializers.CharField()
    why = serializers.CharField()


class DeadLetterViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[Step]):
    """Failed steps of all runs, and what could not be undone. Looking asks for run.view, replaying for run.control."""

    serializer_class = DeadLetterSerializer
    filterset_class = None
    ordering = ("-id",)

    def get_permissions(self) -> list[BasePermission]:
        """Looking and replaying are two permissions."""
        return [HasPermission("run.view" if self.action == "list" else "run.control")()]

    def get_queryset(self) -> QuerySet[Step]:
        """What the caller may see of those that fit the query."""
        return dead_letters(actor_of(self.request), DeadLetterFilter(**asked(FilterSerializer, self.request)))

    @extend_schema(parameters=[FilterSerializer], responses=DeadLetterSerializer(many=True))
    def list(self, request: Request) -> Response:
        """The newest 200 that fit."""
        return Response(DeadLetterSerializer(self.get_queryset()[:200], many=True).data)

    @extend_schema(request=ReplaySerializer, responses=ReplayedSerializer(many=True))
    @action(detail=False, methods=["post"], pagination_class=None)
    def replay(self, request: Request) -> Response:
        """Try them again; each failure at most once, whatever is sent again."""
        body, actor = given(ReplaySerializer, request), actor_of(request)
        if "letters" in body:
            letters = [Letter(one["id"], one["attempt"]) for one in body["letters"]]
            replays = dead_letters_replay(letters=letters, actor=actor)
        else:
            replays = dead_letters_replay_all(chosen=DeadLetterFilter(**body["matching"]), actor=actor, limit=body["limit"])
        return Response(ReplayedSerializer(replays, many=True).data)


class BreakerSerializer(serializers.ModelSerializer[Breaker]):
    """What is known of one dependency."""

    class Meta:
        model = Breaker
        fields = ("dependency", "failures", "open_until", "probe_until", "last_error", "changed_at")


class BreakerViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[Breaker]):
    """Dependencies that failed of late. Looking asks for run.view, closing for run.control."""

    serializer_class = BreakerSerializer
    pagination_class = None
    lookup_field = "dependency"
    lookup_value_regex = "[a-z]+:[a-z0-9_.]+"

    def get_permissions(self) -> list[BasePermission]:
        """Looking and closing are two permissions."""
        return [HasPermission("run.view" if self.action == "list" else "run.control")()]

    def get_queryset(self) -> QuerySet[Breaker]:
        """This tenant's, those that fail first."""
        return Breaker.objects.order_by("-failures", "dependency")

    @extend_schema(request=None, responses=BreakerSerializer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, **_kwargs: Any) -> Response:
        """The dependency is well again: let steps try it now."""
        breaker = self.get_object()
        breaker_close(dependency=breaker.dependency, actor=actor_of(request))
        breaker.refresh_from_db()
        return Response(BreakerSerializer(breaker).data)


class LimitSerializer(serializers.ModelSerializer[DefinitionLimit]):
    """A definition's limit, and how many of its runs wait for room."""

    waiting = serializers.SerializerMethodField()

    class Meta:
        model = DefinitionLimit
        fields = ("definition", "at_once", "key", "starts", "per_seconds", "changed_by", "changed_at", "waiting")

    def get_waiting(self, limit: DefinitionLimit) -> int:
        """Runs that have not begun."""
        return waiting(limit.definition).count()


class LimitSpecSerializer(serializers.Serializer[Any]):
    """At most ``at_once`` for each ``key``, and at most ``starts`` in ``per_seconds``."""

    at_once = serializers.IntegerField(min_value=1, allow_null=True, default=None)
    key = serializers.CharField(max_length=200, allow_blank=True, default="")
    starts = serializers.IntegerField(min_value=1, max_value=1000, allow_null=True, default=None)
    per_seconds = serializers.IntegerField(min_value=1, max_value=86_400, allow_null=True, default=None)


class LimitViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[DefinitionLimit]):
    """How many runs of a definition go at once. Looking asks for run.view, changing for settings.manage."""

    serializer_class = LimitSerializer
    pagination_class = None
    lookup_field = "definition"
    lookup_value_regex = "[a-z][a-z0-9_]{0,59}"

    def get_permissions(self) -> list[BasePermission]:
        """Looking and changing are two permissions."""
        return [HasPermission("run.view" if self.action == "list" else "settings.manage")()]

    def get_queryset(self) -> QuerySet[DefinitionLimit]:
        """This tenant's, by name."""
        return DefinitionLimit.objects.order_by("definition")

    @extend_schema(request=LimitSpecSerializer, responses=LimitSerializer)
    def update(self, request: Request, definition: str) -> Response:
        """Bound the runs of a definition that start from now on."""
        body = given(LimitSpecSerializer, request)
        limit = limit_put(definition=definition, actor=actor_of(request), **body)
        return Response(LimitSerializer(limit).data)

    def destroy(self, request: Request, **_kwargs: Any) -> Response:
        """Take the limit away; runs that waited for it begin."""
        limit_remove(definition=self.get_object().definition, actor=actor_of(request))
        return Response(status=204)
