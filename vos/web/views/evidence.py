"""Evidence: bringing it, reading it with everything that quotes it, and taking the original out again."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from approvals.people import names_of
from kernel.storage.services import BlobCorrupted, BlobMissing, blob_get
from tenants.actors import actor_of
from tenants.interfaces.web import requires
from tenants.roles import Permission
from valuefabric.models import Customer, Evidence
from valuefabric.selectors.evidence import evidence_visible_to
from valuefabric.selectors.quotations import citations_in_force, locators_of, remarks_of
from valuefabric.services.evidence import EvidenceError, evidence_add
from vos.web.forms.evidence import ACCEPT, LIMIT, EvidenceForm
from vos.web.places import part_url, tabs
from vos.web.presenters import evidence as present
from vos.web.presenters.customers import customer_line
from vos.web.scope import customer_of, is_partial

type Place = tuple[int, int]


@require_http_methods(["GET", "POST"])
@requires(Permission.EVIDENCE_ADD)
def evidence_new(request: HttpRequest, customer: uuid.UUID) -> HttpResponse:
    """A file or pasted text. What is refused is named by row and column, and what was typed stays."""
    row = customer_of(request, customer)
    form = EvidenceForm(request.POST, request.FILES) if request.method == "POST" else EvidenceForm()
    problem = None
    if form.is_valid():
        filename, content = form.document
        sensitivity = form.cleaned_data["classification"] or None
        began = timezone.now()
        try:
            added = evidence_add(
                customer=row, filename=filename, content=content, actor=actor_of(request), classification=sensitivity
            )
        except EvidenceError as error:
            problem = present.refusal(error, filename, is_file="file" in request.FILES)
        else:
            known = added.added_at < began
            words = _("%(name)s was here already; nothing was added.") if known else _("%(name)s is stored.")
            messages.success(request, words % {"name": added.filename})
            return redirect("web:evidence", row.public_id, added.public_id)
    context = {
        "form": form,
        "problem": problem,
        "accept": ACCEPT,
        "limit": LIMIT,
        "cancel_url": part_url(row, "customer"),
        **_frame(row),
    }
    return render(request, "vos/evidence_form.html", context, status=422 if form.is_bound else 200)


@require_GET
@requires(Permission.CUSTOMER_VIEW)
def evidence(request: HttpRequest, customer: uuid.UUID, evidence: uuid.UUID) -> HttpResponse:
    """The document's text with what is quoted in it; ``?start=&end=`` shows one place, in the drawer if a script asks."""
    row = customer_of(request, customer)
    document = _document(request, row, evidence)
    place = _place(request, document)
    citations = list(citations_in_force(document))
    who = names_of([document.added_by])[document.added_by]
    if is_partial(request) and place is not None:
        key = (document.pk, *place)
        locator = locators_of([key])[key]
        source = present.source_drawer(document, row, place, locator=locator, who=who, citations=citations)
        return render(request, "vos/partials/source.html", {"source": source})
    start, end, number = present.part_of(document.text, place, _number(request.GET.get("part")))
    spans = list(document.spans.filter(start__lt=end, end__gt=start))
    context = {
        "document": present.document_facts(document, who, row),
        "pieces": present.text_pieces(document, spans, citations, place, (start, end)),
        "citations": present.citation_entries(document, citations, row),
        "warnings": present.warning_entries(remarks_of(document)),
        "previous_url": f"?part={number - 1}" if number else "",
        "next_url": f"?part={number + 1}" if end < len(document.text) else "",
        **_frame(row),
    }
    return render(request, "vos/evidence.html", context)


@require_GET
@never_cache
@requires(Permission.CUSTOMER_VIEW)
def evidence_file(request: HttpRequest, customer: uuid.UUID, evidence: uuid.UUID) -> HttpResponse:
    """The original, byte by byte, as an attachment of no type: a browser must never show what came from outside."""
    document = _document(request, customer_of(request, customer), evidence)
    try:
        content = blob_get(document.blob)
    except (BlobMissing, BlobCorrupted):
        messages.error(request, _("The original cannot be read. Its text is kept here; add the file again to mend it."))
        return redirect("web:evidence", customer, evidence)
    headers = {
        "Content-Disposition": content_disposition_header(as_attachment=True, filename=document.filename) or "attachment",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(content, content_type="application/octet-stream", headers=headers)


def _frame(customer: Customer) -> dict[str, object]:
    return {"tabs": tabs(customer, ""), "nav_current": "customers", "line": customer_line(customer)}


def _document(request: HttpRequest, customer: Customer, public_id: uuid.UUID) -> Evidence:
    found: Evidence | None = evidence_visible_to(actor_of(request)).filter(customer=customer, public_id=public_id).first()
    if found is None:
        raise Http404
    return found


def _place(request: HttpRequest, document: Evidence) -> Place | None:
    start, end = _number(request.GET.get("start"), -1), _number(request.GET.get("end"), -1)
    return (start, end) if 0 <= start < end <= len(document.text) else None


def _number(text: str | None, default: int = 0) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 12 else default
