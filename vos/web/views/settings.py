"""The tenant's settings: people and their roles, what is configured, what happened last."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from kernel.audit.models import AuditRecord
from kernel.llm.selectors import provider_available
from tenants.actors import Actor, actor_of, tenant_of
from tenants.interfaces.web import requires
from tenants.models import Membership
from tenants.roles import Permission, Role, permissions_of
from tenants.selectors import members_of
from valuefabric.governance.selectors import rule_set_active

RECENT = 20
_APPROVALS = Permission.APPROVAL_VIEW


@require_GET
@requires(Permission.CUSTOMER_VIEW)
def settings(request: HttpRequest) -> HttpResponse:
    """What everybody may know of the workspace; the audit only for those who may read it."""
    actor = actor_of(request)
    context = {
        "members": [_member(membership, actor) for membership in members_of(tenant_of(request))],
        "roles": [_role(role) for role in Role],
        "facts": _facts(request),
        "links": [
            {"label": _("Change the password"), "url": reverse("account_change_password"), "icon": "key-round"},
            {"label": _("Second factor"), "url": reverse("mfa_index"), "icon": "lock"},
            *(
                [{"label": _("How you are told"), "url": reverse("approvals:notices"), "icon": "mail"}]
                if actor.allows(_APPROVALS)
                else []
            ),
        ],
        "audit": _audit() if actor.allows(Permission.AUDIT_VIEW) else [],
        "nav_current": "settings",
    }
    return render(request, "vos/settings.html", context)


def _member(membership: Membership, actor: Actor) -> dict[str, Any]:
    return {
        "name": membership.user.name,
        "email": membership.user.email,
        "role": membership.role,
        "role_label": membership.get_role_display(),
        "you": membership.user_id == actor.user_id,
    }


def _role(role: Role) -> dict[str, str]:
    may = ", ".join(permission.value.replace(".", ": ") for permission in permissions_of(role))
    return {"key": role.value, "label": role.value.replace("_", " "), "may": may}


def _facts(request: HttpRequest) -> list[dict[str, str]]:
    rules = rule_set_active()
    return [
        {"label": _("Workspace"), "value": tenant_of(request).name},
        {"label": _("Language models"), "value": _("configured") if provider_available() else _("none: deterministic methods")},
        {"label": _("Integrity rules"), "value": f"{rules.version} · {rules.hash[:19]}…"},
    ]


def _audit() -> list[dict[str, Any]]:
    rows = AuditRecord.objects.order_by("-id")[:RECENT]
    return [{"at": row.recorded_at, "who": row.actor, "what": row.action, "subject": row.subject} for row in rows]
