"""Making the demo's ground: public tenant, demo tenants, people, packs, rules, agents, schedule. Repeating it adds nothing."""

from django.conf import settings
from django_tenants.utils import tenant_context

from agents.registry.services import catalog_register
from approvals.models import ApprovalPolicy
from approvals.services import policy_default_for
from kernel.actors import SYSTEM
from kernel.schemas import enter_public
from tenants.models import Domain, Membership, Portfolio, PortfolioManager, Tenant, User
from tenants.provisioning.services import tenant_provision
from tenants.services import member_add, user_create
from valuefabric.governance.services import packs_load, rule_set_load
from vos.demo.people import OPERATOR, PASSWORD, PEOPLE, PORTFOLIO_MANAGER, TENANTS, DemoPerson
from vos.operations.schedule import schedule_set_up


class DemoRefused(RuntimeError):
    """The demo was asked for where it must not be."""


def ground_set_up() -> None:
    """What every installation needs, demo or not: the public tenant, packs, rules, agents, the standing schedule."""
    enter_public()
    public, _new = Tenant.objects.get_or_create(schema_name="public", defaults={"name": "Operators"})
    Domain.objects.get_or_create(domain=settings.VOS_PUBLIC_HOST, defaults={"tenant": public, "is_primary": True})
    packs_load(actor=SYSTEM)
    rule_set_load(actor=SYSTEM)
    catalog_register(actor=SYSTEM)
    schedule_set_up()


def demo_set_up() -> Tenant:
    """Both demo tenants with their people; returns the one that the main job runs in. Raises DemoRefused unless VOS_DEMO=1."""
    if not settings.VOS_DEMO:
        raise DemoRefused("The demo has accounts whose password is public. Set VOS_DEMO=1 to have it here.")
    ground_set_up()
    portfolio, _new = Portfolio.objects.get_or_create(name="Demo portfolio")
    tenants = {demo.schema_name: _tenant(demo.schema_name, demo.name, portfolio) for demo in TENANTS}
    for person in PEOPLE:
        _member(tenants[person.tenant], person)
    _operators(portfolio)
    with tenant_context(tenants["acme"]):
        _policy("case.commit")
    return tenants["acme"]


def demo_is_set_up() -> bool:
    """Whether ``demo_set_up`` has been here."""
    return User.objects.filter(email=PEOPLE[-1].email).exists() and User.objects.filter(email=OPERATOR).exists()


def person_of(title_part: str) -> DemoPerson:
    """The first demo person whose title contains ``title_part``."""
    return next(person for person in PEOPLE if title_part.lower() in person.title.lower())


def _tenant(schema_name: str, name: str, portfolio: Portfolio) -> Tenant:
    existing = Tenant.objects.filter(schema_name=schema_name).first()
    host = f"{schema_name}.{settings.VOS_PUBLIC_HOST}"
    return existing or tenant_provision(
        schema_name=schema_name, name=name, host=host, actor=SYSTEM, portfolio=portfolio, is_demo=True
    )


def _user(email: str, name: str, title: str) -> User:
    existing = User.objects.filter(email=email).first()
    return existing or user_create(email=email, name=name, title=title, password=PASSWORD, is_demo=True)


def _member(tenant: Tenant, person: DemoPerson) -> None:
    """With the demo's role, unless they have one: what people have changed since is not undone by the next start."""
    user = _user(person.email, person.name, person.title)
    if not Membership.objects.filter(tenant=tenant, user=user).exists():
        member_add(tenant=tenant, user=user, role=person.role, actor=SYSTEM)


def _policy(action: str) -> None:
    """The usual one, unless a person has written another."""
    written = ApprovalPolicy.objects.filter(action=action).exclude(updated_by=SYSTEM)
    if not written.exists():
        policy_default_for(action=action, actor=SYSTEM)


def _operators(portfolio: Portfolio) -> None:
    operator = _user(OPERATOR, "Olga Operator", "Platform operations")
    if not operator.is_superuser:
        User.objects.filter(pk=operator.pk).update(is_staff=True, is_superuser=True)
    manager = _user(PORTFOLIO_MANAGER, "Paul Portfolio", "Portfolio management")
    PortfolioManager.objects.get_or_create(user=manager, portfolio=portfolio)
