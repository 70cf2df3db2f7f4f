"""A tenant's own definitions: drafted, published, run, retired; what was published never changes."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from tenants.actors import Actor
from tenants.models import User
from tests.factories.families import work
from workflows.definition import DefinitionError
from workflows.library import DefinitionsInACircle, UnknownDefinition, definition_named, definitions_here
from workflows.publishing.models import DefinitionVersion
from workflows.publishing.services import (
    PublishingRefused,
    definition_draft_delete,
    definition_draft_save,
    definition_publish,
    definition_retire,
)
from workflows.services import execution_start

pytestmark = pytest.mark.usefixtures("in_acme")

OWN = """\
format: vos.workflow/1
name: ours
version: 1.0.0
title: Ours
steps:
  a: {kind: compute, values: {n: "1 + 1"}}
"""
OUTER = """\
format: vos.workflow/1
name: outer
version: 1.0.0
title: Outer
steps:
  a: {kind: workflow, workflow: ours}
"""


@pytest.fixture
def admin(alice: User, actor_for: Callable[[User], Actor]) -> Actor:
    """Alice, who owns the tenant."""
    return actor_for(alice)


def _published(text: str, actor: Actor) -> DefinitionVersion:
    return definition_publish(version=definition_draft_save(text=text, actor=actor), actor=actor)


def test_published_definition_is_started_by_its_name(admin: Actor) -> None:
    draft = definition_draft_save(text=OWN, actor=admin)
    with pytest.raises(UnknownDefinition):
        definition_named("ours")
    definition_publish(version=draft, actor=admin)
    assert "ours" in definitions_here()
    run = work(execution_start(definition="ours", inputs={}, subject="", actor=admin))
    assert (run.state, run.output, run.definition_hash) == ("completed", {"n": 2}, draft.content_hash)


def test_run_keeps_the_version_that_it_began_with(admin: Actor) -> None:
    _published(OWN, admin)
    _published(OUTER, admin)
    run = execution_start(definition="outer", inputs={}, subject="", actor=admin)
    _published(OWN.replace("1.0.0", "1.1.0").replace("1 + 1", "1 + 2"), admin)
    assert work(run).output == {"n": 2}
    assert work(execution_start(definition="outer", inputs={}, subject="", actor=admin)).output == {"n": 3}


def test_retired_definition_is_started_no_more(admin: Actor) -> None:
    first = _published(OWN, admin)
    second = _published(OWN.replace("1.0.0", "1.1.0"), admin)
    definition_retire(version=second, actor=admin)
    assert definition_named("ours").version == "1.0.0"
    definition_retire(version=first, actor=admin)
    with pytest.raises(UnknownDefinition, match="There is no workflow 'ours'"):
        definition_named("ours")


def test_draft_can_be_replaced_and_deleted_and_a_published_one_cannot(admin: Actor) -> None:
    draft = definition_draft_save(text=OWN, actor=admin)
    again = definition_draft_save(text=OWN.replace("title: Ours", "title: Still ours"), actor=admin)
    assert (again.pk, again.title) == (draft.pk, "Still ours")
    definition_publish(version=again, actor=admin)
    with pytest.raises(PublishingRefused, match="is published and does not change"):
        definition_draft_save(text=OWN, actor=admin)
    with pytest.raises(PublishingRefused, match="stays on record"):
        definition_draft_delete(version=again, actor=admin)
    other = definition_draft_save(text=OWN.replace("1.0.0", "2.0.0"), actor=admin)
    definition_draft_delete(version=other, actor=admin)
    assert list(DefinitionVersion.objects.values_list("version", flat=True)) == ["1.0.0"]


@pytest.mark.parametrize(
    "change",
    [
        "text = 'other'",
        "content_hash = 'sha256:0'",
        "state = 'draft', published_at = NULL",
        "name = 'theirs'",
        "version = '9.0.0'",
    ],
)
def test_published_definition_cannot_be_changed_by_raw_sql(admin: Actor, change: str) -> None:
    row = _published(OWN, admin)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE workflow_publishing_definitionversion SET {change} WHERE id = %s", [row.pk])
    row.refresh_from_db()
    assert (row.text, row.state) == (OWN, "published")


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        (OWN.replace("name: ours", "name: lifecycle"), PublishingRefused, "'lifecycle' is a workflow of the product"),
        (OWN.replace("kind: compute", "kind: robot"), DefinitionError, "definition.yaml:6: step 'a'"),
        (OWN.replace('values: {n: "1 + 1"}', "function: nobody"), PublishingRefused, "there is no step function 'nobody'"),
        (OUTER, UnknownDefinition, "There is no workflow 'ours'"),
        (OUTER.replace("workflow: ours", "workflow: outer"), DefinitionsInACircle, "outer → outer: a workflow cannot be"),
    ],
)
def test_publishing_is_refused(admin: Actor, text: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as refused:
        _published(text, admin)
    assert message in str(refused.value)
    assert not DefinitionVersion.objects.exclude(state="draft").exists()


def test_workflow_that_is_a_step_of_itself_is_refused(admin: Actor) -> None:
    _published(OWN, admin)
    _published(OUTER, admin)
    circle = OWN.replace("1.0.0", "1.1.0").replace('kind: compute, values: {n: "1 + 1"}', "kind: workflow, workflow: outer")
    with pytest.raises(DefinitionsInACircle, match="ours → outer → ours"):
        _published(circle, admin)


@pytest.mark.parametrize("deed", [definition_publish, definition_retire, definition_draft_delete])
def test_who_sells_defines_nothing(admin: Actor, seller: Actor, deed: Callable[..., Any]) -> None:
    row = definition_draft_save(text=OWN, actor=admin)
    with pytest.raises(PermissionDenied):
        definition_draft_save(text=OWN, actor=seller)
    with pytest.raises(PermissionDenied):
        deed(version=row, actor=seller)
    row.refresh_from_db()
    assert row.state == "draft"
