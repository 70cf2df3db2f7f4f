"""The case as the customer sees it: by a signed link that ends, without an account, without a cookie, without anything else."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from approvals.services import sighting_record
from tenants.actors import tenant_of
from valuefabric.models import CaseLink
from valuefabric.selectors.case_pages import case_page
from valuefabric.selectors.case_workbook import case_workbook
from valuefabric.services.links import LinkGone, LinkUnknown, case_link_find, case_link_open
from vos.web.presenters.cases import CaseDocument
from vos.web.presenters.cases_assumptions import FIELD, what_if
from vos.web.presenters.cases_links import DocumentLinks
from vos.web.presenters.cases_notes import Notes
from vos.web.scope import is_partial
from vos.web.views.cases import workbook_answer

_GONE = 410


@require_GET
@never_cache
def case(request: HttpRequest, token: str) -> HttpResponse:
    """One version of a case. Opening it is noted; moving assumptions (``?a.…=``) is not, and leaves nothing behind."""
    try:
        link = case_link_find(token=token)
    except LinkUnknown as error:
        raise Http404 from error
    except LinkGone:
        return _gone(request)
    if not any(name.startswith(FIELD) for name in request.GET):
        case_link_open(token=token)
        _seen(link)
    document = _document(request, link, token)
    if is_partial(request):
        return _page("vos/partials/case_recalculated.html", {"case": document.context()})
    context = {
        "case": document.context(),
        "seller": tenant_of(request).name,
        "expires_at": link.expires_at,
        "workbook_url": reverse("web:shared_workbook", args=[token]),
    }
    return _page("vos/case.html", context)


@require_GET
@never_cache
def workbook(request: HttpRequest, token: str) -> HttpResponse:
    """The workbook of the version that the link shows."""
    try:
        link = case_link_find(token=token)
    except LinkUnknown as error:
        raise Http404 from error
    except LinkGone:
        return _gone(request)
    _seen(link)
    version = link.case_version
    answer = workbook_answer(case_workbook(version), f"{slugify(version.title)[:80] or 'case'}-v{version.number}.xlsx")
    return _hidden(answer)


def _seen(link: CaseLink) -> None:
    """Note who was shown this version: whoever the link was given to, as far as anybody knows."""
    sighting_record(
        subject=link.case.reference,
        content_hash=link.case_version.content_hash,
        viewer=link.reference,
        viewer_name=link.recipient,
        via="shared_link",
    )


def _document(request: HttpRequest, link: CaseLink, token: str) -> CaseDocument:
    page, notes = case_page(link.case_version), Notes()
    return CaseDocument(
        page,
        DocumentLinks(notes),
        notes,
        seller=tenant_of(request).name,
        trial=what_if(page.document, request.GET.dict()),
        recalculate_url=reverse("web:shared_case", args=[token]),
    )


def _gone(request: HttpRequest) -> HttpResponse:
    """Whom to ask, and nothing of what the link led to."""
    seller = tenant_of(request).name
    return _page("vos/case_gone.html", {"seller": seller}, status=_GONE)


def _page(template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page made without the request, so that no context processor asks for a session or a form's token: no cookie is set."""
    return _hidden(HttpResponse(render_to_string(template, context), status=status))


def _hidden(response: HttpResponse) -> HttpResponse:
    """No search engine keeps it, and where it leads to does not learn the address."""
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response["Referrer-Policy"] = "no-referrer"
    return response
