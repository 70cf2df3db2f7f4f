"""Form triggers: a person starts a run in their own name, and reaches nothing through the rights of who made the form."""

from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied

from tenants.actors import Actor
from tenants.models import User
from tests.factories.valuefabric import customer_make
from valuefabric.services.customers import customer_create
from workflows.publishing.services import definition_draft_save, definition_publish
from workflows.triggers.models import Trigger, TriggerFiring
from workflows.triggers.services import FireRefused, trigger_call

pytestmark = pytest.mark.usefixtures("in_acme")

TEXT = """
format: vos.workflow/1
name: ask
version: 1.0.0
title: Ask
inputs: {customer: text, kind: {type: text, default: x}}
triggers: {by_hand: {kind: form, inputs: {kind: fixed}}}
steps: {say: {kind: compute, values: {x: "1"}}}
"""


@pytest.fixture
def form(alice: User, actor_for: Callable[[User], Actor]) -> Trigger:
    """A form that Alice made."""
    owner = actor_for(alice)
    definition_publish(version=definition_draft_save(text=TEXT, actor=owner), actor=owner)
    return Trigger.objects.get()


def test_form_starts_a_run_about_the_customer_that_was_chosen_once(form: Trigger, seller: Actor) -> None:
    customer = customer_make(seller)
    given = {"customer": str(customer.public_id)}
    first, second = (trigger_call(trigger=form, inputs=given, actor=seller, key="1") for _time in range(2))
    assert first == second
    run = first.execution
    assert run is not None
    assert (run.subject, run.inputs, run.started_by) == (customer.reference, {**given, "kind": "fixed"}, seller.identifier)


def test_customer_that_the_caller_may_not_see_is_not_reached_through_anothers_rights(
    form: Trigger, seller: Actor, alice: User, actor_for: Callable[[User], Actor]
) -> None:
    secret = customer_create(actor=actor_for(alice), name="Secret", restricted=True)
    with pytest.raises(PermissionDenied):
        trigger_call(trigger=form, inputs={"customer": str(secret.public_id)}, actor=seller)
    assert not TriggerFiring.objects.exists()


def test_input_that_the_trigger_sets_cannot_be_replaced(form: Trigger, seller: Actor, approver: Actor) -> None:
    with pytest.raises(FireRefused, match="sets kind itself"):
        trigger_call(trigger=form, inputs={"customer": "1", "kind": "mine"}, actor=seller)
    with pytest.raises(PermissionDenied):
        trigger_call(trigger=form, inputs={"customer": "1"}, actor=approver)
    assert not TriggerFiring.objects.exists()
