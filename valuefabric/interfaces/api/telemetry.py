"""Telemetry in, realization out."""

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from valuefabric.interfaces.api.base import FabricViewSet, PublicIdField
from valuefabric.models import RealizationReport, TelemetryPoint
from valuefabric.selectors.realization import reports_visible_to
from valuefabric.selectors.telemetry import telemetry_visible_to
from valuefabric.services.telemetry import TelemetryIngest, measurement_of, telemetry_ingest, telemetry_record

MOST_POINTS = 10_000


class TelemetrySerializer(serializers.ModelSerializer[TelemetryPoint]):
    """A measurement, in its spoken unit."""

    customer = PublicIdField("customer")

    class Meta:
        model = TelemetryPoint
        fields = ("customer", "kpi", "observed_at", "value", "unit", "source_system", "synthetic", "added_by", "added_at")


class PointSerializer(serializers.Serializer[Any]):
    """A measurement as sent; the service says which row and column is wrong."""

    observed_at = serializers.CharField()
    kpi = serializers.CharField()
    value = serializers.CharField(help_text="In the KPI's spoken unit: 38.4 with percent.")
    unit = serializers.CharField()
    source_system = serializers.CharField()
    synthetic = serializers.BooleanField(required=False, default=False)


class TelemetryInputSerializer(serializers.Serializer[Any]):
    """Either ``points`` (JSON) or ``file`` (CSV or JSON, as multipart)."""

    customer = serializers.UUIDField()
    points = serializers.ListField(child=serializers.DictField(), required=False, max_length=MOST_POINTS)
    file = serializers.FileField(required=False, max_length=500)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One of the two."""
        if ("points" in attrs) == ("file" in attrs):
            raise serializers.ValidationError("Send either points or a file.")
        return attrs


class TelemetryRequestSerializer(serializers.Serializer[Any]):
    """For the schema: the JSON form."""

    customer = serializers.UUIDField()
    points = PointSerializer(many=True)


class IngestSerializer(serializers.Serializer[Any]):
    """What taking it in led to."""

    added = serializers.IntegerField()
    repeated = serializers.IntegerField()
    synthetic = serializers.BooleanField()
    unknown_kpis = serializers.ListField(child=serializers.CharField())


class TelemetryFilter(filters.FilterSet):
    """``customer`` (public id), ``kpi``, ``observed_after`` and ``observed_before``."""

    customer = filters.UUIDFilter(field_name="customer__public_id")
    observed_after = filters.IsoDateTimeFilter(field_name="observed_at", lookup_expr="gte")
    observed_before = filters.IsoDateTimeFilter(field_name="observed_at", lookup_expr="lt")

    class Meta:
        model = TelemetryPoint
        fields = ("kpi", "source_system", "synthetic")


class TelemetryViewSet(mixins.ListModelMixin, FabricViewSet):
    """Measurements of the customers that the caller may see."""

    serializer_class = TelemetrySerializer
    parser_classes = (JSONParser, MultiPartParser)
    filterset_class = TelemetryFilter
    queryset = TelemetryPoint.objects.none()
    needed = {"create": "telemetry.add"}

    def get_queryset(self) -> QuerySet[TelemetryPoint]:
        """The one filter."""
        return telemetry_visible_to(self.actor).select_related("customer")

    @extend_schema(request=TelemetryRequestSerializer, responses={201: IngestSerializer})
    def create(self, request: Request) -> Response:
        """Take in measurements: all of them or none, each once. A refusal names row and column."""
        given = TelemetryInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        taken = self._taken(given.validated_data)
        return Response(IngestSerializer(taken).data, status=status.HTTP_201_CREATED)

    def _taken(self, given: dict[str, Any]) -> TelemetryIngest:
        customer = self.customer(given["customer"])
        if "file" in given:
            file = given["file"]
            return telemetry_ingest(customer=customer, filename=file.name, content=file.read(), actor=self.actor)
        points = [measurement_of(row, fields) for row, fields in enumerate(given["points"], start=1)]
        return telemetry_record(customer=customer, measurements=points, actor=self.actor)


class RealizationSerializer(serializers.ModelSerializer[RealizationReport]):
    """A realization report; ``result`` has attainment by driver, variance, forecast and renewal risk (decimals as text)."""

    id = serializers.UUIDField(source="public_id", read_only=True)
    customer = PublicIdField("customer")
    commitment = PublicIdField("commitment")

    class Meta:
        model = RealizationReport
        fields = ("id", "customer", "commitment", "as_of", "synthetic", "result", "content_hash", "recorded_by", "created_at")


class RealizationFilter(filters.FilterSet):
    """``customer`` (public id)."""

    customer = filters.UUIDFilter(field_name="customer__public_id")

    class Meta:
        model = RealizationReport
        fields = ("as_of",)


class RealizationViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, FabricViewSet):
    """Realization reports of the customers that the caller may see."""

    serializer_class = RealizationSerializer
    filterset_class = RealizationFilter
    queryset = RealizationReport.objects.none()

    def get_queryset(self) -> QuerySet[RealizationReport]:
        """The one filter."""
        return reports_visible_to(self.actor).select_related("customer", "commitment")
