"""What tests of triggers share."""

from collections.abc import Callable

import pytest

from tenants.actors import Actor
from tenants.models import User
from tests.factories.workflows import definition_of
from workflows.definition import Definition

PROBE = definition_of(
    "a: {kind: compute, function: test.effect}", inputs="{customer: {type: text}, rate: {type: number, default: 1}}"
)


@pytest.fixture
def owner(alice: User, actor_for: Callable[[User], Actor]) -> Actor:
    """Alice, who makes triggers."""
    return actor_for(alice)


@pytest.fixture(autouse=True)
def probe(monkeypatch: pytest.MonkeyPatch) -> Definition:
    """A definition of the library that takes a customer."""

    def named(name: str) -> Definition:
        from workflows.library import UnknownDefinition

        if name != "probe":
            raise UnknownDefinition(f"There is no workflow {name!r}. There are: probe.")
        return PROBE

    monkeypatch.setattr("workflows.services.executions.definition_named", named)
    monkeypatch.setattr("workflows.triggers.services.changes.definition_named", named)
    return PROBE
