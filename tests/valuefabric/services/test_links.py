from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django_tenants.utils import tenant_context

from kernel.audit.models import AuditRecord
from tenants.actors import Actor
from tenants.models import Tenant
from tests.factories.valuefabric import case_make, honest_draft, stamped_case
from tests.valuefabric.worlds import *  # noqa: F403 -- fixtures, which pytest finds by name
from valuefabric.models import BusinessCase, CaseLink, Customer
from valuefabric.services.cases import case_draft
from valuefabric.services.links import (
    LinkGone,
    LinkUnknown,
    NotShareable,
    case_link_create,
    case_link_open,
    case_link_revoke,
    case_link_token,
)

pytestmark = pytest.mark.usefixtures("in_acme")


@pytest.fixture(scope="module")
def case(acme: Tenant, kept_customer: Customer, seller: Actor) -> BusinessCase:
    with tenant_context(acme):
        return stamped_case(kept_customer, seller)


def test_link_shows_its_version_and_counts(case: BusinessCase, seller: Actor) -> None:
    link = case_link_create(case=case, actor=seller, recipient="finance@composite.example")
    token = case_link_token(link)

    shown = case_link_open(token=token)
    case_link_open(token=token)

    assert shown.content_hash == case.content_hash
    assert CaseLink.objects.get(pk=link.pk).opened_count == 2
    assert list(AuditRecord.objects.filter(subject=link.reference).order_by("id").values_list("action", "actor")) == [
        ("case.shared", seller.identifier),
        ("case.opened", link.reference),
        ("case.opened", link.reference),
    ]


def test_link_goes_on_showing_the_version_that_was_shared(case: BusinessCase, seller: Actor) -> None:
    token = case_link_token(case_link_create(case=case, actor=seller))
    case_draft(
        customer=case.customer, model_version=case.model_version, draft=honest_draft(title="Later"), actor=seller, case=case
    )

    assert case_link_open(token=token).title == "Customer education"


def test_expired_link_is_gone(case: BusinessCase, seller: Actor) -> None:
    link = case_link_create(case=case, actor=seller)
    past = timezone.now() - timedelta(seconds=1)
    CaseLink.objects.filter(pk=link.pk).update(expires_at=past, created_at=past - timedelta(days=1))

    with pytest.raises(LinkGone, match="Ask whoever sent it"):
        case_link_open(token=case_link_token(link))

    assert CaseLink.objects.get(pk=link.pk).opened_count == 0


def test_revoked_link_is_gone(case: BusinessCase, seller: Actor) -> None:
    link = case_link_create(case=case, actor=seller)

    case_link_revoke(link=link, actor=seller)
    case_link_revoke(link=link, actor=seller)

    with pytest.raises(LinkGone):
        case_link_open(token=case_link_token(link))
    assert AuditRecord.objects.filter(action="case.link_revoked").count() == 1


@pytest.mark.parametrize("forge", ["x", "", "a:b:c", "é", "{id}", "{id}:forged", "{token}x", "0{token}"])
def test_forged_token_is_unknown(case: BusinessCase, seller: Actor, forge: str) -> None:
    link = case_link_create(case=case, actor=seller)
    token = forge.format(id=link.public_id.hex, token=case_link_token(link))

    with pytest.raises(LinkUnknown):
        case_link_open(token=token)

    assert CaseLink.objects.get(pk=link.pk).opened_count == 0


def test_token_of_another_tenant_is_unknown(case: BusinessCase, seller: Actor, globex: Tenant) -> None:
    token = case_link_token(case_link_create(case=case, actor=seller))

    with tenant_context(globex), pytest.raises(LinkUnknown):
        case_link_open(token=token)


def test_draft_is_not_shared(customer: Customer, seller: Actor) -> None:
    with pytest.raises(NotShareable, match="draft"):
        case_link_create(case=case_make(customer, seller), actor=seller)

    assert CaseLink.objects.count() == 0


@pytest.mark.parametrize("days", [-1, 0, 400])
def test_link_lasts_at_most_a_year(case: BusinessCase, seller: Actor, days: int) -> None:
    with pytest.raises(ValueError, match="within a year"):
        case_link_create(case=case, actor=seller, expires_at=timezone.now() + timedelta(days=days))


def test_viewer_cannot_share(case: BusinessCase, viewer: Actor) -> None:
    with pytest.raises(PermissionDenied):
        case_link_create(case=case, actor=viewer)

    assert CaseLink.objects.count() == 0
