"""Sending a case: approved word by word, sent once, on behalf of who started it; and what is tried to get around that."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django_tenants.utils import tenant_context

from approvals.chains import ONE_APPROVER
from approvals.models import ApprovalRequest
from approvals.modes import Mode
from approvals.services import approval_apply, approval_object, approval_revert, approval_vote, policy_put
from approvals.terms import Terms
from kernel.tools.services import taint_policy_write
from tenants.actors import Actor
from tenants.models import Tenant, User
from tests.factories.families import work
from tests.factories.job import ground_make
from tests.factories.valuefabric import case_make, customer_make, stamped_case
from tests.factories.workflows import step_of
from tests.valuefabric.worlds import *  # noqa: F403 -- fixtures, which pytest finds by name
from valuefabric.models import BusinessCase, CaseLink
from valuefabric.selectors.approval import CASE_SHARE
from valuefabric.services.case_sharing import case_share
from valuefabric.services.links import NotShareable
from workflows.models import Execution
from workflows.services import execution_roll_back, execution_start, step_check
from workflows.tools.acting import NobodyActs, acting_for
from workflows.tools.case_link import SendLink, send_link

pytestmark = pytest.mark.usefixtures("in_acme")


@pytest.fixture(scope="module")
def approver(bob: User, actor_for: Callable[[User], Actor]) -> Actor:
    """Bob, who is asked."""
    return actor_for(bob)


@pytest.fixture(scope="module")
def case(acme: Tenant, seller: Actor, approver: Actor) -> BusinessCase:
    """A case that passed review."""
    ground_make(acme)
    with tenant_context(acme):
        return stamped_case(customer_make(seller), seller)


def _started(case: BusinessCase, actor: Actor, **inputs: Any) -> Execution:
    """Of the customer's case, which the run finds by itself."""
    given = {"customer": str(case.customer.public_id), "to": "ada@example.com", **inputs}
    run = execution_start(definition="send_case", inputs=given, subject=case.customer.reference, actor=actor)
    return work(run)


def _approved(run: Execution, voter: Actor, step: str = "ask") -> ApprovalRequest:
    request = ApprovalRequest.objects.get(public_id=step_of(run, step).waiting_key)
    approval_vote(request=request, voter=voter, decision="approve", content_hash=request.content_hash)
    step_check(step_id=step_of(run, step).pk)
    work(run)
    return request


def _sharing_is_governed(seller: Actor, mode: Mode = Mode.IN) -> None:
    """How sharing is decided is the tenant's to say; about the words nobody is asked, so that they hold nothing up here."""
    policy_put(action=CASE_SHARE, terms=Terms(chain=ONE_APPROVER, mode=mode), actor="user:1")
    taint_policy_write(tool="case.send_link", reason="Sellers know what they write.", actor=seller.identifier)


def _sent_at_once(case: BusinessCase, seller: Actor) -> None:
    with acting_for(seller):
        send_link(SendLink(customer=case.customer.public_id, case=case.public_id, to="ada@example.com"))


def test_message_goes_out_once_after_its_very_words_were_approved(
    case: BusinessCase, seller: Actor, approver: Actor, client: Client
) -> None:
    run = _started(case, seller, words="Dear Ada,")
    assert mail.outbox == []
    request = ApprovalRequest.objects.get(action="tool.call")
    assert request.shown.facts["to"] == "ada@example.com"
    assert request.shown.facts["words"] == "Dear Ada,"
    _approved(run, approver)
    assert (run.refresh_from_db(), run.state, run.output) == (None, "completed", {"sent": True})
    (message,) = mail.outbox
    assert (message.to, message.subject) == (["ada@example.com"], case.title)
    assert message.body.startswith("Dear Ada,\n\nhttp://acme.")
    assert CaseLink.objects.get().recipient == "ada@example.com"
    path = re.search(r"(/shared/[^\s]+)", message.body)
    assert path is not None
    assert client.get(path[1], headers={"host": "acme.localhost"}).status_code == 200


def test_refused_message_is_not_sent(case: BusinessCase, seller: Actor, approver: Actor) -> None:
    run = _started(case, seller)
    request = ApprovalRequest.objects.get(action="tool.call")
    approval_vote(request=request, voter=approver, decision="reject", reason="Not to her.", content_hash=request.content_hash)
    step_check(step_id=step_of(run, "ask").pk)
    assert work(run).output == {"sent": False}
    assert (mail.outbox, CaseLink.objects.count()) == ([], 0)


def test_policy_that_a_person_wrote_lets_it_go_without_asking(case: BusinessCase, seller: Actor) -> None:
    taint_policy_write(tool="case.send_link", reason="Sellers know whom they write to.", actor=seller.identifier)
    assert _started(case, seller).output == {"sent": True}
    assert (len(mail.outbox), ApprovalRequest.objects.filter(action="tool.call").count()) == (1, 0)


def test_rolling_back_closes_the_link(case: BusinessCase, seller: Actor, approver: Actor) -> None:
    run = _started(case, seller)
    _approved(run, approver)
    execution_roll_back(execution=run, reason="Wrong reader.", actor=seller)
    assert work(run).state == "rolled_back"
    assert CaseLink.objects.get().revoked_at is not None


def test_second_attempt_makes_no_second_link_and_sends_under_the_same_message_id(case: BusinessCase, seller: Actor) -> None:
    arguments = SendLink(customer=case.customer.public_id, case=case.public_id, to="ada@example.com", idempotency_key="e:1:send")
    with acting_for(seller):
        assert send_link(arguments)["link"] == send_link(arguments)["link"]
    assert CaseLink.objects.count() == 1
    assert len({message.extra_headers["Message-ID"] for message in mail.outbox}) == 1


def test_case_of_another_customer_is_not_sent_under_this_ones_right(case: BusinessCase, seller: Actor, approver: Actor) -> None:
    other = case_make(customer_make(seller, name="Somebody else"), seller)
    arguments = SendLink(customer=case.customer.public_id, case=other.public_id, to="ada@example.com")
    with acting_for(seller), pytest.raises(BusinessCase.DoesNotExist):
        send_link(arguments)
    assert mail.outbox == []


def test_run_about_one_customer_cannot_send_for_another(case: BusinessCase, seller: Actor, approver: Actor) -> None:
    """The token of the step holds the run's subject, whatever the inputs say."""
    elsewhere = customer_make(seller, name="Somebody else")
    given = {"customer": str(case.customer.public_id), "case": str(case.public_id), "to": "ada@example.com"}
    run = work(execution_start(definition="send_case", inputs=given, subject=elsewhere.reference, actor=seller))
    _approved(run, approver)
    assert (step_of(run, "send").error_class, mail.outbox) == ("CapabilityRefused", [])


def test_tool_called_on_nobodys_behalf_does_nothing(case: BusinessCase) -> None:
    with pytest.raises(NobodyActs):
        send_link(SendLink(customer=case.customer.public_id, case=case.public_id, to="ada@example.com"))


@pytest.mark.parametrize(
    "to", ["ada@example.com, eve@example.com", "Ada <ada@example.com>", "ada@example.com\nBcc: eve@example.com", "ada"]
)
def test_second_reader_hidden_in_the_address_is_refused_before_anybody_is_asked(
    to: str, case: BusinessCase, seller: Actor
) -> None:
    run = _started(case, seller, to=to)
    assert step_of(run, "ask").state == "failed"
    assert "write one e-mail address" in step_of(run, "ask").error
    assert not ApprovalRequest.objects.filter(action="tool.call").exists()


def test_attack_mailing_the_link_does_not_get_around_a_policy_on_sharing(
    case: BusinessCase, seller: Actor, approver: Actor
) -> None:
    _sharing_is_governed(seller)
    run = _started(case, seller)
    assert (step_of(run, "share").state, mail.outbox, CaseLink.objects.count()) == ("waiting", [], 0)

    request = _approved(run, approver, "share")

    assert (request.action, request.shown.facts["For whom"]) == (CASE_SHARE, "ada@example.com")
    assert (run.refresh_from_db(), run.output, len(mail.outbox)) == (None, {"sent": True}, 1)
    assert CaseLink.objects.get().public_id == request.public_id
    assert approval_apply(request=request) is False  # the worker that comes later finds it done


def test_attack_tool_called_past_the_question_mails_nothing_under_a_policy(case: BusinessCase, seller: Actor) -> None:
    """As a workflow of the tenant's own would, that leaves the step out which asks."""
    _sharing_is_governed(seller)
    with pytest.raises(NotShareable, match="A policy says how sharing is decided"):
        _sent_at_once(case, seller)
    assert (mail.outbox, CaseLink.objects.count()) == ([], 0)


def test_attack_link_that_was_objected_to_is_not_mailed(case: BusinessCase, seller: Actor, approver: Actor) -> None:
    _sharing_is_governed(seller, Mode.ON)
    request = case_share(case=case, actor=seller, recipient="ada@example.com").request
    assert request is not None
    approval_apply(request=request)
    approval_object(request=request, reviewer=approver, reason="She has left that company.")
    approval_revert(request=request)
    with pytest.raises(NotShareable, match="closed"):
        _sent_at_once(case, seller)
    assert mail.outbox == []


def test_refused_link_is_not_sent(case: BusinessCase, seller: Actor, approver: Actor) -> None:
    _sharing_is_governed(seller)
    run = _started(case, seller)
    request = ApprovalRequest.objects.get(action=CASE_SHARE)
    approval_vote(request=request, voter=approver, decision="reject", reason="Not yet.", content_hash=request.content_hash)
    step_check(step_id=step_of(run, "share").pk)
    assert work(run).output == {"sent": False}
    assert (mail.outbox, CaseLink.objects.count()) == ([], 0)


def test_rolling_back_closes_the_link_that_a_policy_had_approved(case: BusinessCase, seller: Actor) -> None:
    _sharing_is_governed(seller, Mode.ON)
    run = _started(case, seller)
    assert (run.output, CaseLink.objects.get().revoked_at) == ({"sent": True}, None)
    execution_roll_back(execution=run, reason="Wrong reader.", actor=seller)
    assert work(run).state == "rolled_back"
    assert CaseLink.objects.get().revoked_at is not None
