"""The demo's tenants and people. They exist to be looked at: their password is printed, and good only where VOS_DEMO=1."""

from dataclasses import dataclass

from tenants.roles import Role

PASSWORD = "value-proven-by-evidence"  # noqa: S105  -- printed by ``make run``; refused where VOS_DEMO is off
OPERATOR = "operator@vos.example"
PORTFOLIO_MANAGER = "portfolio@vos.example"


@dataclass(frozen=True)
class DemoTenant:
    """A tenant of the demo."""

    schema_name: str
    name: str


@dataclass(frozen=True)
class DemoPerson:
    """A member of a demo tenant."""

    email: str
    name: str
    tenant: str
    role: Role
    title: str


TENANTS = (DemoTenant("acme", "Acme Learning"), DemoTenant("globex", "Globex Security"))

PEOPLE = (
    DemoPerson("alice@acme.example", "Alice Ortega", "acme", Role.OWNER, "Head of Value Engineering"),
    DemoPerson("sam@acme.example", "Sam Brandt", "acme", Role.SELLER, "Account Executive"),
    DemoPerson("mia@acme.example", "Mia Okafor", "acme", Role.SUCCESS_MANAGER, "Customer Success Manager"),
    DemoPerson("bob@acme.example", "Bob Lindqvist", "acme", Role.APPROVER, "Vice President, Customer Success"),
    DemoPerson("carol@acme.example", "Carol Haddad", "acme", Role.APPROVER, "Finance Business Partner"),
    DemoPerson("vera@acme.example", "Vera Simms", "acme", Role.VIEWER, "Sales Operations"),
    DemoPerson("charlie@globex.example", "Charlie Novak", "globex", Role.OWNER, "Head of Sales"),
)
