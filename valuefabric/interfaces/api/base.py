"""What the resources share: who may, found by public id, pages, and refusals that are conflicts."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar
from uuid import UUID

from django.http import Http404
from rest_framework import exceptions, serializers, status, viewsets
from rest_framework.pagination import CursorPagination
from rest_framework.permissions import BasePermission

from approvals.seating import ChainImpossible
from tenants.actors import Actor, actor_of
from tenants.interfaces.api import HasPermission
from valuefabric.domain.formulas import FormulaError
from valuefabric.models import Customer
from valuefabric.models.states import IllegalTransition
from valuefabric.selectors.customers import customers_visible_to
from valuefabric.services.commitments import NotStamped
from valuefabric.services.links import NotShareable
from valuefabric.services.reviews import ReviewRefused, ReviewStale
from valuefabric.services.value_models import BranchClosed, ModelChanged, ModelLocked

_CONFLICTS = (
    BranchClosed, ChainImpossible, IllegalTransition, ModelChanged, ModelLocked, NotShareable, NotStamped, ReviewRefused,
    ReviewStale,
)  # fmt: skip


class Conflict(exceptions.APIException):
    """409: what is there is not in the state that the caller supposed."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = "It has changed meanwhile. Read it again."
    default_code = "conflict"


@contextmanager
def conflicts() -> Iterator[None]:
    """Answer 409 where a service refuses because of the state of things; bad input stays 400, of a formula with its place."""
    try:
        yield
    except FormulaError as error:
        place = {"row": error.row, "position": str(error.position), "period": error.period}
        raise exceptions.ValidationError({"formula": [str(error)], "place": place}) from error
    except _CONFLICTS as refused:
        raise Conflict(str(refused)) from refused


class NewestFirst(CursorPagination):
    """Cursor pages by the order of making."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
    ordering = "-id"


class FabricViewSet(viewsets.GenericViewSet[Any]):
    """Rows found by public id among those the actor may see; ``needed`` names the permission of each action that writes."""

    pagination_class = NewestFirst
    lookup_field = "public_id"
    lookup_url_kwarg = "id"
    lookup_value_converter = "uuid"
    needed: ClassVar[Mapping[str, str]] = {}
    read_permission: ClassVar[str] = "customer.view"

    def get_permissions(self) -> list[BasePermission]:
        """The permission of the action."""
        return [HasPermission(self.needed.get(self.action or "", self.read_permission))()]

    @property
    def actor(self) -> Actor:
        """Who asks."""
        return actor_of(self.request)

    def customer(self, public_id: UUID) -> Customer:
        """The customer of an id in a request's body; 404 where the actor may not see it."""
        found: Customer | None = customers_visible_to(self.actor).filter(public_id=public_id).first()
        if found is None:
            raise Http404("There is no such customer.")
        return found


class PublicIdField(serializers.UUIDField):
    """The public id of a related row, read from it."""

    def __init__(self, relation: str, **options: Any) -> None:
        super().__init__(source=f"{relation}.public_id", read_only=True, **options)
