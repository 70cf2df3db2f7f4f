"""What the commands share: the tenant and the customer that they are told."""

import uuid
from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import CommandError

from tenants.actors import SYSTEM_ACTOR
from tenants.models import Tenant
from valuefabric.models import Customer
from valuefabric.selectors.customers import customers_visible_to


def add_place(parser: ArgumentParser) -> None:
    """The options that name tenant and customer."""
    parser.add_argument("--tenant", required=True, help="the tenant's schema name, such as acme")
    parser.add_argument("--customer", required=True, help="the customer's public id, or its name where only one has it")


def tenant_named(schema_name: str) -> Tenant:
    """The tenant; CommandError where there is none."""
    tenant: Tenant | None = Tenant.objects.filter(schema_name=schema_name).first()
    if tenant is None:
        known = ", ".join(Tenant.objects.order_by("schema_name").values_list("schema_name", flat=True))
        raise CommandError(f"There is no tenant {schema_name!r}. Tenants are: {known or 'none yet'}.")
    return tenant


def customer_named(name: str) -> Customer:
    """The customer of the present tenant by id or by name; CommandError where there is none or more than one."""
    rows = customers_visible_to(SYSTEM_ACTOR)
    try:
        found = list(rows.filter(public_id=uuid.UUID(name)))
    except ValueError:
        found = list(rows.filter(name=name)[:2])
    if len(found) != 1:
        problem = "is no customer" if not found else "is the name of several customers; give the public id"
        raise CommandError(f"{name!r} {problem} of this tenant.")
    return found[0]


def content_of(name: str) -> tuple[str, bytes]:
    """Name and content of a file; CommandError where it cannot be read."""
    path = Path(name)
    try:
        return path.name, path.read_bytes()
    except OSError as error:
        raise CommandError(f"{name}: cannot be read: {error.strerror}") from error
