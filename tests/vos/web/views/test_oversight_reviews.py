"""The review queue: objecting in time to what went on, and looking at samples of what a rule did."""

from collections.abc import Callable

import pytest
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import schema_context, tenant_context

from approvals.chains import Chain, Stage
from approvals.models import ApprovalRequest, Review, Sighting
from approvals.modes import Mode, SecondFactor
from approvals.services import approval_apply
from approvals.terms import Terms
from tenants.actors import Actor
from tenants.models import Tenant, User
from tenants.roles import Role
from tests.factories.approvals import publish_make

type ClientFor = Callable[[User | None, Tenant], Client]

URL = "/oversight/reviews/"
HX = {"HX-Request": "true"}
CHAIN = Chain(stages=(Stage(title="Approvers", role=Role.APPROVER),))
ON = Terms(chain=CHAIN, mode=Mode.ON)
OVER = Terms(chain=CHAIN, mode=Mode.OVER, sample_percent=100)


@pytest.fixture
def bobs(client_for: ClientFor, bob: User, acme: Tenant) -> Client:
    """Bob's browser."""
    return client_for(bob, acme)


@pytest.fixture
def published(acme: Tenant, seller: Actor) -> Callable[..., ApprovalRequest]:
    """``published(ON)`` is a page of Sam's that went on by those terms, and was done."""

    def make(terms: Terms, subject: str = "page:1") -> ApprovalRequest:
        with tenant_context(acme):
            request = publish_make(requested_by=seller.identifier, subject=subject, terms=terms)
            approval_apply(request=request)
            return request

    return make


def reviews() -> list[Review]:
    with schema_context("acme"):
        return list(Review.objects.order_by("pk"))


def test_an_empty_queue_says_so(bobs: Client) -> None:
    page = bobs.get(URL).content.decode()
    assert "Nothing goes on at this moment that you could object to." in page
    assert "No sample waits for you." in page


def test_an_objection_undoes_what_went_on(published: Callable[..., ApprovalRequest], bobs: Client) -> None:
    request = published(ON)
    page = bobs.get(URL).content.decode()
    assert "may be objected to until" in page
    url = f"{URL}{request.public_id}/"
    assert "I object: it is to be undone" in bobs.get(url, headers=HX).content.decode()
    with schema_context("acme"):
        [seen] = Sighting.objects.filter(subject=request.subject)
        assert (seen.viewer_name, seen.content_hash, seen.via) == ("Bob Approver", request.content_hash, "approval")
    done = bobs.post(url, {"outcome": "objection", "reason": "The price is last year's."}, headers=HX)
    assert done["HX-Redirect"] == URL
    (review,) = reviews()
    assert (review.outcome, review.reviewer_name, review.reason) == ("objection", "Bob Approver", "The price is last year's.")
    after = bobs.get(URL).content.decode()
    assert "An objection" in after
    assert "is being undone" in after
    assert "Nothing goes on at this moment" in after


def test_an_objection_needs_a_reason(published: Callable[..., ApprovalRequest], bobs: Client) -> None:
    answer = bobs.post(f"{URL}{published(ON).public_id}/", {"outcome": "objection", "reason": " "})
    assert answer.status_code == 422
    assert "Say what is wrong" in answer.content.decode()
    assert reviews() == []


@pytest.mark.parametrize(
    ("outcome", "reason", "told"),
    [("fine", "", "Nothing to say against it"), ("finding", "Too dear.", "A finding")],
    ids=["fine", "finding"],
)
def test_a_sample_is_looked_at_once(
    outcome: str, reason: str, told: str, published: Callable[..., ApprovalRequest], bobs: Client
) -> None:
    url = f"{URL}{published(OVER).public_id}/"
    assert "Look at it" in bobs.get(URL).content.decode()
    assert "I object" not in bobs.get(url).content.decode()
    assert bobs.post(url, {"outcome": outcome, "reason": reason}).status_code == 302
    page = bobs.get(URL).content.decode()
    assert told in page
    assert "No sample waits for you." in page
    again = bobs.post(url, {"outcome": "fine"})
    assert again.status_code == 422
    assert "cannot be given twice" in again.content.decode()


def test_what_goes_over_the_loop_cannot_be_objected_to(published: Callable[..., ApprovalRequest], bobs: Client) -> None:
    answer = bobs.post(f"{URL}{published(OVER).public_id}/", {"outcome": "objection", "reason": "no"})
    assert answer.status_code == 422
    assert reviews() == []


def test_a_second_factor_is_asked_where_the_policy_asks_it(published: Callable[..., ApprovalRequest], bobs: Client) -> None:
    request = published(ON.model_copy(update={"second_factor": SecondFactor.ANY}))
    answer = bobs.post(f"{URL}{request.public_id}/", {"outcome": "objection", "reason": "no"})
    assert answer.status_code == 422
    assert "second factor" in answer.content.decode()
    assert reviews() == []


def test_the_drawer_takes_the_code_once(published: Callable[..., ApprovalRequest], bobs: Client, bob: User) -> None:
    request = published(ON.model_copy(update={"second_factor": SecondFactor.ANY}))
    secret = generate_totp_secret()
    with schema_context("acme"):
        TOTP.activate(bob, secret)
    url = f"{URL}{request.public_id}/"
    assert 'name="code"' in bobs.get(url).content.decode()

    wrong = bobs.post(url, {"outcome": "objection", "reason": "no", "code": "000000"})
    assert (wrong.status_code, reviews()) == (422, [])
    assert "not right" in wrong.content.decode()

    counters = list(yield_hotp_counters_from_time())
    code = format_hotp_value(hotp_value(secret, counters[len(counters) // 2]))
    assert bobs.post(url, {"outcome": "objection", "reason": "no", "code": code}).status_code == 302
    assert [one.second_factor for one in reviews()] == ["totp"]


def test_who_does_not_vote_sees_no_queue_and_says_nothing(
    published: Callable[..., ApprovalRequest], sams: Client, client_for: ClientFor, charlie: User, globex: Tenant
) -> None:
    request = published(ON)
    assert "Nothing goes on" in sams.get(URL).content.decode()
    assert sams.post(f"{URL}{request.public_id}/", {"outcome": "fine"}).status_code == 403
    assert client_for(charlie, globex).post(f"{URL}{request.public_id}/", {"outcome": "fine"}).status_code == 404
    assert reviews() == []


def test_its_queries_do_not_grow(published: Callable[..., ApprovalRequest], bobs: Client) -> None:
    def counted() -> int:
        with CaptureQueriesContext(connection) as made:
            assert bobs.get(URL).status_code == 200
        return len(made)

    published(ON)
    one = counted()
    published(ON, "page:2")
    published(ON, "page:3")
    assert counted() == one
