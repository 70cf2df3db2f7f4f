"""REST of triggers. Looking asks for run.view, calling for run.start, everything else for settings.manage."""

import uuid
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from tenants.actors import actor_of
from tenants.interfaces.api import HasPermission
from workflows.interfaces.answers import done, given
from workflows.interfaces.serializers import CLASSES
from workflows.triggers.models import CatchUp, Kind, Trigger, TriggerFiring
from workflows.triggers.services import (
    TriggerSpec,
    trigger_backfill,
    trigger_call,
    trigger_change,
    trigger_create,
    trigger_enable,
    trigger_rotate_secret,
    trigger_secret,
)

_PERMISSIONS = {"list": "run.view", "retrieve": "run.view", "firings": "run.view", "call": "run.start"}


class TriggerSpecSerializer(serializers.Serializer[Any]):
    """What a trigger is to be."""

    title = serializers.CharField(max_length=120)
    kind = serializers.ChoiceField(Kind.choices)
    definition = serializers.CharField(max_length=60)
    inputs = serializers.DictField(default=dict)
    subject = serializers.CharField(max_length=200, allow_blank=True, default="")
    priority = serializers.ChoiceField(CLASSES, allow_blank=True, default="")
    most_an_hour = serializers.IntegerField(min_value=1, max_value=100_000, default=600)
    topic = serializers.CharField(max_length=120, allow_blank=True, default="")
    match = serializers.DictField(default=dict)
    crontab = serializers.CharField(max_length=120, allow_blank=True, default="")
    time_zone = serializers.CharField(max_length=64, allow_blank=True, default="")
    catch_up = serializers.ChoiceField(CatchUp.choices, default=CatchUp.LATEST.value)
    catch_up_most = serializers.IntegerField(min_value=1, max_value=100, default=10)


class TriggerSerializer(serializers.ModelSerializer[Trigger]):
    """A trigger. ``url`` is where a webhook's calls go; its secret is shown nowhere but where it is made."""

    id = serializers.UUIDField(source="public_id")
    url = serializers.SerializerMethodField()

    class Meta:
        model = Trigger
        fields = (
            "id", "title", "kind", "definition", "inputs", "subject", "enabled", "acts_as", "priority", "most_an_hour", "topic",
            "match", "crontab", "time_zone", "next_at", "catch_up", "catch_up_most", "url", "former_until", "declared",
            "created_by", "created_at", "changed_at",
        )  # fmt: skip

    def get_url(self, trigger: Trigger) -> str:
        """Empty for other kinds."""
        if trigger.kind != Kind.WEBHOOK:
            return ""
        path = reverse("workflows:webhook", args=[trigger.public_id])
        request: Request | None = self.context.get("request")
        return request.build_absolute_uri(path) if request else path


class MadeTriggerSerializer(TriggerSerializer):
    """A trigger as it was made, with a webhook's secret, which is never shown again."""

    secret = serializers.SerializerMethodField()

    class Meta(TriggerSerializer.Meta):
        fields = (*TriggerSerializer.Meta.fields, "secret")  # type: ignore[assignment]  # one more

    def get_secret(self, trigger: Trigger) -> str:
        """``whsec_…``; empty for other kinds."""
        return trigger_secret(trigger) if trigger.kind == Kind.WEBHOOK else ""


class SecretSerializer(serializers.Serializer[Any]):
    """A new secret, shown once."""

    secret = serializers.CharField()


class FiringSerializer(serializers.ModelSerializer[TriggerFiring]):
    """One time that a trigger fired, or was to."""

    run = serializers.UUIDField(source="execution.public_id", default=None, allow_null=True)

    class Meta:
        model = TriggerFiring
        fields = ("key", "outcome", "run", "cause", "error", "fired_by", "due_at", "fired_at")


class CallSerializer(serializers.Serializer[Any]):
    """What a call gives beside the trigger's own inputs. Under the same ``key`` it fires once."""

    inputs = serializers.DictField(default=dict)
    key = serializers.CharField(max_length=200, allow_blank=True, default="")


class BackfillSerializer(serializers.Serializer[Any]):
    """From when on, and before when."""

    start = serializers.DateTimeField()
    end = serializers.DateTimeField()


class TriggerViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Trigger]):
    """What starts runs in this tenant."""

    serializer_class = TriggerSerializer
    filterset_fields = ("kind", "definition", "enabled")
    lookup_field = "public_id"
    lookup_url_kwarg = "id"
    lookup_value_regex = "[0-9a-f-]{36}"

    def get_permissions(self) -> list[BasePermission]:
        """Each verb asks for its own permission."""
        return [HasPermission(_PERMISSIONS.get(self.action or "", "settings.manage"))()]

    def get_queryset(self) -> QuerySet[Trigger]:
        """All of this tenant's."""
        return Trigger.objects.order_by("-created_at")

    def get_object(self) -> Trigger:
        """404 also for what is no UUID."""
        try:
            uuid.UUID(self.kwargs["id"])
        except ValueError as error:
            raise Http404("There is no such trigger here.") from error
        return super().get_object()

    @extend_schema(request=TriggerSpecSerializer, responses={201: MadeTriggerSerializer})
    def create(self, request: Request) -> Response:
        """Make a trigger; the answer has a webhook's secret, and no other answer has."""
        spec = _spec(request)
        made = done(lambda: trigger_create(spec=spec, actor=actor_of(request)))
        return Response(MadeTriggerSerializer(made, context={"request": request}).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=TriggerSpecSerializer, responses=TriggerSerializer)
    def update(self, request: Request, **_kwargs: Any) -> Response:
        """Change all but the kind; runs are then started in your name."""
        spec = _spec(request)
        return self._shown(done(lambda: trigger_change(trigger=self.get_object(), spec=spec, actor=actor_of(request))))

    @extend_schema(request=None, responses=TriggerSerializer)
    @action(detail=True, methods=["post"])
    def enable(self, request: Request, **_kwargs: Any) -> Response:
        """Switch it on; missed times are caught up by its rule."""
        return self._shown(trigger_enable(trigger=self.get_object(), enabled=True, actor=actor_of(request)))

    @extend_schema(request=None, responses=TriggerSerializer)
    @action(detail=True, methods=["post"])
    def disable(self, request: Request, **_kwargs: Any) -> Response:
        """Switch it off."""
        return self._shown(trigger_enable(trigger=self.get_object(), enabled=False, actor=actor_of(request)))

    @extend_schema(request=None, responses=SecretSerializer)
    @action(detail=True, methods=["post"], url_path="rotate-secret")
    def rotate_secret(self, request: Request, **_kwargs: Any) -> Response:
        """Give a webhook a new secret, shown here and nowhere again; the former one is good for a day."""
        return Response({"secret": trigger_rotate_secret(trigger=self.get_object(), actor=actor_of(request))})

    @extend_schema(request=CallSerializer, responses={201: FiringSerializer})
    @action(detail=True, methods=["post"])
    def call(self, request: Request, **_kwargs: Any) -> Response:
        """Fire a trigger of the kinds api and form. 400 with the reason where no run was started."""
        body = given(CallSerializer, request)
        firing = trigger_call(trigger=self.get_object(), actor=actor_of(request), **body)
        if firing.execution is None:
            raise serializers.ValidationError({"inputs": [firing.error]})
        return Response(FiringSerializer(firing).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=BackfillSerializer, responses=FiringSerializer(many=True))
    @action(detail=True, methods=["post"], pagination_class=None)
    def backfill(self, request: Request, **_kwargs: Any) -> Response:
        """Fire for every set time that has passed there without a run, at most a hundred."""
        body = given(BackfillSerializer, request)
        fired = trigger_backfill(trigger=self.get_object(), actor=actor_of(request), **body)
        return Response(FiringSerializer(fired, many=True).data)

    @extend_schema(responses=FiringSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=None)
    def firings(self, request: Request, **_kwargs: Any) -> Response:
        """The newest hundred times that it fired, or was to."""
        rows = self.get_object().firings.select_related("execution").order_by("-fired_at", "-id")[:100]
        return Response(FiringSerializer(rows, many=True).data)

    def _shown(self, trigger: Trigger) -> Response:
        return Response(TriggerSerializer(trigger, context={"request": self.request}).data)


def _spec(request: Request) -> TriggerSpec:
    body = given(TriggerSpecSerializer, request)
    return TriggerSpec(**{**body, "kind": Kind(body["kind"]), "catch_up": CatchUp(body["catch_up"])})
