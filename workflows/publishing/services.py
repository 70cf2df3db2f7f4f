"""Saving, publishing and retiring a tenant's own definitions. Each is audited in its transaction."""

from django.db import transaction
from django.utils import timezone

from kernel.audit.services import audit_record
from tenants.actors import Actor
from tenants.roles import Permission
from workflows.definition import Definition, definition_read
from workflows.library import definition_linked, definitions
from workflows.publishing.declared import declared_problems, definition_install
from workflows.publishing.models import DefinitionState, DefinitionVersion
from workflows.wiring import wiring_problems

MOST_VERSIONS = 1_000


class PublishingRefused(ValueError):
    """A definition cannot be saved, published or retired as it stands; the message says what to do."""


def definition_draft_save(*, text: str, actor: Actor) -> DefinitionVersion:
    """Keep ``text`` as a draft of the version that it names; a draft of that version is replaced.

    Raises PermissionDenied, DefinitionError with messages by line and step, and PublishingRefused for a name of the product or a
    version that is published already.
    """
    actor.require(Permission.SETTINGS_MANAGE)
    definition = definition_read(text)
    _refuse_product(definition)
    fields = {
        "title": definition.title,
        "text": text,
        "content_hash": definition.content_hash,
        "saved_by": actor.identifier,
        "saved_at": timezone.now(),
    }
    with transaction.atomic():
        if DefinitionVersion.objects.count() >= MOST_VERSIONS:
            raise PublishingRefused(
                f"There are {MOST_VERSIONS} versions of definitions already. Delete drafts that nobody needs."
            )
        row, is_new = DefinitionVersion.objects.select_for_update().get_or_create(
            name=definition.name, version=definition.version, defaults=fields
        )
        if not is_new:
            _replace(row, fields)
        _audit(row, "draft_saved", actor)
    return row


def definition_draft_delete(*, version: DefinitionVersion, actor: Actor) -> None:
    """Throw a draft away. Raises PermissionDenied, and PublishingRefused for what was published: runs refer to it."""
    actor.require(Permission.SETTINGS_MANAGE)
    with transaction.atomic():
        row = _locked(version)
        if row.state != DefinitionState.DRAFT:
            raise PublishingRefused(f"{row} was published, so it stays on record. Retire it instead.")
        _audit(row, "draft_deleted", actor)
        row.delete()


def definition_publish(*, version: DefinitionVersion, actor: Actor) -> DefinitionVersion:
    """Let runs be started of a draft, from now on as its name's newest version. Publishing it again changes nothing.

    Triggers and limits that it says begin to count, in the actor's name.

    Raises PermissionDenied, DefinitionError, UnknownDefinition for a workflow inside that is not there, and PublishingRefused for
    what names agents, tools or functions that are not there, and for one that is retired.
    """
    actor.require(Permission.SETTINGS_MANAGE)
    with transaction.atomic():
        row = _locked(version)
        if row.state == DefinitionState.RETIRED:
            raise PublishingRefused(f"{row.name} {row.version} is retired. Save the text under a new version number.")
        if row.state == DefinitionState.PUBLISHED:
            return row
        definition = definition_linked(definition_read(row.text))
        _refuse_product(definition)
        if problems := [*wiring_problems(definition), *declared_problems(definition)]:
            raise PublishingRefused(f"{row.title} cannot run here: {'; '.join(problems)}.")
        row.state, row.published_by, row.published_at = DefinitionState.PUBLISHED, actor.identifier, timezone.now()
        row.save(update_fields=["state", "published_by", "published_at"])
        _audit(row, "published", actor)
        definition_install(name=row.name, actor=actor)
    return row


def definition_retire(*, version: DefinitionVersion, actor: Actor) -> DefinitionVersion:
    """Have no run started of it any more; runs under way go on. The version before it is the newest again, with its
    triggers and limits.

    Raises PermissionDenied, and PublishingRefused for a draft. Retiring it again changes nothing.
    """
    actor.require(Permission.SETTINGS_MANAGE)
    with transaction.atomic():
        row = _locked(version)
        if row.state == DefinitionState.DRAFT:
            raise PublishingRefused(f"{row.name} {row.version} is a draft. Delete it, or publish it first.")
        if row.state == DefinitionState.PUBLISHED:
            row.state, row.retired_by, row.retired_at = DefinitionState.RETIRED, actor.identifier, timezone.now()
            row.save(update_fields=["state", "retired_by", "retired_at"])
            _audit(row, "retired", actor)
            definition_install(name=row.name, actor=actor)
    return row


def _refuse_product(definition: Definition) -> None:
    if definition.name in definitions():
        raise PublishingRefused(f"{definition.name!r} is a workflow of the product. Give yours another name.")


def _replace(row: DefinitionVersion, fields: dict[str, object]) -> None:
    if row.state != DefinitionState.DRAFT:
        raise PublishingRefused(f"{row.name} {row.version} is {row.state} and does not change. Raise the version number.")
    for name, value in fields.items():
        setattr(row, name, value)
    row.save(update_fields=list(fields))


def _locked(version: DefinitionVersion) -> DefinitionVersion:
    return DefinitionVersion.objects.select_for_update().get(pk=version.pk)


def _audit(row: DefinitionVersion, word: str, actor: Actor) -> None:
    detail = {"name": row.name, "version": row.version, "content_hash": row.content_hash}
    audit_record(actor=actor.identifier, action=f"workflow_definition.{word}", subject=row.reference, detail=detail)
