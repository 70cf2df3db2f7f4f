"""What workflows' tests share."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kernel.audit.models import AuditRecord
from kernel.events.models import OutboxEvent
from kernel.scheduler.models import DueWork
from tenants.actors import Actor
from tenants.models import User
from tests.factories.workflows import FAULTS
from workflows.models import Attempt, Execution, Step


@pytest.fixture(autouse=True)
def no_faults() -> Iterator[None]:
    """No fault of one test hits the next."""
    FAULTS.clear()
    yield
    FAULTS.clear()


@pytest.fixture
def seller(sam: User, actor_for: Callable[[User], Actor]) -> Actor:
    """Sam, who starts runs and steers them."""
    return actor_for(sam)


@pytest.fixture
def approver(bob: User, actor_for: Callable[[User], Actor]) -> Actor:
    """Bob, who sees runs and steers none."""
    return actor_for(bob)


@pytest.fixture
def snapshot() -> Callable[[], tuple[Any, ...]]:
    """All that a service of workflows could have written; equal before and after means that nothing changed."""

    def everything() -> tuple[Any, ...]:
        rows = (Execution, Step, Attempt, AuditRecord, OutboxEvent, DueWork)
        return tuple(list(model.objects.order_by("pk").values()) for model in rows)

    return everything


@pytest.fixture
def family_handler(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps of kind ``compute`` may have children."""
    from tests.factories.families import FamilyHandler
    from workflows.steps import registry

    monkeypatch.setitem(registry._handlers, "compute", FamilyHandler())
