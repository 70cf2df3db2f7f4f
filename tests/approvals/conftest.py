"""What approvals' tests share: clean subjects, people as identifiers, the trace that a service leaves."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from approvals.models import ApprovalRequest, Vote
from kernel.audit.models import AuditRecord
from kernel.events.models import OutboxEvent
from tenants.actors import Actor
from tenants.models import User
from tests.factories.approvals import CONTENT, DEEDS


@pytest.fixture(autouse=True)
def clean_subjects() -> Iterator[None]:
    """No text of one test is seen by the next."""
    CONTENT.clear()
    DEEDS.clear()
    yield
    CONTENT.clear()
    DEEDS.clear()


@pytest.fixture
def vp(bob: User, actor_for: Callable[[User], Actor]) -> Actor:
    """Bob, vice president of customer success, as an actor."""
    return actor_for(bob)


@pytest.fixture
def finance(carol: User, actor_for: Callable[[User], Actor]) -> Actor:
    """Carol of finance as an actor."""
    return actor_for(carol)


@pytest.fixture
def seller(sam: User, actor_for: Callable[[User], Actor]) -> Actor:
    """Sam, who asks."""
    return actor_for(sam)


@pytest.fixture
def owner(alice: User, actor_for: Callable[[User], Actor]) -> Actor:
    """Alice, who may vote by her role but is asked by no chain here."""
    return actor_for(alice)


@pytest.fixture
def outsider(charlie: User, actor_for: Callable[[User], Actor]) -> Actor:
    """Charlie, who owns another tenant."""
    return actor_for(charlie)


def everything() -> tuple[Any, ...]:
    """All that a service of approvals could have written; equal before and after means that nothing changed."""
    return (
        list(ApprovalRequest.objects.order_by("pk").values()),
        list(Vote.objects.order_by("pk").values()),
        list(OutboxEvent.objects.order_by("pk").values("topic", "aggregate", "data", "actor")),
        list(AuditRecord.objects.order_by("pk").values("action", "subject", "detail", "actor")),
    )


@pytest.fixture
def snapshot() -> Callable[[], tuple[Any, ...]]:
    """See ``everything``."""
    return everything
