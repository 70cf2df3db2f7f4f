"""The conservative gate of a model: what it finds, by which limits, and what is exempt. Cases are held to it in review."""

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from approvals.seating import ChainImpossible
from valuefabric.interfaces.api.base import Conflict
from valuefabric.interfaces.api.model_parts import MODEL, ModelPartViewSet
from valuefabric.interfaces.api.submissions import SubmissionSerializer
from valuefabric.models import GateExemption
from valuefabric.models.gate_exemption import LONGEST_REASON
from valuefabric.selectors.conservative_gate import gate_of
from valuefabric.selectors.documents import document_of
from valuefabric.services.gate_exemption_asking import gate_exemption_give
from valuefabric.services.gate_exemptions import ExemptionRefused, gate_exemption_withdraw


class ExemptionSerializer(serializers.ModelSerializer[GateExemption]):
    """An exemption; ``up_to`` is how far beyond the limit it holds."""

    id = serializers.UUIDField(source="public_id", read_only=True)
    version = serializers.IntegerField(source="version.number", read_only=True)

    class Meta:
        model = GateExemption
        fields = ("id", "rule", "row", "up_to", "unit", "reason", "by", "by_name", "version", "created_at", "withdrawn_at")


class ExemptionInputSerializer(serializers.Serializer[Any]):
    """Which row shall pass which rule, and why."""

    rule = serializers.CharField(max_length=40)
    row = serializers.CharField(max_length=64)
    reason = serializers.CharField(max_length=LONGEST_REASON)


@extend_schema_field(OpenApiTypes.STR)
class PlainDecimalField(serializers.Field[Decimal, Any, str, Any]):
    """An exact figure as its digits, without zeros behind them or exponents."""

    def to_representation(self, value: Decimal) -> str:
        """The digits."""
        return f"{value.normalize():f}"


class FindingSerializer(serializers.Serializer[Any]):
    """One thing that the gate finds: ``found`` goes beyond ``allowed`` ``by`` so much, in ``unit``; ``write`` would mend it."""

    rule = serializers.CharField(source="finding.rule")
    row = serializers.CharField(source="finding.row")
    period = serializers.CharField(source="finding.period")
    found = PlainDecimalField(source="finding.found", read_only=True)
    allowed = PlainDecimalField(source="finding.allowed", read_only=True)
    by = PlainDecimalField(source="finding.by", read_only=True)
    unit = serializers.CharField(source="finding.unit")
    message = serializers.CharField(source="finding.message")
    write = serializers.CharField(source="finding.write")
    exemption = ExemptionSerializer(allow_null=True)


class GateSerializer(serializers.Serializer[Any]):
    """A model held to the gate. The limits are the rule set's; ``enforced``: whether a review by it holds cases to the gate."""

    version = serializers.IntegerField()
    rule_set = serializers.CharField(source="gate.rule_set")
    enforced = serializers.BooleanField(source="gate.enforced")
    passed = serializers.BooleanField(source="gate.passed")
    least_risk_adjustment = PlainDecimalField(read_only=True, source="gate.policy.least_risk_adjustment")
    most_at_once = PlainDecimalField(read_only=True, source="gate.policy.most_at_once")
    most_from_one = PlainDecimalField(read_only=True, source="gate.policy.most_from_one")
    findings = FindingSerializer(many=True, source="gate.held")


class GateViewSet(ModelPartViewSet):
    """The gate of one model; giving and withdrawing exemptions is for owners and admins."""

    queryset = GateExemption.objects.none()
    needed = {"exempt": "settings.manage", "withdraw": "settings.manage"}

    def get_queryset(self) -> QuerySet[GateExemption]:
        """The model's own."""
        return self.model.gate_exemptions.select_related("version", "model__customer")

    @extend_schema(responses=GateSerializer, parameters=[MODEL])
    def list(self, _request: Request, **_kwargs: Any) -> Response:
        """What the gate finds in the newest version."""
        model = self.model
        found = gate_of(model, document_of(model.versions.get(number=model.head_number)))
        return Response(GateSerializer({"version": model.head_number, "gate": found}).data)

    @extend_schema(
        request=ExemptionInputSerializer,
        responses={
            201: ExemptionSerializer,
            202: SubmissionSerializer,
            409: OpenApiResponse(description="Nothing to exempt, or exempt already."),
        },
        parameters=[MODEL],
    )
    @action(detail=False, methods=["post"], url_path="exemptions")
    def exempt(self, request: Request, **_kwargs: Any) -> Response:
        """Let a row of the newest version pass a rule, as far beyond the limit as it is now.

        202 where a policy puts it before people: the exemption is there, under the approval's id, once it is approved and done.
        """
        given = ExemptionInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            made = gate_exemption_give(model=self.model, actor=self.actor, **given.validated_data)
        except (ExemptionRefused, ChainImpossible) as refused:
            raise Conflict(str(refused)) from refused
        if made.request is not None:
            return Response(SubmissionSerializer(made.request).data, status=status.HTTP_202_ACCEPTED)
        return Response(ExemptionSerializer(made.exemption).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=ExemptionSerializer, parameters=[MODEL])
    @action(detail=True, methods=["post"])
    def withdraw(self, _request: Request, **_kwargs: Any) -> Response:
        """Take an exemption back; stamped cases of the model are reviewed again."""
        return Response(ExemptionSerializer(gate_exemption_withdraw(exemption=self.get_object(), actor=self.actor)).data)
