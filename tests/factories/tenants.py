"""Acme and Globex, with people in every role."""

from dataclasses import dataclass

from django.contrib.auth.hashers import ScryptPasswordHasher, make_password

from tenants.models import Tenant, User
from tenants.provisioning.services import tenant_provision
from tenants.roles import Role
from tenants.services import member_add, user_create


class QuickScrypt(ScryptPasswordHasher):
    """The product's hash of passwords, with next to nothing to do."""

    work_factor = 2**4
    parallelism = 1


@dataclass(frozen=True)
class Person:
    """A person of the tests."""

    email: str
    name: str
    tenant: str
    role: Role
    title: str = ""


PEOPLE = {
    "alice": Person("alice@acme.example", "Alice Owner", "acme", Role.OWNER),
    "bob": Person("bob@acme.example", "Bob Approver", "acme", Role.APPROVER, "Vice President, Customer Success"),
    "carol": Person("carol@acme.example", "Carol Finance", "acme", Role.APPROVER, "Finance Business Partner"),
    "sam": Person("sam@acme.example", "Sam Seller", "acme", Role.SELLER, "Account Executive"),
    "mia": Person("mia@acme.example", "Mia Manager", "acme", Role.SUCCESS_MANAGER, "Customer Success Manager"),
    "vera": Person("vera@acme.example", "Vera Viewer", "acme", Role.VIEWER),
    "charlie": Person("charlie@globex.example", "Charlie Other", "globex", Role.OWNER),
}
PASSWORD = "correct horse battery staple"


def tenants_make() -> None:
    """Make both tenants and all people, unless a reused database has them."""
    if Tenant.objects.filter(schema_name="acme").exists():
        return
    tenants = {
        name: tenant_provision(schema_name=name, name=name.title(), host=f"{name}.localhost", actor="system")
        for name in ("acme", "globex")
    }
    for person in PEOPLE.values():
        user: User = user_create(email=person.email, name=person.name, title=person.title, password=None)
        member_add(tenant=tenants[person.tenant], user=user, role=person.role, actor="system")
    # One hash for all: making each takes a tenth of a second, on purpose.
    User.objects.update(password=make_password(PASSWORD, hasher=QuickScrypt()))
