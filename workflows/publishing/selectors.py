"""Reading a tenant's own definitions."""

from django.db.models import QuerySet

from tenants.actors import Actor
from tenants.roles import Permission
from workflows.publishing.models import DefinitionState, DefinitionVersion


def versions_visible_to(actor: Actor) -> QuerySet[DefinitionVersion]:
    """All versions, by name, the newest first; nothing for who may not see runs."""
    if not actor.allows(Permission.RUN_VIEW):
        return DefinitionVersion.objects.none()
    return DefinitionVersion.objects.order_by("name", "-saved_at", "-id")


def text_published(name: str) -> str | None:
    """The text of the newest published version of a name; None if there is none."""
    rows = DefinitionVersion.objects.filter(name=name, state=DefinitionState.PUBLISHED)
    return rows.order_by("-published_at", "-id").values_list("text", flat=True).first()


def names_published() -> list[str]:
    """The names that have a published version, sorted."""
    rows = DefinitionVersion.objects.filter(state=DefinitionState.PUBLISHED)
    return sorted(set(rows.values_list("name", flat=True)))
