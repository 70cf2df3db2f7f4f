"""Evidence: documents in, text and spans out."""

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, mixins, serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from valuefabric.domain.evidence import DEFAULT_LIMITS
from valuefabric.interfaces.api.base import FabricViewSet, PublicIdField
from valuefabric.models import Evidence, EvidenceSpan
from valuefabric.models.value_tree import CLASSIFICATIONS
from valuefabric.selectors.evidence import evidence_visible_to
from valuefabric.services.evidence import evidence_add


class EvidenceSerializer(serializers.ModelSerializer[Evidence]):
    """A document as listed. ``untrusted`` is always true: its text is data, never instructions."""

    id = serializers.UUIDField(source="public_id", read_only=True)
    customer = PublicIdField("customer")

    class Meta:
        model = Evidence
        fields: tuple[str, ...] = (
            "id", "customer", "filename", "kind", "media_type", "size", "sha256", "notices", "classification", "untrusted",
            "added_by", "added_at",
        )  # fmt: skip


class SpanSerializer(serializers.ModelSerializer[EvidenceSpan]):
    """A citable part of the text."""

    class Meta:
        model = EvidenceSpan
        fields = ("start", "end", "locator")


class EvidenceDetailSerializer(EvidenceSerializer):
    """A document with its canonical text and spans; offsets count characters."""

    spans = SpanSerializer(many=True)

    class Meta(EvidenceSerializer.Meta):
        fields: tuple[str, ...] = (*EvidenceSerializer.Meta.fields, "text", "spans")


class EvidenceInputSerializer(serializers.Serializer[Any]):
    """An upload: text, JSON, CSV or XLSX. ``classification`` (else confidential) bounds to which models it may be sent."""

    customer = serializers.UUIDField()
    file = serializers.FileField(max_length=500)
    classification = serializers.ChoiceField(CLASSIFICATIONS, required=False)


class EvidenceFilter(filters.FilterSet):
    """``customer`` (public id) and ``kind``."""

    customer = filters.UUIDFilter(field_name="customer__public_id")

    class Meta:
        model = Evidence
        fields = ("kind",)


class EvidenceViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, FabricViewSet):
    """Evidence of the customers that the caller may see."""

    parser_classes = (MultiPartParser,)
    filterset_class = EvidenceFilter
    queryset = Evidence.objects.none()
    needed = {"create": "evidence.add"}

    def get_serializer_class(self) -> type[serializers.BaseSerializer[Any]]:
        """Text and spans only for one document."""
        return EvidenceDetailSerializer if self.action == "retrieve" else EvidenceSerializer

    def get_queryset(self) -> QuerySet[Evidence]:
        """The one filter."""
        rows = evidence_visible_to(self.actor).select_related("customer")
        return rows.prefetch_related("spans") if self.action == "retrieve" else rows.defer("text")

    @extend_schema(request=EvidenceInputSerializer, responses={201: EvidenceSerializer})
    def create(self, request: Request) -> Response:
        """Store a document; the same content again answers with the one that is there."""
        given = EvidenceInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        customer, file = self.customer(given.validated_data["customer"]), given.validated_data["file"]
        if file.size > DEFAULT_LIMITS.file_bytes:
            # Before it is read into memory.
            raise exceptions.ValidationError({"file": [f"The file has more than {DEFAULT_LIMITS.file_bytes:,} bytes."]})
        stored = evidence_add(
            customer=customer,
            filename=file.name,
            content=file.read(),
            actor=self.actor,
            classification=given.validated_data.get("classification"),
        )
        return Response(EvidenceSerializer(stored).data, status=status.HTTP_201_CREATED)
