"""Operators hear that a release is asked for: each once, never who asked, and only as long as it is of use."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail
from django.utils import timezone
from django_tenants.utils import schema_context

from approvals.notices.operators import OPERATOR_WORK, operator_notice_send, operators_told
from kernel.audit.models import AuditRecord
from kernel.events.models import OutboxEvent
from kernel.scheduler.models import DueWork
from kernel.stops.models import Stop
from kernel.stops.services import stop_release, stop_release_withdraw, stop_set
from tenants.models import Domain, Tenant, User
from tenants.services import user_create

type Told = Callable[[str], list[str]]


@pytest.fixture(autouse=True)
def operators(in_acme: Tenant) -> Iterator[tuple[User, User]]:
    """Olga and Omar, who run the platform, on a host of their own."""
    with schema_context("public"):
        public, _new = Tenant.objects.get_or_create(schema_name="public", defaults={"name": "Operators"})
        Domain.objects.get_or_create(domain="operators.localhost", defaults={"tenant": public, "is_primary": True})
        people = [user_create(email=f"{name}@vos.example", name=name.title()) for name in ("olga", "omar")]
        User.objects.filter(pk__in=[one.pk for one in people]).update(is_staff=True)
    yield people[0], people[1]


@pytest.fixture
def told(in_acme: Tenant) -> Told:
    """Hand the events of asking in a schema over as the relay does; gives what is due to be sent."""

    def run(schema: str) -> list[str]:
        with schema_context(schema):
            for event in OutboxEvent.objects.filter(schema_name=schema, topic="oversight.release_asked").order_by("pk"):
                operators_told(event.envelope())
        with schema_context("public"):
            return list(DueWork.objects.filter(kind=OPERATOR_WORK).order_by("pk").values_list("reference", flat=True))

    return run


def _asked(alice: User) -> Stop:
    stop = stop_set(kind="agent", key="target", reason="Prices look wrong.", actor=f"user:{alice.pk}")
    return stop_release(stop=stop, reason="The secret price list is mended.", actor=f"user:{alice.pk}")


def test_operators_are_told_by_mail_of_a_release_that_is_asked_for(alice: User, told: Told, operators: tuple[User, User]) -> None:
    stop = _asked(alice)
    due = told("acme")
    assert due == told("acme")  # told of one event twice, it is the same work
    assert [operator_notice_send(reference=one) for one in due] == ["sent", "sent"]
    assert [operator_notice_send(reference=one) for one in due] == ["not due", "not due"]

    assert [letter.to for letter in mail.outbox] == [[one.email] for one in operators]
    letter = mail.outbox[0]
    assert letter.subject == "Acme: a stop is to be released"
    assert "Alice Owner asks to release the stop of one agent. It takes a second person, by " in letter.body
    assert "operators.localhost" in letter.body
    assert "/admin/stops/stop/" in letter.body
    assert "secret" not in letter.body
    assert "How you are told" not in letter.body
    with schema_context("public"):
        assert AuditRecord.objects.filter(action="oversight.operator_told", subject=stop.reference).count() == 2


def test_stop_of_every_tenant_is_told_to_operators_but_to_the_one_who_asked(told: Told, operators: tuple[User, User]) -> None:
    olga, omar = operators
    with schema_context("public"):
        stop = stop_set(kind="platform", reason="Everything looks wrong.", actor=f"operator:{olga.pk}")
        stop_release(stop=stop, reason="Mended.", actor=f"operator:{olga.pk}")
    [one] = told("public")
    assert (operator_notice_send(reference=one), mail.outbox[0].to) == ("sent", [omar.email])
    assert mail.outbox[0].subject == "Every workspace: a stop is to be released"


@pytest.mark.parametrize("meanwhile", ["taken back", "released", "no operator any more"])
def test_what_is_of_no_use_any_more_is_not_sent(alice: User, told: Told, operators: tuple[User, User], meanwhile: str) -> None:
    olga, _omar = operators
    stop = _asked(alice)
    due = told("acme")
    if meanwhile == "taken back":
        stop_release_withdraw(stop=stop, actor=f"user:{alice.pk}")
    with schema_context("public"):
        if meanwhile == "released":
            stop_release(stop=stop, reason="Seen.", actor=f"operator:{olga.pk}")
        if meanwhile == "no operator any more":
            User.objects.filter(is_staff=True).update(is_active=False)
    assert [operator_notice_send(reference=one) for one in due] == ["dropped", "dropped"]
    assert (mail.outbox, told("acme")) == ([], [])


def test_mail_server_that_is_away_is_tried_again_later(alice: User, told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_arguments: object, **_named: object) -> None:
        raise SMTPServerDisconnected("gone")

    _asked(alice)
    one, _other = told("acme")
    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.EmailMultiAlternatives.send", away)
        assert (operator_notice_send(reference=one), operator_notice_send(reference=one)) == ("waiting", "not due")
    with schema_context("public"):
        rows = DueWork.objects.filter(kind=OPERATOR_WORK, reference=one)
        assert timedelta(0) < rows.get().due_at - timezone.now() <= timedelta(seconds=15)
        rows.update(due_at=timezone.now())
    assert (operator_notice_send(reference=one), len(mail.outbox)) == ("sent", 1)
