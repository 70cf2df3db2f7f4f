"""The record of a case: who saw which version when, who voted, under which policy, on which evidence; to read, print and keep."""

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from approvals.selectors import visible_requests
from tenants.actors import actor_of, tenant_of
from tenants.interfaces.web import requires
from tenants.roles import Permission
from valuefabric.models import BusinessCase
from valuefabric.selectors.cases import cases_visible_to
from vos.web.places import record_url
from vos.web.presenters.customers import case_status, customer_line
from vos.web.presenters.oversight_record import record_context
from vos.web.records import case_record
from vos.web.records.export import fingerprint, record_csv, record_json

_TYPES = {"json": "application/json", "csv": "text/csv; charset=utf-8"}


@require_GET
@never_cache
@requires(Permission.APPROVAL_VIEW)
def record(request: HttpRequest, customer: uuid.UUID, case: uuid.UUID) -> HttpResponse:
    """The record as a page, or with ``?export=json`` or ``csv`` as a file."""
    actor = actor_of(request)
    rows = cases_visible_to(actor).select_related("customer__owner", "model_version__model")
    found = rows.filter(customer__public_id=customer, public_id=case).first()
    if found is None:
        raise Http404
    made = case_record(found, actor)
    if (kind := request.GET.get("export", "")) in _TYPES:
        return _file(found, record_json(made) if kind == "json" else record_csv(made), kind)
    committed = made.committed
    commitment = found.commitments.select_related("model_version").get(public_id=committed.id) if committed else None
    context = {
        **record_context(made, found, commitment),
        "fingerprint": fingerprint(made),
        "made_at": timezone.now(),
        "made_for": actor.name,
        "workspace": tenant_of(request).name,
        "nav_current": "customers",
        "line": customer_line(found.customer, *case_status(found, asked=False)),
    }
    return render(request, "vos/oversight_record.html", context)


@require_GET
@requires(Permission.APPROVAL_VIEW)
def approval_record(request: HttpRequest, approval: uuid.UUID) -> HttpResponse:
    """From an approval to the record of the case that it is about."""
    actor = actor_of(request)
    asked = visible_requests(actor).filter(public_id=approval, subject__startswith="case:").first()
    cases = cases_visible_to(actor).select_related("customer")
    found = cases.filter(public_id=asked.subject.removeprefix("case:")).first() if asked else None
    if found is None:
        raise Http404
    return redirect(record_url(found))


def _file(case: BusinessCase, text: str, kind: str) -> HttpResponse:
    name = f"{slugify(_('record'))}-{slugify(case.title)[:60] or 'case'}-v{case.version}.{kind}"
    headers = {"Content-Disposition": content_disposition_header(as_attachment=True, filename=name) or "attachment"}
    return HttpResponse(text, content_type=_TYPES[kind], headers=headers)
