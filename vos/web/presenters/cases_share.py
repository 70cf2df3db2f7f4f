"""Sharing a case: who has a link, until when, how often it was opened; and what was asked of approvers."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from approvals.models import ApprovalRequest
from valuefabric.models import CaseLink, Customer
from valuefabric.selectors.approval import CASE_COMMIT, CASE_SHARE

type Context = dict[str, Any]


def link_entries(
    links: Iterable[CaseLink], customer: Customer, names: Mapping[str, str], now: datetime, *, viewer: str
) -> list[Context]:
    """The links, newest first; one that is good still can be revoked, and its address be seen by whom it was made for."""
    return [_link(link, customer, names, now, viewer) for link in links]


def _link(link: CaseLink, customer: Customer, names: Mapping[str, str], now: datetime, viewer: str) -> Context:
    state = "revoked" if link.revoked_at else "expired" if link.expires_at <= now else "open"
    words = {"open": _("open"), "expired": _("expired"), "revoked": _("revoked")}
    opened = ngettext("opened once", "opened %(n)d times", link.opened_count) % {"n": link.opened_count}
    share_url = reverse("web:case_share", args=[customer.public_id]) if state == "open" else ""
    return {
        "id": link.public_id,
        "recipient": link.recipient or _("without a name"),
        "version": link.case_version.number,
        "by": names[link.created_by],
        "state": state,
        "state_label": words[state],
        "expires_at": link.expires_at,
        "opened": opened if link.opened_count else _("not opened yet"),
        "last_opened_at": link.last_opened_at,
        "revoke_url": share_url,
        "show_url": share_url if link.created_by == viewer else "",
    }


def approval_entries(requests: Iterable[ApprovalRequest]) -> list[Context]:
    """What approvers were asked about this case, newest first."""
    return [
        {
            "title": _title(request),
            "whom": request.arguments.get("recipient", ""),
            "state": "waiting" if request.state == "pending" else str(request.state),
            "url": reverse("approvals:detail", args=[request.public_id]),
            "at": request.requested_at,
        }
        for request in requests
    ]


def _title(request: ApprovalRequest) -> str:
    """In a few words: the page is about this case, and its panel is narrow."""
    words = {CASE_COMMIT: _("Commit %(version)s"), CASE_SHARE: _("Share %(version)s")}
    version = request.shown.version
    return words[request.action] % {"version": version} if version and request.action in words else request.shown.title
