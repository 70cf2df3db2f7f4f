"""The business case inside the workspace: the document, the links to it, its workbook."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from approvals.people import names_of
from approvals.seating import ChainImpossible
from approvals.selectors import requests_about
from approvals.services import sighting_record
from approvals.states import State
from kernel.storage.services import BlobCorrupted, BlobMissing, blob_get
from tenants.actors import Actor, actor_of, tenant_of
from tenants.interfaces.web import requires
from tenants.roles import Permission
from valuefabric.models import BusinessCase, CaseLink, Customer
from valuefabric.models.states import CaseState
from valuefabric.selectors.approval import CASE_COMMIT
from valuefabric.selectors.case_pages import case_page, case_version_now, links_of
from valuefabric.selectors.case_workbook import model_workbook
from valuefabric.selectors.cases import case_current
from valuefabric.services.case_sharing import case_share
from valuefabric.services.commitments import NotStamped, case_submit
from valuefabric.services.exports import case_export_workbook
from valuefabric.services.links import NotShareable, case_link_revoke, case_link_token
from vos.web.forms.share import ShareForm
from vos.web.model_pages import version_of
from vos.web.places import part_url, record_url, tabs
from vos.web.presenters.cases import CaseDocument
from vos.web.presenters.cases_asking import asking_entry
from vos.web.presenters.cases_assumptions import what_if
from vos.web.presenters.cases_links import WorkspaceLinks
from vos.web.presenters.cases_notes import Notes
from vos.web.presenters.cases_share import approval_entries, link_entries
from vos.web.presenters.customers import case_status, customer_line
from vos.web.scope import customer_of, is_partial

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SHAREABLE = (CaseState.STAMPED, CaseState.COMMITTED)
_SHOWN = "case_link_shown"


@require_GET
@requires(Permission.CASE_VIEW)
def case(request: HttpRequest, customer: uuid.UUID) -> HttpResponse:
    """The document as it is now, and beside it what can be done with it; ``?a.…=`` moves assumptions."""
    actor, row = actor_of(request), customer_of(request, customer)
    found = case_current(row)
    if found is None:
        return render(request, "vos/case_workspace.html", _frame(row, None))
    page = case_page(case_version_now(found))
    document = CaseDocument(
        page,
        WorkspaceLinks(page, row),
        Notes(),
        seller=tenant_of(request).name,
        trial=what_if(page.document, request.GET.dict()),
        recalculate_url=part_url(row, "case"),
    )
    if is_partial(request):
        return render(request, "vos/partials/case_recalculated.html", {"case": document.context()})
    sighting_record(subject=found.reference, content_hash=found.content_hash, viewer=actor, via="case")
    return _workspace(request, row, found, actor, {"case": document.context()})


@require_POST
@requires(Permission.CASE_SHARE)
def share(request: HttpRequest, customer: uuid.UUID) -> HttpResponse:
    """Make a link or ask for it, with ``revoke`` close one, with ``show`` see the address of one's own.

    An address is shown once, on the page that follows.
    """
    actor, row = actor_of(request), customer_of(request, customer)
    found = case_current(row)
    if found is None:
        raise Http404
    if "revoke" in request.POST:
        case_link_revoke(link=_link(found, request.POST["revoke"]), actor=actor)
        messages.success(request, _("The link is closed: whoever has it reads nothing any more."))
        return redirect(part_url(row, "case"))
    if "show" in request.POST:
        _show(request, _own_link(found, request.POST["show"], actor))
    else:
        _make(request, found, actor)
    return redirect(f"{part_url(row, 'case')}#share")


def _make(request: HttpRequest, found: BusinessCase, actor: Actor) -> None:
    form = ShareForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("No link was made: choose how long it is to be good."))
        return
    try:
        shared = case_share(case=found, actor=actor, recipient=form.cleaned_data["recipient"], expires_at=form.expires_at())
    except (NotShareable, ChainImpossible) as refused:
        messages.error(request, str(refused))
        return
    if shared.link is not None:
        _show(request, shared.link)
        messages.success(request, _("The link is made. Copy it now: it is shown once."))
    elif shared.request is not None and shared.request.state == State.PENDING:
        messages.success(request, _("It is before the approvers now. The link is made once they have agreed."))
    else:
        messages.success(request, _("A rule of the policy allows it. The link is in the list in a moment."))


def _show(request: HttpRequest, link: CaseLink) -> None:
    """Have the next page show the link's address, once."""
    request.session[_SHOWN] = str(link.public_id)


@require_GET
@requires(Permission.CASE_VIEW)
def workbook(request: HttpRequest, customer: uuid.UUID) -> HttpResponse:
    """The workbook with live formulas: of the case, or with ``?version=`` of a version of the model."""
    actor, row = actor_of(request), customer_of(request, customer)
    found, version = case_current(row), version_of(request, row)
    if version is None:
        raise Http404
    if found is not None and version.pk == found.model_version_id:
        return workbook_answer(_exported(found, actor), f"{slugify(found.title)[:80] or 'case'}-v{found.version}.xlsx")
    return workbook_answer(model_workbook(version), f"{slugify(version.model.title)[:80] or 'model'}-v{version.number}.xlsx")


@require_POST
@requires(Permission.MODEL_EDIT)
def ask(request: HttpRequest, customer: uuid.UUID) -> HttpResponse:
    """Put the case before its approvers."""
    actor, row = actor_of(request), customer_of(request, customer)
    found = case_current(row)
    if found is None:
        raise Http404
    try:
        case_submit(case=found, actor=actor)
    except (NotStamped, ChainImpossible) as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("It is before the approvers now."))
    return redirect(f"{part_url(row, 'case')}#ask")


def workbook_answer(content: bytes, filename: str) -> HttpResponse:
    """A workbook to keep."""
    headers = {"Content-Disposition": content_disposition_header(as_attachment=True, filename=filename) or "attachment"}
    return HttpResponse(content, content_type=XLSX, headers=headers)


def _exported(found: BusinessCase, actor: Actor) -> bytes:
    """The case's exported file; where that was lost, the same made anew."""
    export = case_export_workbook(case=found, actor=actor)
    sighting_record(subject=found.reference, content_hash=found.content_hash, viewer=actor, via="case")
    try:
        return blob_get(export.blob)
    except (BlobMissing, BlobCorrupted):
        return model_workbook(found.model_version)


def _workspace(
    request: HttpRequest, customer: Customer, found: BusinessCase, actor: Actor, context: dict[str, Any]
) -> HttpResponse:
    links = list(links_of(found)) if actor.allows(Permission.CASE_SHARE) else []
    names = names_of(link.created_by for link in links)
    asked = list(requests_about(actor, subject=found.reference))
    commits = [one for one in asked if one.action == CASE_COMMIT]
    context |= {
        **_frame(customer, found, asked=any(one.state == "pending" for one in commits)),
        "share": _share(request, customer, found, actor, links),
        "links": link_entries(links, customer, names, timezone.now(), viewer=actor.identifier),
        "approvals": approval_entries(asked),
        "asking": asking_entry(found, actor, commits),
        "record_url": record_url(found) if actor.allows(Permission.APPROVAL_VIEW) else "",
        "workbook_url": part_url(customer, "workbook"),
    }
    return render(request, "vos/case_workspace.html", context)


def _share(
    request: HttpRequest, customer: Customer, found: BusinessCase, actor: Actor, links: list[CaseLink]
) -> dict[str, Any] | None:
    """What the share panel offers; None for those who may not share."""
    if not actor.allows(Permission.CASE_SHARE):
        return None
    may = found.state in _SHAREABLE
    shown = request.session.pop(_SHOWN, "") if _SHOWN in request.session else ""
    made = next((link for link in links if str(link.public_id) == shown), None)
    return {
        "form": ShareForm() if may else None,
        "create_url": reverse("web:case_share", args=[customer.public_id]) if may else "",
        "state": found.state,
        "url": request.build_absolute_uri(reverse("web:shared_case", args=[case_link_token(made)])) if made else "",
        "expires_at": made.expires_at if made else None,
    }


def _link(found: BusinessCase, public_id: str) -> CaseLink:
    try:
        link = found.links.select_related("case__customer").filter(public_id=uuid.UUID(public_id)).first()
    except ValueError as error:
        raise Http404 from error
    if link is None:
        raise Http404
    return link


def _own_link(found: BusinessCase, public_id: str, actor: Actor) -> CaseLink:
    link = _link(found, public_id)
    if link.created_by != actor.identifier:
        raise Http404
    return link


def _frame(customer: Customer, found: BusinessCase | None, *, asked: bool = False) -> dict[str, Any]:
    return {
        "tabs": tabs(customer, "case"),
        "build_url": part_url(customer, "model"),
        "nav_current": "customers",
        "line": customer_line(customer, *case_status(found, asked=asked)),
    }
