"""A tenant, the hosts that lead to it, and the portfolio it may belong to."""

from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django_tenants.models import DomainMixin, TenantMixin

# Short, because the database role's name holds it together with the database's name and Postgres cuts names at 63 bytes.
SCHEMA_NAME = RegexValidator(
    r"^[a-z][a-z0-9_]{1,29}$", "Use 2 to 30 lower-case letters, digits and underscores, beginning with a letter."
)


def time_zone_known(name: str) -> None:
    """Raise ValidationError for what is no time zone of the IANA database."""
    if name not in available_timezones():
        raise ValidationError(f"{name!r} is no time zone. Write one such as Europe/Berlin or America/New_York.")


class Portfolio(models.Model):  # type: ignore[django-manager-missing]  # TenantMixin is untyped
    """A group of tenants under one management: a company's divisions, or a studio's ventures."""

    name = models.CharField(max_length=120, unique=True)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name


class Tenant(TenantMixin):
    """A company that uses VOS: one Postgres schema, one Postgres role, its own hosts."""

    # Schema, role and grants are made by tenants.provisioning, in one place and order.
    auto_create_schema = False

    schema_name = models.CharField(max_length=30, unique=True, validators=[SCHEMA_NAME])
    name = models.CharField(max_length=120)
    portfolio = models.ForeignKey(Portfolio, null=True, blank=True, on_delete=models.PROTECT, related_name="tenants")
    is_demo = models.BooleanField(default=False, help_text="Its data is made up, and its pages say so.")
    time_zone = models.CharField(
        max_length=64, default="UTC", validators=[time_zone_known], help_text="Where its days begin, such as Europe/Berlin."
    )
    is_active = models.BooleanField(default=True, help_text="An inactive tenant's hosts answer 404.")
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """Its time zone."""
        return ZoneInfo(self.time_zone)


class Domain(DomainMixin):
    """A host name that leads to a tenant."""
