"""What was promised against what was measured; bringing measurements; measuring again."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tenants.actors import actor_of
from tenants.interfaces.web import requires
from tenants.roles import Permission
from valuefabric.domain.formulas import FormulaError
from valuefabric.domain.realization import TelemetryError
from valuefabric.selectors.realization import report_latest
from valuefabric.services.evidence import EvidenceError
from valuefabric.services.realization import CommitmentOver, NothingMeasured, realization_record
from valuefabric.services.telemetry import TelemetryIngest, telemetry_ingest
from vos.web.forms.telemetry import TelemetryForm
from vos.web.places import part_url
from vos.web.presenters import realization as present
from vos.web.realization_csv import realization_csv
from vos.web.realization_page import chosen_of, page_context, standing_of
from vos.web.scope import customer_of


@require_GET
@requires(Permission.CUSTOMER_VIEW)
def realization(request: HttpRequest, customer: uuid.UUID) -> HttpResponse:
    """The newest report of the newest commitment (``?commitment=`` another); ``?export=csv`` gives it as a file."""
    row = customer_of(request, customer)
    standing = standing_of(row)
    commitment = chosen_of(standing, request.GET.get("commitment", ""))
    report = report_latest(commitment) if commitment else None
    if request.GET.get("export") == "csv":
        if report is None:
            raise Http404
        return realization_csv(report, present.realized_of(row, report).result)
    return render(request, "vos/realization.html", page_context(request, row, standing, commitment, report, TelemetryForm()))


@require_http_methods(["GET", "POST"])
@requires(Permission.TELEMETRY_ADD)
def telemetry_add(request: HttpRequest, customer: uuid.UUID) -> HttpResponse:
    """Take in a file of measurements: all of it or, with row and column named, nothing."""
    row = customer_of(request, customer)
    if request.method == "GET":
        return redirect(f"{part_url(row, 'realization')}#telemetry")
    form = TelemetryForm(request.POST, request.FILES)
    if form.is_valid():
        name, content = form.document
        try:
            taken = telemetry_ingest(customer=row, filename=name, content=content, actor=actor_of(request))
        except EvidenceError as refused:
            form.add_error(None, _("%(file)s: %(why)s") % {"file": name, "why": refused})
            form.add_error(None, _("Nothing of the file was kept. Correct it there and add it again."))
        else:
            _tell(request, taken)
            return redirect(part_url(row, "realization"))
    standing = standing_of(row)
    commitment = chosen_of(standing, "")
    report = report_latest(commitment) if commitment else None
    context = page_context(request, row, standing, commitment, report, form)
    return render(request, "vos/realization.html", context, status=422)


@require_POST
@requires(Permission.TELEMETRY_ADD)
def realization_measure(request: HttpRequest, customer: uuid.UUID) -> HttpResponse:
    """Hold the commitment against everything measured so far, and keep the report."""
    row = customer_of(request, customer)
    commitment = chosen_of(standing_of(row), request.POST.get("commitment", ""))
    if commitment is None:
        messages.error(request, _("Nothing is committed yet. A case must be approved and committed before it can be measured."))
        return redirect(part_url(row, "realization"))
    before = report_latest(commitment)
    try:
        report = realization_record(commitment=commitment, actor=actor_of(request))
    except (NothingMeasured, CommitmentOver, TelemetryError, FormulaError) as refused:
        messages.error(request, _("%(why)s Nothing was changed.") % {"why": refused})
    else:
        day = date_format(report.as_of, "DATE_FORMAT")
        known = before is not None and before.pk == report.pk
        words = _("Nothing has changed: the report as of %(day)s stands.") if known else _("Measured as of %(day)s.")
        messages.success(request, words % {"day": day})
    return redirect(f"{part_url(row, 'realization')}?commitment={commitment.public_id}")


def _tell(request: HttpRequest, taken: TelemetryIngest) -> None:
    told = []
    if taken.added:
        told.append(ngettext("%(n)d measurement was added.", "%(n)d measurements were added.", taken.added) % {"n": taken.added})
    if taken.repeated:
        words = ngettext("%(n)d was there already.", "%(n)d were there already.", taken.repeated)
        told.append(words % {"n": taken.repeated})
    if taken.synthetic:
        told.append(_("They are labelled synthetic."))
    if taken.unknown_kpis:
        told.append(_("Kept, but no row of the model is measured by them: %(kpis)s.") % {"kpis": ", ".join(taken.unknown_kpis)})
    messages.success(request, " ".join(told) or _("The file has no measurement. Nothing was stored."))
