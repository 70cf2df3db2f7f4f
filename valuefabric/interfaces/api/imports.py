"""Models in and out as files: the upload with its report, and the formats of an export."""

import json
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import exceptions, serializers, status
from rest_framework.decorators import action
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from valuefabric.domain.imports import Choices
from valuefabric.exports.model_formats import FORMATS, ExportRefused, export_model
from valuefabric.interfaces.api.base import FabricViewSet, conflicts
from valuefabric.models import Customer, ValueModel
from valuefabric.selectors.customers import customers_visible_to
from valuefabric.selectors.documents import document_of, document_plain
from valuefabric.selectors.model_imports import import_preview
from valuefabric.selectors.value_models import models_visible_to
from valuefabric.services.model_imports import BroughtFile, ModelNotImported, model_import

LARGEST_FILE = 5_000_000  # bytes; larger workbooks are refused by their reader


class RolesField(serializers.CharField):
    """JSON text of row keys and ``benefit``, ``cost`` or ``none``: a multipart form has no objects."""

    def to_internal_value(self, data: Any) -> Any:
        """The mapping; refused where it is none."""
        text = super().to_internal_value(data)
        try:
            roles = json.loads(text)
        except ValueError:
            roles = None
        if not isinstance(roles, dict) or not set(map(str, roles.values())) <= {"benefit", "cost", "none"} or len(roles) > 1_000:
            raise serializers.ValidationError('Give JSON such as {"licence": "cost", "tickets": "none"}.')
        return roles


class ModelImportSerializer(serializers.Serializer[Any]):
    """A file, and what is decided in place of what would be assumed. ``model`` takes the import as its next version."""

    file = serializers.FileField(max_length=500)
    model = serializers.UUIDField(required=False)
    version = serializers.IntegerField(required=False, min_value=1)
    reason = serializers.CharField(required=False, max_length=500, default="")
    roles = RolesField(required=False)
    discount_rate = serializers.DecimalField(
        required=False, max_digits=20, decimal_places=None, min_value=Decimal(0), max_value=Decimal(10)
    )
    currency = serializers.RegexField(r"^[A-Z]{3}$", required=False)
    title = serializers.CharField(required=False, max_length=200)
    years = serializers.IntegerField(required=False, min_value=1, max_value=100)

    def choices(self) -> Choices:
        """What the caller decided."""
        names = ("roles", "discount_rate", "currency", "title", "years")
        return Choices(**{name: self.validated_data[name] for name in names if name in self.validated_data})


class ModelImportViewSet(FabricViewSet):
    """``POST customers/{id}/models/import``: its own resource, since only it takes files."""

    parser_classes = (MultiPartParser,)
    serializer_class = ModelImportSerializer
    queryset = Customer.objects.none()
    needed = {"import_model": "model.edit"}

    def get_queryset(self) -> QuerySet[Customer]:
        """The one filter."""
        return customers_visible_to(self.actor)

    @extend_schema(
        request={"multipart/form-data": ModelImportSerializer},
        responses={200: OpenApiTypes.OBJECT, 201: OpenApiTypes.OBJECT, 422: OpenApiTypes.OBJECT},
        parameters=[OpenApiParameter("dry_run", bool, description="1: answer with report and document, and store nothing.")],
    )
    @action(detail=True, methods=["post"], url_path="models/import", url_name="model-import")
    def import_model(self, request: Request, **_kwargs: Any) -> Response:
        """Make a model of a file: a workbook, a ValueModel, a model file. 422 with the report where it holds none."""
        given = ModelImportSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        customer, upload = self.get_object(), given.validated_data["file"]
        if upload.size > LARGEST_FILE:
            # Before it is read into memory.
            raise exceptions.ValidationError({"file": [f"The file has more than {LARGEST_FILE:,} bytes."]})
        file = BroughtFile(upload.name, upload.read())
        if request.query_params.get("dry_run", "") in {"1", "true"}:
            return self._tried(import_preview(customer, file.name, file.content, given.choices()))
        model = self._model(customer, given.validated_data.get("model"))
        try:
            with conflicts():
                saved = model_import(
                    customer=customer,
                    file=file,
                    actor=self.actor,
                    choices=given.choices(),
                    reason=given.validated_data["reason"],
                    model=model,
                    expected_version=given.validated_data.get("version"),
                )
        except ModelNotImported as refused:
            return Response({"report": refused.report.plain()}, status=status.HTTP_422_UNPROCESSABLE_ENTITY)
        answer = {
            "model": str(saved.version.model.public_id),
            "version": saved.version.number,
            "content_hash": saved.version.content_hash,
            "evidence": str(saved.evidence.public_id),
            "report": saved.report.plain(),
        }
        return Response(answer, status=status.HTTP_201_CREATED)

    def _tried(self, imported: Any) -> Response:
        if imported.document is None:
            return Response({"report": imported.report.plain()}, status=status.HTTP_422_UNPROCESSABLE_ENTITY)
        return Response({"document": document_plain(imported.document), "report": imported.report.plain()})

    def _model(self, customer: Any, public_id: Any) -> ValueModel | None:
        if public_id is None:
            return None
        found = models_visible_to(self.actor).filter(customer=customer, public_id=public_id).first()
        if found is None:
            raise exceptions.NotFound("There is no such model of this customer.")
        return found


class AnyFormat(DefaultContentNegotiation):
    """``?format=`` names the format of the file here, not that of the answer's serializer."""

    def filter_renderers(self, renderers: Any, format: str) -> Any:
        """All of them."""
        return renderers


class ModelExportViewSet(FabricViewSet):
    """``GET models/{id}/export``."""

    content_negotiation_class = AnyFormat
    serializer_class = serializers.Serializer
    queryset = ValueModel.objects.none()

    def get_queryset(self) -> QuerySet[ValueModel]:
        """The one filter."""
        return models_visible_to(self.actor)

    @extend_schema(
        responses={(200, "application/octet-stream"): OpenApiResponse(OpenApiTypes.BINARY)},
        parameters=[
            OpenApiParameter("format", str, enum=FORMATS, description="yaml unless another is asked for."),
            OpenApiParameter("version", int, description="The newest unless another is asked for."),
        ],
    )
    @action(detail=True, methods=["get"])
    def export(self, request: Request, **_kwargs: Any) -> HttpResponse:
        """The model as a file: our YAML, a ValueModel of The Value Project, or a workbook with live formulas."""
        wanted = request.query_params.get("format", "yaml")
        if wanted not in FORMATS:
            raise exceptions.ValidationError({"format": [f"Choose one of {', '.join(FORMATS)}."]})
        model = self.get_object()
        number = request.query_params.get("version", "")
        version = model.versions.filter(number=int(number) if number.isdigit() and len(number) < 9 else model.head_number).first()
        if version is None:
            raise exceptions.NotFound("The model has no such version.")
        try:
            exported = export_model(document_of(version), wanted, saved_at=version.saved_at)
        except ExportRefused as refused:
            raise exceptions.ValidationError({"format": [str(refused)]}) from refused
        name = content_disposition_header(
            as_attachment=True, filename=f"model-{model.public_id}-v{version.number}{exported.suffix}"
        )
        headers = {"Content-Disposition": name or "attachment", "X-Content-Type-Options": "nosniff"}
        return HttpResponse(exported.content, content_type=exported.media_type, headers=headers)
