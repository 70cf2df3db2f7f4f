"""Bringing two lines of a model together: what it would bring, what is to be decided, and the merge itself."""

import uuid
from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tenants.actors import actor_of
from tenants.interfaces.web import requires
from tenants.roles import Permission
from valuefabric.domain.versions import Choices, MergeBroken
from valuefabric.models import Customer, ModelBranch
from valuefabric.selectors.documents import document_of
from valuefabric.selectors.merges import merge_preview
from valuefabric.services.branch_merges import Into, Merge, MergeConflicted, branch_merge, branch_update
from valuefabric.services.value_models import BranchClosed, ModelChanged, ModelLocked
from vos.web.places import part_url
from vos.web.presenters.merges import merge_entry
from vos.web.scope import customer_of
from vos.web.version_pages import branch_or_404, frame

_REASON = 500
_PLACE = "choice:"


@require_http_methods(["GET", "POST"])
@requires(Permission.MODEL_EDIT)
def merge(request: HttpRequest, customer: uuid.UUID, branch: uuid.UUID) -> HttpResponse:
    """GET: what a merge (``?into=`` main or branch) would bring, and what is to be decided. POST makes it."""
    row = customer_of(request, customer)
    found = branch_or_404(row, branch)
    into: Into = "branch" if request.GET.get("into") == "branch" else "main"
    if request.method == "GET":
        return _page(request, row, found, into, {})
    choices = _choices(request)
    try:
        made = _made(request, found, into, choices)
    except ModelChanged as refused:
        messages.error(request, str(refused))
        return redirect(request.get_full_path())
    except (MergeConflicted, MergeBroken, ModelLocked, BranchClosed) as refused:
        return _page(request, row, found, into, choices, refusal=str(refused), status=409)
    messages.success(request, _told(made))
    return redirect(f"{part_url(row, 'model_versions')}?version={made.version.public_id}")


def _made(request: HttpRequest, branch: ModelBranch, into: Into, choices: Choices) -> Merge:
    work = branch_merge if into == "main" else branch_update
    default = _("Merged the branch %(name)s") if into == "main" else _("Brought the branch %(name)s up to the main line")
    return work(
        branch=branch,
        actor=actor_of(request),
        reason=request.POST.get("reason", "").strip()[:_REASON] or default % {"name": branch.name},
        choices=choices,
        expected_version=_number(request, "main"),
        expected_branch_version=_number(request, "branch"),
    )


def _page(
    request: HttpRequest,
    customer: Customer,
    branch: ModelBranch,
    into: Into,
    choices: Choices,
    *,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    preview = merge_preview(branch, into)
    document = document_of(preview.ours)
    locked = into == "main" and branch.model.locked_at is not None
    context = {
        **frame(customer, preview.ours, "model_versions"),
        "merge": merge_entry(preview, document, choices),
        "branch": branch,
        "into": into,
        "main_number": branch.model.head_number,
        "refusal": refusal if not locked else "",
        "locked": locked,
        "closed": branch.closed_at is not None and into == "branch",
        "reason": request.POST.get("reason", ""),
        "history_url": f"{part_url(customer, 'model_versions')}?version={preview.theirs.public_id}",
    }
    return render(request, "vos/model_merge.html", context, status=status)


def _choices(request: HttpRequest) -> Choices:
    """What was chosen on the page; anything else than one of the two sides was not chosen there."""
    posted: Mapping[str, str] = request.POST.dict()
    chosen = {name.removeprefix(_PLACE): value for name, value in posted.items() if name.startswith(_PLACE)}
    return {place: "ours" if value == "ours" else "theirs" for place, value in chosen.items() if value in ("ours", "theirs")}


def _told(made: Merge) -> str:
    if not made.changed:
        return _("There was nothing to merge.")
    told = _("Merged as version %(n)d.") % {"n": made.version.number}
    if made.filled:
        told += " " + _("Rows that go on with their last figure in added periods: %(rows)s.") % {"rows": ", ".join(made.filled)}
    return told


def _number(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
