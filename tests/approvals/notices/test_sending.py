"""Sending: what arrives, how often, and what happens when it cannot."""

import json
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage

import pytest
from django.core import mail
from django.utils import timezone
from django_tenants.utils import schema_context

from approvals.models import ApprovalRequest
from approvals.notices.kinds import Kind
from approvals.notices.models import Notice, PushDevice
from approvals.notices.services import NOTICE_WORK, choice_set
from approvals.services import approval_vote
from kernel.scheduler.models import DueWork
from kernel.stops.services import stop_release, stop_release_withdraw, stop_set
from tenants.actors import Actor
from tenants.models import Membership, Tenant, User
from tenants.roles import Role
from tenants.services import member_add, user_create
from tests.approvals.notices.conftest import Deliver, DeviceFor
from tests.fakes.push_service import PushService

type Send = Callable[[Notice], str]

FIGURES = ("10,041,989", "Intellum", "case:1", "736")


def _due(notice: Notice) -> bool:
    return DueWork.objects.filter(kind=NOTICE_WORK, reference=str(notice.public_id)).exists()


@pytest.fixture
def pushed(asked: ApprovalRequest, deliver: Deliver, device_for: DeviceFor, vp: Actor) -> Notice:
    """A notice to Bob's one device."""
    device_for(vp)
    choice_set(person=vp.identifier, email=False, push=True)
    (notice,) = deliver()
    return notice


@pytest.fixture
def mailed(asked: ApprovalRequest, deliver: Deliver) -> Notice:
    """A notice to Bob's address."""
    (notice,) = deliver()
    return notice


def test_push_arrives_encrypted_and_reads_as_meant(
    pushed: Notice, push_service: PushService, send: Send, asked: ApprovalRequest
) -> None:
    assert send(pushed) == "sent"
    (arrived,) = push_service.delivered
    assert arrived.message["title"] == "Acme: your decision is asked"
    assert arrived.message["body"].startswith("Sam Seller asks: Commit a business case. Decide by ")
    assert arrived.message["url"].startswith("/approvals/link/")
    assert arrived.message["tag"] == str(pushed.public_id)
    assert b"Sam Seller" not in arrived.body
    assert arrived.headers["content-encoding"] == "aes128gcm"
    assert arrived.headers["topic"] == asked.public_id.hex
    assert not _due(pushed)


def test_push_says_no_figure_and_no_customer(pushed: Notice, push_service: PushService, send: Send) -> None:
    send(pushed)
    text = json.dumps(push_service.delivered[0].message)
    assert not [word for word in FIGURES if word in text]


def test_mail_says_no_figure_and_no_customer(mailed: Notice, send: Send) -> None:
    assert send(mailed) == "sent"
    (message,) = mail.outbox
    assert (message.to, message.subject) == (["bob@acme.example"], "Acme: your decision is asked")
    html = message.alternatives[0].content
    for text in (message.body, html):
        assert "http://acme.localhost:8000/approvals/link/" in text
        assert not [word for word in FIGURES if word in text]
    parsed: EmailMessage = message.message()
    assert parsed["Message-ID"] == f"<{mailed.public_id}@acme.localhost>"
    assert parsed["Auto-Submitted"] == "auto-generated"


def test_notice_is_sent_once_however_often_it_is_woken(pushed: Notice, push_service: PushService, send: Send) -> None:
    assert [send(pushed) for _ in range(3)] == ["sent", "not due", "not due"]
    assert len(push_service.delivered) == 1


@pytest.mark.parametrize("status", [404, 410])
def test_dead_subscription_is_removed(pushed: Notice, push_service: PushService, send: Send, status: int) -> None:
    push_service.answers.append(status)
    assert send(pushed) == "dropped"
    assert PushDevice.objects.count() == 0
    assert not _due(pushed)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_busy_push_service_is_asked_again_later(pushed: Notice, push_service: PushService, send: Send, status: int) -> None:
    push_service.answers.append(status)
    assert send(pushed) == "waiting"
    assert send(pushed) == "not due"
    pushed.refresh_from_db()
    assert f"says {status}" in pushed.error
    assert _due(pushed)
    if status == 429:
        assert timedelta(seconds=5) < pushed.due_at - timezone.now() <= timedelta(seconds=7)
    Notice.objects.filter(pk=pushed.pk).update(due_at=timezone.now())
    assert send(pushed) == "sent"
    assert push_service.asked == 2


def test_push_service_that_is_away_is_given_up_after_eight_tries(pushed: Notice, push_service: PushService, send: Send) -> None:
    push_service.stop()
    outcomes = []
    for _ in range(8):
        Notice.objects.filter(pk=pushed.pk).update(due_at=timezone.now())
        outcomes.append(send(pushed))
    assert outcomes == ["waiting"] * 7 + ["failed"]
    assert not _due(pushed)


def test_push_service_that_redirects_into_our_network_is_not_followed(
    pushed: Notice, push_service: PushService, send: Send
) -> None:
    push_service.answers.append(307)
    assert send(pushed) == "waiting"
    assert push_service.asked == 1


def test_who_has_left_is_not_told(pushed: Notice, push_service: PushService, send: Send, bob: object, in_acme: object) -> None:
    with schema_context("public"):
        Membership.objects.filter(user=bob).delete()
    assert send(pushed) == "dropped"
    assert push_service.asked == 0


def test_who_has_voted_meanwhile_is_not_asked_again(
    pushed: Notice, push_service: PushService, send: Send, asked: ApprovalRequest, vp: Actor
) -> None:
    approval_vote(request=asked, voter=vp, decision="approve", content_hash=asked.content_hash)
    assert send(pushed) == "dropped"
    assert push_service.asked == 0


def test_sender_that_died_leaves_a_lease_that_ends(pushed: Notice, send: Send) -> None:
    Notice.objects.filter(pk=pushed.pk).update(due_at=timezone.now() + timedelta(seconds=60), attempts=1)
    assert send(pushed) == "not due"
    Notice.objects.filter(pk=pushed.pk).update(due_at=timezone.now() - timedelta(seconds=1))
    assert send(pushed) == "sent"


def test_asking_for_a_release_tells_those_who_may_release_and_nobody_else(
    in_acme: Tenant, alice: User, deliver: Deliver, send: Send
) -> None:
    dora = _admin(in_acme)
    stop = stop_set(kind="tenant", reason="Prices look wrong.", actor=f"user:{alice.pk}")
    stop_release(stop=stop, reason="The secret price list is mended.", actor=f"user:{alice.pk}")
    (notice,) = deliver()
    assert (notice.person, notice.kind, deliver()) == (f"user:{dora.pk}", Kind.RELEASE, [])

    assert send(notice) == "sent"

    (letter,) = mail.outbox
    assert letter.subject == "Acme: a stop is to be released"
    assert "Alice Owner asks to release the stop of a whole tenant. It takes a second person, by " in letter.body
    assert f"/oversight/stops/{stop.public_id}/release/" in letter.body
    assert "secret" not in letter.body


def test_release_asked_for_and_taken_back_is_not_told(in_acme: Tenant, alice: User, deliver: Deliver, send: Send) -> None:
    _admin(in_acme)
    stop = stop_set(kind="tenant", reason="Prices look wrong.", actor=f"user:{alice.pk}")
    stop_release(stop=stop, reason="Mended.", actor=f"user:{alice.pk}")
    (notice,) = deliver()
    stop_release_withdraw(stop=stop, actor=f"user:{alice.pk}")
    assert (send(notice), mail.outbox) == ("dropped", [])


def _admin(tenant: Tenant) -> User:
    with schema_context("public"):
        dora = user_create(email="dora@acme.example", name="Dora Admin")
        member_add(tenant=tenant, user=dora, role=Role.ADMIN, actor="system")
    return dora
