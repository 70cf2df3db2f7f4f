"""An inbox's rows as they are shown: made in Python, since twenty rows of template sentences were half of the page's time."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from approvals.selectors import Inbox, InboxEntry
from approvals.summaries import Figure


@dataclass(frozen=True)
class InboxRow:
    """One request: what is asked, by whom and until when, its first figure, how many rules it does not keep, or how many warn."""

    title: str
    url: str
    told: str
    figure: Figure | None
    violations: int
    warnings: int


def inbox_rows(inbox: Inbox) -> list[InboxRow]:
    """The page's rows, in its order; days as the reader's clocks and language have them."""
    return [_row(entry) for entry in inbox.entries]


def _row(entry: InboxEntry) -> InboxRow:
    shown = entry.request.shown
    failed = sum(one.severity == "failed" for one in shown.violations)
    until = date_format(timezone.localtime(entry.request.expires_at), "MONTH_DAY_FORMAT")
    told = (shown.customer, _("%(who)s asks") % {"who": entry.requester}, _("by %(by)s") % {"by": until})
    return InboxRow(
        title=shown.title,
        url=reverse("approvals:detail", args=[entry.request.public_id]),
        told=" · ".join(filter(None, told)),
        figure=next(iter(shown.figures), None),
        violations=failed,
        warnings=len(shown.violations) - failed,
    )
