"""Somebody asks, and others are told: events handed over as the relay does, devices of a real push service."""

from collections.abc import Callable

import pytest
from pytest_django import Settings

from approvals.models import ApprovalRequest
from approvals.notices.models import Notice
from approvals.notices.sending import notice_send
from approvals.notices.services import device_add
from kernel.events.models import OutboxEvent
from kernel.events.subscriptions import subscriptions_to
from tenants.actors import Actor
from tenants.models import Tenant
from tests.factories.approvals import in_order, request_make
from tests.fakes.push_service import PushService, Subscription, push_service

__all__ = ["push_service"]

type Deliver = Callable[[], list[Notice]]
type DeviceFor = Callable[[Actor], Subscription]


@pytest.fixture
def asked(in_acme: Tenant, seller: Actor, vp: Actor, finance: Actor) -> ApprovalRequest:
    """Sam asks Bob, then Carol."""
    return request_make(requested_by=seller.identifier, chain=in_order(vp.identifier, finance.identifier))


@pytest.fixture
def deliver(in_acme: Tenant) -> Deliver:
    """Hand every event so far to the subscribers of notices, also those that had it: gives the notices that are new."""

    def run() -> list[Notice]:
        before = set(Notice.objects.values_list("pk", flat=True))
        for event in OutboxEvent.objects.filter(schema_name="acme").order_by("pk"):
            for subscription in subscriptions_to(event.topic):
                if subscription.name.startswith("notices."):
                    subscription.handler(event.envelope())
        return list(Notice.objects.exclude(pk__in=before).order_by("pk"))

    return run


@pytest.fixture
def device_for(push_service: PushService, settings: Settings, in_acme: Tenant) -> DeviceFor:
    """A browser of the person's that is told."""
    settings.VOS_PUSH_HOSTS = frozenset({push_service.host})

    def make(person: Actor) -> Subscription:
        made = push_service.subscribe()
        device_add(person=person.identifier, endpoint=made.endpoint, **made.keys)
        return made

    return make


@pytest.fixture
def send() -> Callable[[Notice], str]:
    """Send a notice as the worker does; says what became of it."""
    return lambda notice: notice_send(public_id=str(notice.public_id))
