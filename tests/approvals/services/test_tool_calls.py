"""A human's consent to one exact tool call."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django_tenants.utils import tenant_context

from approvals.models import ApprovalRequest
from approvals.services import approval_vote, tool_call_request_open
from approvals.states import State
from kernel.tools.approvals import approved, hash_of_call
from tenants.actors import Actor
from tenants.models import Tenant, User

TOOL = "mail.send"
ARGUMENTS = {"to": "cfo@intellum.example", "text": "See the case."}
AGENT = "agent:target@1.0.0"


def _ask() -> ApprovalRequest:
    return tool_call_request_open(
        tool=TOOL, arguments=ARGUMENTS, reason="Its arguments derive from text that came from outside.", requested_by=AGENT
    )


def _hash(**changed: Any) -> str:
    return hash_of_call(connection.schema_name, TOOL, ARGUMENTS | changed)


@pytest.fixture
def consented(in_acme: Tenant, vp: Actor) -> ApprovalRequest:
    """Bob lets the mail go."""
    request = _ask()
    return approval_vote(request=request, voter=vp, decision="approve", content_hash=request.content_hash)


def test_promise_10_approved_call_may_happen_once(consented: ApprovalRequest) -> None:
    assert consented.state == State.APPROVED
    assert approved(str(consented.public_id), _hash()) is True
    assert approved(str(consented.public_id), _hash()) is False


def test_promise_10_approval_of_a_call_allows_no_other_arguments(consented: ApprovalRequest) -> None:
    assert approved(str(consented.public_id), _hash(to="thief@evil.example")) is False
    consented.refresh_from_db()
    assert consented.applied_at is None


def test_promise_10_call_that_nobody_approved_is_refused(in_acme: Tenant) -> None:
    request = _ask()
    for reference in (str(request.public_id), "", "true", "00000000-0000-0000-0000-000000000000"):
        assert approved(reference, _hash()) is False
    assert ApprovalRequest.objects.get().state == State.PENDING


def test_promise_10_approval_of_another_tenants_call_is_refused(consented: ApprovalRequest, globex: Tenant) -> None:
    with tenant_context(globex):
        assert approved(str(consented.public_id), _hash()) is False


def test_tool_call_request_open_twice_is_one_request(in_acme: Tenant) -> None:
    assert _ask().pk == _ask().pk


def test_tool_call_page_shows_every_argument(
    acme: Tenant, bob: User, client_for: Callable[[User | None, Tenant], Client]
) -> None:
    with tenant_context(acme):
        request = _ask()
    page = client_for(bob, acme).get(f"/approvals/{request.public_id}/").content.decode()
    for text in ("Target agent", "Let mail.send run", "cfo@intellum.example", "See the case.", "came from outside"):
        assert text in page
