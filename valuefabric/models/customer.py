"""Customers, and who may see the restricted ones."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from guardian.models import UserObjectPermissionBase

from tenants.models import User
from valuefabric.models.base import FabricRow, actor_history, known_values, owner_field
from valuefabric.models.states import Stage, choices

VIEW_CUSTOMER = "view_customer"

_COUNTRY = RegexValidator(r"^[A-Z]{2}$", "Use the country's two capital letters, such as US or DE.")
_CURRENCY = RegexValidator(r"^[A-Z]{3}$", "Use the currency's three capital letters, such as USD or EUR.")
_NAICS = RegexValidator(r"^[0-9]{2,6}$", "A NAICS code has two to six digits, such as 5132.")


class Customer(FabricRow):
    """A company that a tenant wants to win, serve and grow.

    ``restricted`` hides it from everybody but its owner, the tenant's owners and admins, and those with the object
    permission ``view_customer``.
    """

    kind_word = "customer"

    name = models.CharField(max_length=200)
    industry = models.CharField(max_length=200, blank=True)
    naics = models.CharField("NAICS code", max_length=6, blank=True, validators=[_NAICS])
    country = models.CharField(max_length=2, blank=True, validators=[_COUNTRY], help_text="ISO 3166-1, two capital letters.")
    currency = models.CharField(max_length=3, default="USD", validators=[_CURRENCY], help_text="ISO 4217, three capital letters.")
    owner = owner_field(required=True)
    stage = models.CharField(max_length=12, choices=choices(Stage), default=Stage.OPPORTUNITY)
    restricted = models.BooleanField(default=False)

    history = actor_history()

    class Meta:
        constraints = [
            known_values("stage", [stage.value for stage in Stage], "customer_stage_known"),
            models.CheckConstraint(condition=~Q(name=""), name="customer_has_name"),
            models.CheckConstraint(condition=Q(country__regex=r"^([A-Z]{2})?$"), name="customer_country_code"),
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="customer_currency_code"),
            models.CheckConstraint(condition=Q(naics__regex=r"^([0-9]{2,6})?$"), name="customer_naics_code"),
        ]
        indexes = [models.Index(fields=["-created_at", "-id"], name="customer_newest")]

    def __str__(self) -> str:
        return self.name


class CustomerUserObjectPermission(UserObjectPermissionBase):
    """django-guardian's object permission, with a real foreign key instead of a content type and a text."""

    # Accounts are deleted in the public schema, where this table is not; see owner_field.
    user = models.ForeignKey(User, on_delete=models.DO_NOTHING)
    content_object = models.ForeignKey(Customer, on_delete=models.CASCADE)

    class Meta(UserObjectPermissionBase.Meta):
        verbose_name = "customer permission"
