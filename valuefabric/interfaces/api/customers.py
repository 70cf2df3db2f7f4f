"""Customers."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from valuefabric.interfaces.api.base import FabricViewSet
from valuefabric.models import Customer
from valuefabric.selectors.customers import customers_visible_to
from valuefabric.services.customers import customer_create, customer_update


class CustomerSerializer(serializers.ModelSerializer[Customer]):
    """A customer; ``owner`` is shown by name."""

    id = serializers.UUIDField(source="public_id", read_only=True)
    owner = serializers.StringRelatedField[Any]()

    class Meta:
        model = Customer
        fields = (
            "id", "name", "industry", "naics", "country", "currency", "owner", "stage", "restricted", "created_at", "updated_at",
        )  # fmt: skip


class CustomerInputSerializer(serializers.Serializer[Any]):
    """What can be said about a customer."""

    name = serializers.CharField(max_length=200)
    industry = serializers.CharField(max_length=200, required=False, allow_blank=True)
    naics = serializers.CharField(max_length=6, required=False, allow_blank=True)
    country = serializers.CharField(max_length=2, required=False, allow_blank=True)
    currency = serializers.CharField(max_length=3, required=False)
    restricted = serializers.BooleanField(required=False)


class CustomerViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, FabricViewSet):
    """Customers that the caller may see."""

    serializer_class = CustomerSerializer
    filterset_fields = ("stage", "country", "restricted")
    queryset = Customer.objects.none()
    needed = {"create": "customer.edit", "partial_update": "customer.edit"}

    def get_queryset(self) -> QuerySet[Customer]:
        """The one filter."""
        return customers_visible_to(self.actor).select_related("owner")

    @extend_schema(request=CustomerInputSerializer, responses={201: CustomerSerializer})
    def create(self, request: Request) -> Response:
        """Add a customer; the caller owns it."""
        given = CustomerInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        made = customer_create(actor=self.actor, **given.validated_data)
        return Response(self.get_serializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=CustomerInputSerializer(partial=True), responses=CustomerSerializer)
    def partial_update(self, request: Request, **_kwargs: Any) -> Response:
        """Change the fields given."""
        given = CustomerInputSerializer(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        changed = customer_update(customer=self.get_object(), actor=self.actor, **given.validated_data)
        return Response(self.get_serializer(changed).data)
