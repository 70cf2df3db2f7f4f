"""What versions, branches and comments share: they are found below a model that the caller may see."""

from functools import cached_property
from typing import Any
from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter
from rest_framework.response import Response

from valuefabric.domain.versions import Conflict, MergeBroken
from valuefabric.interfaces.api.base import FabricViewSet, NewestFirst
from valuefabric.models import ModelBranch, ValueModel
from valuefabric.selectors.value_models import models_visible_to
from valuefabric.selectors.versions import branch_of
from valuefabric.services.branch_merges import MergeConflicted

MODEL = OpenApiParameter("model", UUID, OpenApiParameter.PATH, description="The model's id.")
PROBLEM = "application/problem+json"


class ByNumber(NewestFirst):
    """Cursor pages by a version's number."""

    ordering = "-number"


class ModelPartViewSet(FabricViewSet):
    """Parts of one model."""

    @cached_property
    def model(self) -> ValueModel:
        """The model of the address; 404 where the caller may not see it."""
        try:
            public_id = UUID(self.kwargs["model"])
        except ValueError as error:
            raise Http404("There is no such model.") from error
        found: ValueModel | None = models_visible_to(self.actor).select_related("customer").filter(public_id=public_id).first()
        if found is None:
            raise Http404("There is no such model.")
        return found


def branch_or_404(model: ValueModel, public_id: UUID | None) -> ModelBranch | None:
    """The model's branch of an id in a request; None for none. Raises Http404 for one that is not this model's."""
    if public_id is None:
        return None
    branch = branch_of(model, public_id)
    if branch is None:
        raise Http404("The model has no such branch.")
    return branch


def merge_refused(refused: MergeConflicted | MergeBroken) -> Response:
    """409 as problem details, with what is to be decided: ``conflicts``, or the ``row`` where the two do not fit together."""
    body: dict[str, Any] = {"type": "about:blank", "title": "Conflict", "status": 409, "detail": str(refused)}
    if isinstance(refused, MergeConflicted):
        body["conflicts"] = [conflict_plain(conflict) for conflict in refused.conflicts]
    else:
        body["row"] = refused.row
    return Response(body, status=409, content_type=PROBLEM)


def conflict_plain(conflict: Conflict) -> dict[str, Any]:
    """A conflict as JSON; ``place`` is what a choice for it is called."""
    return {name: getattr(conflict, name) for name in Conflict.__dataclass_fields__}
