"""Business cases: read, review, submit, share, export."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from approvals.services import sighting_record
from kernel.storage.services import blob_get
from valuefabric.interfaces.api.base import FabricViewSet, PublicIdField, conflicts
from valuefabric.interfaces.api.submissions import SubmissionSerializer
from valuefabric.models import BusinessCase, CaseLink, IntegrityReview
from valuefabric.models.states import CaseState
from valuefabric.selectors.cases import cases_visible_to
from valuefabric.services.case_sharing import case_share
from valuefabric.services.commitments import case_submit
from valuefabric.services.exports import case_export_workbook
from valuefabric.services.links import case_link_token
from valuefabric.services.reviews import case_review

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class CaseSerializer(serializers.ModelSerializer[BusinessCase]):
    """A case as listed, with the measures of its model version."""

    id = serializers.UUIDField(source="public_id", read_only=True)
    customer = PublicIdField("customer")
    model = PublicIdField("model_version.model")
    model_version = serializers.IntegerField(source="model_version.number")
    measures = serializers.JSONField(source="model_version.measures")

    class Meta:
        model = BusinessCase
        fields: tuple[str, ...] = (
            "id", "customer", "title", "state", "version", "content_hash", "previous_hash", "model", "model_version", "measures",
            "created_at", "updated_at",
        )  # fmt: skip


class ReviewSerializer(serializers.ModelSerializer[IntegrityReview]):
    """A review: each rule's result, and the signed stamp if all passed."""

    id = serializers.UUIDField(source="public_id", read_only=True)

    class Meta:
        model = IntegrityReview
        fields = (
            "id", "case_version", "content_hash", "rule_set_version", "rule_set_hash", "passed", "results", "violations", "stamp",
            "reviewed_by", "reviewed_at",
        )  # fmt: skip


class CaseDetailSerializer(CaseSerializer):
    """A case with its whole content and its newest review."""

    review = serializers.SerializerMethodField()

    class Meta(CaseSerializer.Meta):
        fields: tuple[str, ...] = (
            *CaseSerializer.Meta.fields, "outcome_owner", "narrative", "narrative_figures", "stakeholders", "exclusions",
            "uncertainties", "forbidden", "measurement_plan", "ai_labels", "review",
        )  # fmt: skip

    @extend_schema(responses=ReviewSerializer)
    def get_review(self, case: BusinessCase) -> dict[str, Any] | None:
        """The newest review of the present content; null before the first."""
        review = case.reviews.filter(content_hash=case.content_hash).order_by("-id").first()
        return dict(ReviewSerializer(review).data) if review else None


class LinkInputSerializer(serializers.Serializer[Any]):
    """For whom a link is, and until when (30 days unless said otherwise)."""

    recipient = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    expires_at = serializers.DateTimeField(required=False)


class LinkSerializer(serializers.ModelSerializer[CaseLink]):
    """A link; whoever has the ``token`` can read the case."""

    id = serializers.UUIDField(source="public_id", read_only=True)
    token = serializers.SerializerMethodField()

    class Meta:
        model = CaseLink
        fields = ("id", "token", "recipient", "expires_at", "revoked_at", "opened_count", "last_opened_at", "created_at")

    def get_token(self, link: CaseLink) -> str:
        """The signed token for the link's address."""
        return case_link_token(link)


class CaseFilter(filters.FilterSet):
    """``customer`` (public id) and ``state``."""

    customer = filters.UUIDFilter(field_name="customer__public_id")
    state = filters.ChoiceFilter(choices=[(state.value, state.value) for state in CaseState])

    class Meta:
        model = BusinessCase
        fields: tuple[str, ...] = ("state",)


class CaseViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, FabricViewSet):
    """Cases of the customers that the caller may see."""

    filterset_class = CaseFilter
    queryset = BusinessCase.objects.none()
    read_permission = "case.view"
    needed = {"review": "model.edit", "submit": "model.edit", "links": "case.share", "link": "case.share"}

    def get_serializer_class(self) -> type[serializers.BaseSerializer[Any]]:
        """The whole content only for one case."""
        return CaseDetailSerializer if self.action == "retrieve" else CaseSerializer

    def get_queryset(self) -> QuerySet[BusinessCase]:
        """The one filter."""
        return cases_visible_to(self.actor).select_related("customer", "model_version__model", "owner")

    def _shown(self) -> BusinessCase:
        """The case, for an answer with the whole of it: that the caller was shown this version is noted, as on its page."""
        case: BusinessCase = self.get_object()
        sighting_record(subject=case.reference, content_hash=case.content_hash, viewer=self.actor, via="api")
        return case

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The whole of one case, with its newest review."""
        return Response(self.get_serializer(self._shown()).data)

    @extend_schema(request=None, responses=ReviewSerializer)
    @action(detail=True, methods=["post"])
    def review(self, request: Request, **_kwargs: Any) -> Response:
        """Hold the case against the manifesto's active rules: stamped, or quarantined with violations and mends."""
        with conflicts():
            return Response(ReviewSerializer(case_review(case=self.get_object(), actor=self.actor)).data)

    @extend_schema(request=None, responses={201: SubmissionSerializer})
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, **_kwargs: Any) -> Response:
        """Ask for approval of the case as it is now; 409 without a stamp."""
        with conflicts():
            submitted = case_submit(case=self.get_object(), actor=self.actor)
        return Response(SubmissionSerializer(submitted).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=LinkInputSerializer, responses={201: LinkSerializer, 202: SubmissionSerializer})
    @action(detail=True, methods=["post"])
    def links(self, request: Request, **_kwargs: Any) -> Response:
        """Make a signed, expiring link to the case's present version; 409 for one that is neither stamped nor committed.

        202 where a policy puts it before people: ``link/`` gives it, under the approval's id, once it is approved and done.
        """
        given = LinkInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        with conflicts():
            shared = case_share(case=self.get_object(), actor=self.actor, **given.validated_data)
        if shared.request is not None:
            return Response(SubmissionSerializer(shared.request).data, status=status.HTTP_202_ACCEPTED)
        return Response(LinkSerializer(shared.link).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses=LinkSerializer, parameters=[OpenApiParameter("link", OpenApiTypes.UUID, OpenApiParameter.PATH)])
    @action(detail=True, methods=["get"], url_path="links/(?P<link>[0-9a-f-]{36})")
    def link(self, _request: Request, link: str, **_kwargs: Any) -> Response:
        """One of one's own links, such as the one that an approval has made; 404 until it is there."""
        rows = self.get_object().links.filter(created_by=self.actor.identifier)
        return Response(LinkSerializer(get_object_or_404(rows, public_id=UUID(link))).data)

    @extend_schema(responses={(200, XLSX): OpenApiResponse(OpenApiTypes.BINARY)})
    @action(detail=True, methods=["get"])
    def workbook(self, request: Request, **_kwargs: Any) -> HttpResponse:
        """The case as a workbook with live formulas."""
        export = case_export_workbook(case=self._shown(), actor=self.actor)
        disposition = f'attachment; filename="{export.filename}"'
        return HttpResponse(blob_get(export.blob), content_type=XLSX, headers={"Content-Disposition": disposition})
