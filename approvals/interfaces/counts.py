"""How many approvals wait for who looks at a page: the frame shows it on each, and some pages say it besides."""

from django.http import HttpRequest

from approvals.selectors import inbox_count
from tenants.actors import actor_of

_KNOWN = "vos_approvals_waiting"


def waiting_count(request: HttpRequest) -> int:
    """Counted once for each request, and not at all where the view knows it already."""
    known: int | None = getattr(request, _KNOWN, None)
    return waiting_known(request, inbox_count(actor_of(request))) if known is None else known


def waiting_known(request: HttpRequest, count: int) -> int:
    """Remember for the rest of this request what was counted; gives it back."""
    setattr(request, _KNOWN, count)
    return count
