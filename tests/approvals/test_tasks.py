"""Wake-ups for requests whose time is over."""

from datetime import timedelta

import pytest
from django.utils import timezone

from approvals import tasks
from approvals.models import ApprovalRequest
from approvals.services import requests as opening
from approvals.services.endings import EXPIRY
from approvals.states import State
from kernel.scheduler.duework import due_work_overdue
from tenants.actors import Actor
from tests.factories.approvals import request_make

pytestmark = pytest.mark.usefixtures("in_acme")


def test_request_expire_ends_what_the_sweeper_found(monkeypatch: pytest.MonkeyPatch, seller: Actor) -> None:
    long_ago = timezone.now() - timedelta(days=15)
    monkeypatch.setattr(opening, "database_now", lambda: long_ago)
    request = request_make(requested_by=seller.identifier)
    monkeypatch.undo()
    due = due_work_overdue(kind=EXPIRY)
    assert [(one.schema_name, one.reference) for one in due] == [("acme", str(request.public_id))]
    assert tasks.request_expire.run(request=due[0].reference) is True
    assert ApprovalRequest.objects.get().state == State.EXPIRED
    assert due_work_overdue(kind=EXPIRY) == []
    assert tasks.request_expire.run(request=str(request.public_id)) is False


def test_send_expiry_wakes_the_tenants_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: dict[str, object] = {}
    monkeypatch.setattr(tasks.request_expire, "apply_async", lambda **message: sent.update(message))
    tasks.send_expiry("acme", "0-0")
    assert sent == {"kwargs": {"request": "0-0"}, "headers": {"_schema_name": "acme"}, "queue": "default"}
