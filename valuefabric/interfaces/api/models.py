"""Models: the newest version, its computation in each scenario, edits row by row."""

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from valuefabric.domain.model import compute
from valuefabric.domain.model.choices import DELAY_MONTHS, choices_of, choices_plain
from valuefabric.domain.model.scenarios import scenario_keys, scenario_label
from valuefabric.domain.model.waiting import MAX_MONTHS
from valuefabric.interfaces.api.base import FabricViewSet, PublicIdField, conflicts
from valuefabric.interfaces.api.model_parts import branch_or_404
from valuefabric.models import ModelVersion, ValueModel
from valuefabric.selectors.documents import computation_plain, document_of
from valuefabric.selectors.value_models import models_visible_to
from valuefabric.services.value_models import model_row_update


class ModelSerializer(serializers.ModelSerializer[ValueModel]):
    """A model as listed."""

    id = serializers.UUIDField(source="public_id", read_only=True)
    customer = PublicIdField("customer")
    version = serializers.IntegerField(source="head_number")

    class Meta:
        model = ValueModel
        fields: tuple[str, ...] = (
            "id",
            "customer",
            "title",
            "currency",
            "version",
            "locked_at",
            "withdrawn_at",
            "created_at",
            "updated_at",
        )


class VersionSerializer(serializers.ModelSerializer[ModelVersion]):
    """One version: the document (``vos.model/1``), its hash, its measures (decimals as text)."""

    class Meta:
        model = ModelVersion
        fields = ("number", "document", "content_hash", "measures", "reason", "by", "saved_at")


class ScenarioSerializer(serializers.Serializer[Any]):
    """A scenario to compute."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field of that name, not its own label


class ModelDetailSerializer(ModelSerializer):
    """A model with its newest version."""

    head = serializers.SerializerMethodField()
    scenarios = serializers.SerializerMethodField()
    _head: ModelVersion | None = None

    class Meta(ModelSerializer.Meta):
        fields: tuple[str, ...] = (*ModelSerializer.Meta.fields, "head", "scenarios")

    @extend_schema(responses=VersionSerializer)
    def get_head(self, model: ValueModel) -> dict[str, Any]:
        """The newest version."""
        return dict(VersionSerializer(self._newest(model)).data)

    @extend_schema(responses=ScenarioSerializer(many=True))
    def get_scenarios(self, model: ValueModel) -> list[dict[str, str]]:
        """Every scenario that ``compute`` knows: the ends of the ranges, the model's own, and every benefit halved."""
        document = document_of(self._newest(model))
        return [{"key": key, "label": scenario_label(document, key)} for key in scenario_keys(document)]

    def _newest(self, model: ValueModel) -> ModelVersion:
        if self._head is None or self._head.model_id != model.pk:
            self._head = model.versions.get(number=model.head_number)
        return self._head


class ComputeInputSerializer(serializers.Serializer[Any]):
    """A question of what would be: figures by row, one per period, in place of the row's own. Nothing is saved."""

    scenario = serializers.CharField(max_length=80, default="base", help_text="One of the model's scenarios.")
    overrides = serializers.DictField(
        child=serializers.ListField(child=serializers.DecimalField(max_digits=40, decimal_places=20), max_length=120),
        required=False,
        default=dict,
    )


class ChoicesInputSerializer(serializers.Serializer[Any]):
    """How much later it would begin, and in which scenario."""

    delay = serializers.IntegerField(min_value=0, max_value=MAX_MONTHS, default=DELAY_MONTHS)
    scenario = serializers.CharField(max_length=80, default="base")


class FiguresField(serializers.ListField):
    """One figure for all periods, or one for each."""

    # As written: a number of decimals here would fill up with zeros, and 0.2 would be another content than 0.20.
    child = serializers.DecimalField(max_digits=40, decimal_places=None)
    max_length = 120


class RowEditSerializer(serializers.Serializer[Any]):
    """An edited row. ``version`` is the version that was read: another one by now answers 409. ``branch`` edits on a branch."""

    version = serializers.IntegerField()
    branch = serializers.UUIDField(required=False)
    reason = serializers.CharField(max_length=500)
    values = FiguresField(required=False)
    low = FiguresField(required=False, allow_null=True)
    high = FiguresField(required=False, allow_null=True)
    formula = serializers.CharField(required=False, max_length=2000)
    confidence = serializers.ChoiceField(choices=["high", "medium", "low"], required=False)
    risk_adjustment = serializers.DecimalField(
        max_digits=20, decimal_places=None, min_value=0, max_value=1, required=False, allow_null=True
    )
    note = serializers.CharField(required=False, allow_blank=True, max_length=5000)


class CellChangeSerializer(serializers.Serializer[Any]):
    """A computed cell before and after."""

    row = serializers.CharField()
    unit = serializers.CharField()
    period = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()


class RowUpdateSerializer(serializers.Serializer[Any]):
    """What an edit led to."""

    version = serializers.IntegerField(source="version.number")
    content_hash = serializers.CharField(source="version.content_hash")
    changes = CellChangeSerializer(many=True)


class ModelFilter(filters.FilterSet):
    """``customer`` (public id)."""

    customer = filters.UUIDFilter(field_name="customer__public_id")

    class Meta:
        model = ValueModel
        fields: tuple[str, ...] = ()


class ModelViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, FabricViewSet):
    """Models of the customers that the caller may see."""

    filterset_class = ModelFilter
    queryset = ValueModel.objects.none()
    needed = {"edit_row": "model.edit"}

    def get_serializer_class(self) -> type[serializers.BaseSerializer[Any]]:
        """The document only for one model."""
        return ModelDetailSerializer if self.action == "retrieve" else ModelSerializer

    def get_queryset(self) -> QuerySet[ValueModel]:
        """The one filter."""
        return models_visible_to(self.actor).select_related("customer")

    @extend_schema(request=ComputeInputSerializer, responses=OpenApiTypes.OBJECT)
    @action(detail=True, methods=["post"])
    def compute(self, request: Request, **_kwargs: Any) -> Response:
        """All rows, drivers and measures in a scenario, with overrides; nothing is saved."""
        given = ComputeInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        model = self.get_object()
        document = document_of(model.versions.get(number=model.head_number))
        computed = compute(document, **given.validated_data)
        return Response({"version": model.head_number, **computation_plain(computed)})

    @extend_schema(
        responses=OpenApiTypes.OBJECT,
        parameters=[
            OpenApiParameter("delay", int, description="Months of delay; 12 unless said."),
            OpenApiParameter("scenario", str, description="One of the model's scenarios; base unless said."),
        ],
    )
    @action(detail=True, methods=["get"])
    def choices(self, request: Request, **_kwargs: Any) -> Response:
        """What doing nothing, a delay, owning it and the alternatives come to, by the newest version."""
        given = ChoicesInputSerializer(data=request.query_params)
        given.is_valid(raise_exception=True)
        model = self.get_object()
        document = document_of(model.versions.get(number=model.head_number))
        return Response({"version": model.head_number, **choices_plain(choices_of(document, **given.validated_data))})

    @extend_schema(
        request=RowEditSerializer,
        responses=RowUpdateSerializer,
        parameters=[OpenApiParameter("row", str, OpenApiParameter.PATH, description="The row's key.")],
    )
    @action(detail=True, methods=["patch"], url_path="rows/(?P<row>[A-Za-z][A-Za-z0-9_]{0,79})", url_name="row")
    def edit_row(self, request: Request, row: str, **_kwargs: Any) -> Response:
        """Edit one row; answers with every computed cell that changed."""
        given = RowEditSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        edit = dict(given.validated_data)
        version, reason = edit.pop("version"), edit.pop("reason")
        model = self.get_object()
        branch = branch_or_404(model, edit.pop("branch", None))
        with conflicts():
            update = model_row_update(
                model=model, branch=branch, row=row, reason=reason, actor=self.actor, expected_version=version, **edit
            )
        return Response(RowUpdateSerializer(update).data)
