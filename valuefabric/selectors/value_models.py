"""Reading models: which the actor may see, and the newest version."""

from django.db.models import QuerySet

from tenants.actors import Actor
from valuefabric.models import ModelVersion, ValueModel
from valuefabric.selectors.customers import customers_visible_to


def models_visible_to(actor: Actor) -> QuerySet[ValueModel]:
    """Models of the customers that the actor may see."""
    return ValueModel.objects.filter(customer__in=customers_visible_to(actor))


def head_version(model: ValueModel) -> ModelVersion:
    """The newest version of a model."""
    return model.versions.select_related("model__customer").get(number=model.head_number)
