"""The history of a model: its versions by line, two of them side by side, branches, and going back."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from approvals.people import names_of
from tenants.actors import actor_of
from tenants.interfaces.web import requires
from tenants.roles import Permission
from valuefabric.domain.model import FormulaError
from valuefabric.models import ModelVersion
from valuefabric.selectors.versions import branches_of, line_history, version_numbered, versions_difference
from valuefabric.services.branches import BranchRefused, VersionUnknown, branch_close, branch_create, model_revert
from valuefabric.services.value_models import BranchClosed, ModelChanged, ModelLocked
from vos.web.places import part_url
from vos.web.presenters import versions as present
from vos.web.presenters.versions_diff import Compared
from vos.web.scope import customer_of
from vos.web.version_pages import branch_or_404, frame, line_asked, version_or_404

SHOWN = 50
_REASON = 500


@require_GET
@requires(Permission.CUSTOMER_VIEW)
def versions(request: HttpRequest, customer: uuid.UUID) -> HttpResponse:
    """A line's versions, newest first: the main one, or ``?line=`` a branch; ``?before=`` goes further back."""
    row, actor = customer_of(request, customer), actor_of(request)
    version = version_or_404(request, row)
    model, branch = version.model, line_asked(request, version)
    branches = list(branches_of(model))
    heads = {one.number: one for one in model.versions.filter(number__in={model.head_number, *(b.head_number for b in branches)})}
    head = heads[branch.head_number if branch else model.head_number]
    text = request.GET.get("before", "")
    history = line_history(head, before=int(text) if text.isascii() and text.isdigit() else None, limit=SHOWN + 1)
    may = actor.allows(Permission.MODEL_EDIT)
    open_line = not branch.closed_at if branch else not model.locked_at
    names = names_of({*(one.by for one in history), *(one.by for one in branches)})
    shown = history[:SHOWN]
    context = {
        **frame(row, head, "model_versions"),
        "history": present.version_entries(row, shown, head, names, can_revert=may and open_line),
        "branches": present.branch_entries(row, branches, heads, names),
        "branch": branch,
        "line_name": present.line_name(branch),
        "main_url": present.line_url(row, heads[model.head_number], None),
        "locked": model.locked_at,
        "may_edit": may,
        "older_url": f"{present.line_url(row, head, branch)}&before={shown[-1].number}" if len(history) > SHOWN else "",
    }
    return render(request, "vos/model_versions.html", context)


@require_GET
@requires(Permission.CUSTOMER_VIEW)
def compare(request: HttpRequest, customer: uuid.UUID) -> HttpResponse:
    """From the form of two versions (``?before=&after=``) to their page."""
    row = customer_of(request, customer)
    model = version_or_404(request, row).model
    numbers = [_number(request.GET.get(name, "")) for name in ("before", "after")]
    found = [version_numbered(model, number) for number in sorted(numbers)]
    if found[0] is None or found[1] is None:
        raise Http404
    return redirect(present.diff_url(row, found[0].number, found[1]))


@require_GET
@requires(Permission.CUSTOMER_VIEW)
def diff(request: HttpRequest, customer: uuid.UUID, before: int, after: int) -> HttpResponse:
    """What the second version says otherwise than the first."""
    row = customer_of(request, customer)
    model = version_or_404(request, row).model
    former, later = version_numbered(model, before), version_numbered(model, after)
    if former is None or later is None:
        raise Http404
    context = {**frame(row, later, "model_versions"), **_beside(former, later)}
    try:
        told = Compared(versions_difference(former, later), row, former, later)
        context |= {
            "told": told.told,
            "figures": told.figures(),
            "entries": told.entries(),
            "written": told.written(),
            "cells": told.cells(),
        }
    except FormulaError as error:
        context["problem"] = str(error)
    return render(request, "vos/model_diff.html", context)


def _beside(former: ModelVersion, later: ModelVersion) -> dict[str, object]:
    """Who saved the two versions, when and why."""
    names = names_of({former.by, later.by})
    return {
        "sides": [
            {
                "number": one.number,
                "line": present.line_name(one.branch) if one.branch else "",
                "who": names[one.by],
                "at": one.saved_at,
                "reason": one.reason,
                "url": present.sheet_url(one.model.customer, one),
            }
            for one in (former, later)
        ],
        "swap_url": present.diff_url(former.model.customer, later.number, former),
    }


@require_POST
@requires(Permission.MODEL_EDIT)
def revert(request: HttpRequest, customer: uuid.UUID, number: int) -> HttpResponse:
    """Go back: the next version of the line (``?line=``) says what that one said."""
    row = customer_of(request, customer)
    version = version_or_404(request, row)
    branch = line_asked(request, version)
    try:
        made = model_revert(
            model=version.model,
            branch=branch,
            to_version=number,
            reason=request.POST.get("reason", "").strip()[:_REASON] or _("Back to version %(n)d") % {"n": number},
            actor=actor_of(request),
            expected_version=_number(request.POST.get("expected", "")),
        )
    except (ModelLocked, ModelChanged, BranchClosed, VersionUnknown) as refused:
        messages.error(request, str(refused))
        return redirect(present.line_url(row, version, branch))
    told = _("Version %(new)d says what version %(old)d said. What was saved in between is kept.")
    messages.success(request, told % {"new": made.number, "old": number})
    return redirect(present.line_url(row, made, branch))


@require_POST
@requires(Permission.MODEL_EDIT)
def branch_new(request: HttpRequest, customer: uuid.UUID) -> HttpResponse:
    """Begin a branch at the version shown, and go to its sheet."""
    row = customer_of(request, customer)
    version = version_or_404(request, row)
    try:
        branch = branch_create(
            model=version.model, name=request.POST.get("name", ""), actor=actor_of(request), from_version=version.number
        )
    except (BranchRefused, VersionUnknown) as refused:
        messages.error(request, str(refused))
        return redirect(f"{part_url(row, 'model_versions')}?version={version.public_id}")
    messages.success(request, _("The branch %(name)s begins at version %(n)d.") % {"name": branch.name, "n": version.number})
    return redirect(present.branch_sheet_url(row, version, branch))


@require_POST
@requires(Permission.MODEL_EDIT)
def branch_end(request: HttpRequest, customer: uuid.UUID, branch: uuid.UUID) -> HttpResponse:
    """Close a branch."""
    row = customer_of(request, customer)
    closed = branch_close(branch=branch_or_404(row, branch), actor=actor_of(request))
    messages.success(request, _("The branch %(name)s is closed. Its versions stay.") % {"name": closed.name})
    head = closed.model.versions.get(number=closed.model.head_number)
    return redirect(f"{part_url(row, 'model_versions')}?version={head.public_id}")


def _number(text: str) -> int:
    """A version's number out of an address or a form; 0, which no version has, for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
