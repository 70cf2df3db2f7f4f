"""Versions of a model: listed, read, held side by side, gone back to."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from valuefabric.domain.versions import ModelDifference, plain
from valuefabric.interfaces.api.base import conflicts
from valuefabric.interfaces.api.model_parts import MODEL, ByNumber, ModelPartViewSet, branch_or_404
from valuefabric.models import ModelVersion
from valuefabric.selectors.versions import version_numbered, versions_difference, versions_listed
from valuefabric.services.branches import model_revert


class ListedVersionSerializer(serializers.ModelSerializer[ModelVersion]):
    """A version without its document. ``branch`` is null on the main line; ``merged`` is what was merged into ``parent``."""

    branch = serializers.UUIDField(source="branch.public_id", read_only=True, allow_null=True, default=None)
    # A field of that name, not the serializer above this one.
    parent = serializers.IntegerField(source="parent.number", read_only=True, allow_null=True, default=None)  # type: ignore[assignment]
    merged = serializers.IntegerField(source="merge_parent.number", read_only=True, allow_null=True, default=None)

    class Meta:
        model = ModelVersion
        fields: tuple[str, ...] = (
            "number", "branch", "parent", "merged", "content_hash", "measures", "reason", "by", "saved_at",
        )  # fmt: skip


class WholeVersionSerializer(ListedVersionSerializer):
    """A version with its document (``vos.model/1``)."""

    class Meta(ListedVersionSerializer.Meta):
        fields: tuple[str, ...] = (*ListedVersionSerializer.Meta.fields, "document")


class EntrySerializer(serializers.Serializer[Any]):
    """A row, driver or period that one version has and the other has not."""

    collection = serializers.CharField()
    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field of that name, not its own label
    text = serializers.CharField()


class RenamedSerializer(serializers.Serializer[Any]):
    """A row that goes by another key."""

    before = serializers.CharField()
    after = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field of that name, not its own label


class PlainField(serializers.JSONField):
    """A document's value as JSON: decimals as text, figures by period, null for nothing."""

    def to_representation(self, value: Any) -> Any:
        return plain(value)


class WrittenChangeSerializer(serializers.Serializer[Any]):
    """One thing written otherwise; ``period`` is set for one figure of a row."""

    part = serializers.CharField()
    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field of that name, not its own label
    field = serializers.CharField()
    period = serializers.CharField()
    unit = serializers.CharField()
    before = PlainField()
    after = PlainField()


class ComputedCellSerializer(serializers.Serializer[Any]):
    """A computed figure that came out otherwise; null where a version has no such cell."""

    row = serializers.CharField()
    unit = serializers.CharField()
    period = serializers.CharField()
    before = PlainField()
    after = PlainField()


class ComputedFigureSerializer(serializers.Serializer[Any]):
    """A measure (``npv``) or a driver's present value (``driver.retention.pv``) that came out otherwise."""

    name = serializers.CharField()
    unit = serializers.CharField()
    before = PlainField()
    after = PlainField()


class DifferenceSerializer(serializers.Serializer[Any]):
    """Everything that the second version says otherwise than the first."""

    sentences = serializers.ListField(child=serializers.CharField())
    added = EntrySerializer(many=True)
    removed = EntrySerializer(many=True)
    renamed = RenamedSerializer(many=True)
    reordered = serializers.ListField(child=serializers.CharField())
    changes = WrittenChangeSerializer(many=True)
    cells = ComputedCellSerializer(many=True)
    measures = ComputedFigureSerializer(source="figures", many=True)


class RevertSerializer(serializers.Serializer[Any]):
    """Going back. ``version`` is the newest one that was read: another one by now answers 409. ``branch``: on that branch."""

    version = serializers.IntegerField(min_value=1)
    reason = serializers.CharField(max_length=500)
    branch = serializers.UUIDField(required=False)


class VersionFilter(filters.FilterSet):
    """``branch``: a branch's id, or ``main`` for the main line; without it all."""

    branch = filters.CharFilter(method="of_branch")

    class Meta:
        model = ModelVersion
        fields: tuple[str, ...] = ()

    def of_branch(self, rows: QuerySet[ModelVersion], _name: str, value: str) -> QuerySet[ModelVersion]:
        """The versions of one line."""
        if value == "main":
            return rows.filter(branch=None)
        branch = serializers.UUIDField().run_validation(value)
        return rows.filter(branch__public_id=branch)


@extend_schema(parameters=[MODEL])
class VersionViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ModelPartViewSet):
    """Versions of a model, of all its lines; a number names one."""

    queryset = ModelVersion.objects.none()
    pagination_class = ByNumber
    filterset_class = VersionFilter
    lookup_field = "number"
    lookup_url_kwarg = "number"
    lookup_value_regex = "[0-9]{1,9}"
    needed = {"revert": "model.edit"}

    def get_serializer_class(self) -> type[serializers.BaseSerializer[Any]]:
        """The document only for one version."""
        return WholeVersionSerializer if self.action == "retrieve" else ListedVersionSerializer

    def get_queryset(self) -> QuerySet[ModelVersion]:
        """Below the one filter."""
        rows = versions_listed(self.model)
        return rows.defer(None).defer("parent__document", "merge_parent__document") if self.action == "retrieve" else rows

    @extend_schema(
        responses=DifferenceSerializer,
        parameters=[OpenApiParameter("other", OpenApiTypes.INT, OpenApiParameter.PATH, description="The later version.")],
    )
    @action(detail=True, methods=["get"], url_path=r"diff/(?P<other>[0-9]{1,9})", filterset_class=None, pagination_class=None)
    def diff(self, request: Request, number: str, other: str, **_kwargs: Any) -> Response:
        """What version ``other`` says otherwise than this one."""
        model = self.model
        before, after = (version_numbered(model, int(one)) for one in (number, other))
        if before is None or after is None:
            raise Http404("The model has no such version.")
        told: ModelDifference = versions_difference(before, after)
        return Response(DifferenceSerializer(told).data)

    @extend_schema(request=RevertSerializer, responses=ListedVersionSerializer)
    @action(detail=True, methods=["post"])
    def revert(self, request: Request, number: str, **_kwargs: Any) -> Response:
        """Undo: save a next version that says what this one said; 409 while a commitment stands on the model."""
        given = RevertSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        model = self.model
        if version_numbered(model, int(number)) is None:
            raise Http404("The model has no such version.")
        with conflicts():
            made = model_revert(
                model=model,
                branch=branch_or_404(model, given.validated_data.get("branch")),
                to_version=int(number),
                reason=given.validated_data["reason"],
                actor=self.actor,
                expected_version=given.validated_data["version"],
            )
        return Response(ListedVersionSerializer(made).data)
