"""What starts a workflow and how many runs go at once, as its page tells it."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tenants.actors import Actor
from tenants.roles import Permission
from vos.web.presenters.triggers import trigger_row
from workflows.definition import Definition
from workflows.limits.models import DefinitionLimit
from workflows.publishing.declared import declared_here
from workflows.services.limits import waiting
from workflows.triggers.models import Trigger


def starts_shown(definition: Definition, actor: Actor) -> dict[str, Any]:
    """What its page shows of that.

    ``triggers``, ``limit`` {told [sentence], held_back, declared} or none, ``limit_url``, ``new_trigger_url``, and ``install``
    {url, what} where something that the definition says is not there yet.
    """
    name, manages = definition.name, actor.allows(Permission.SETTINGS_MANAGE)
    here = declared_here(name)
    return {
        "triggers": [trigger_row(row, {}, actor) for row in Trigger.objects.filter(definition=name).order_by("-created_at")],
        "limit": _limit(here.limit) if here.limit else None,
        "limit_url": reverse("web:workflow_limit", args=[name]) if manages else "",
        "new_trigger_url": f"{reverse('web:trigger_new')}?kind=cron&definition={name}" if manages else "",
        "install": _missing(definition, set(here.triggers), here.limit) if manages else None,
    }


def _missing(definition: Definition, installed: set[str], limit: DefinitionLimit | None) -> dict[str, Any] | None:
    what = [said.title or key.replace("_", " ") for key, said in definition.triggers.items() if key not in installed]
    if definition.limits is not None and limit is None:
        what.append(_("its limit"))
    return {"url": reverse("web:workflow_install", args=[definition.name]), "what": ", ".join(what)} if what else None


def _limit(limit: DefinitionLimit) -> dict[str, Any]:
    told = []
    if limit.at_once is not None:
        at_once = ngettext("%(n)s run at once", "%(n)s runs at once", limit.at_once) % {"n": limit.at_once}
        told.append(_("%(runs)s for each %(key)s") % {"runs": at_once, "key": limit.key} if limit.key else at_once)
    if limit.starts is not None:
        told.append(_("%(starts)s starts in %(seconds)s s") % {"starts": limit.starts, "seconds": limit.per_seconds})
    return {"told": told, "held_back": waiting(limit.definition).count(), "declared": limit.declared}
