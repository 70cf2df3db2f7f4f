"""Reading models: which the actor may see, and the newest version."""

from uuid import UUID

from django.db.models import F, QuerySet

from tenants.actors import Actor
from valuefabric.models import Customer, ModelVersion, ValueModel
from valuefabric.selectors.cases import cases_standing
from valuefabric.selectors.customers import customers_visible_to


def models_visible_to(actor: Actor) -> QuerySet[ValueModel]:
    """Models of the customers that the actor may see."""
    return ValueModel.objects.filter(customer__in=customers_visible_to(actor))


def head_version(model: ValueModel) -> ModelVersion:
    """The newest version of a model."""
    return model.versions.select_related("model__customer").get(number=model.head_number)


def version_shown(customer: Customer, public_id: UUID | None = None) -> ModelVersion | None:
    """The version that a customer's pages are about: the one asked for, else the newest case's, else the newest model's head.

    None when there is none, or the one asked for is not this customer's.
    """
    versions = ModelVersion.objects.filter(model__customer=customer).select_related("model__customer", "branch")
    if public_id is not None:
        return versions.filter(public_id=public_id).first()
    of_case = cases_standing(customer).values_list("model_version_id", flat=True).first()
    if of_case is not None:
        return versions.get(pk=of_case)
    return versions.filter(model__withdrawn_at=None, number=F("model__head_number")).order_by("-model_id").first()


def versions_of(customer: Customer, *, limit: int = 50) -> list[ModelVersion]:
    """The main line's versions of the customer's models that stand, newest first, without their documents."""
    rows = ModelVersion.objects.filter(model__customer=customer, model__withdrawn_at=None, branch=None).select_related("model")
    return list(rows.defer("document").order_by("-model_id", "-number")[:limit])
