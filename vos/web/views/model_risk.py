"""The risk of a model: scenarios side by side, what decides, thousands of trials, and questions that one asks of it."""

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from tenants.interfaces.web import requires
from tenants.roles import Permission
from valuefabric.domain.model import FormulaError, ModelDocument
from valuefabric.domain.model.sensitivity import sensitivities
from valuefabric.domain.model.side_by_side import side_by_side
from valuefabric.domain.risk.limits import RiskError
from valuefabric.selectors.documents import document_of
from valuefabric.selectors.model_risk import risk_picture
from vos.web.model_pages import version_of
from vos.web.places import part_url, tabs
from vos.web.presenters import models as around
from vos.web.presenters import models_risk as present
from vos.web.presenters.customers import customer_line
from vos.web.presenters.versions import part_entries
from vos.web.risk_tools import kept_for_trials, tools_context
from vos.web.scope import customer_of

TRIALS = (1_000, 10_000, 100_000)
_MOST_SEED = 2**31


@require_GET
@requires(Permission.CUSTOMER_VIEW)
def risk(request: HttpRequest, customer: uuid.UUID) -> HttpResponse:
    """Scenarios and what decides; ``?trials=&seed=`` simulates, the same seed always gives the same picture.

    ``?of=&measure=&target=`` seeks a figure, ``?first=&second=&tell=`` crosses two inputs, ``?shares=1`` divides the uncertainty.
    """
    row = customer_of(request, customer)
    version = version_of(request, row)
    if version is None:
        raise Http404
    document = document_of(version)
    columns, found = side_by_side(document), sensitivities(document)
    base = next(column.computation for column in columns if column.key == "base")
    simulated = _simulated(request, document)
    context = {
        "risk_url": part_url(row, "model_risk"),
        "version": version,
        **simulated,
        **tools_context(document, request.GET, found, seed=simulated["seed"]),
        "side_by_side": present.side_by_side(document, columns),
        "swings": around.swings_chart(document, base, found),
        "chart": around.cash_flow_chart(document, base),
        "parts": part_entries(row, version, "model_risk"),
        "tabs": tabs(row, "model"),
        "nav_current": "customers",
        "line": customer_line(row),
    }
    return render(request, "vos/risk.html", context)


def _simulated(request: HttpRequest, document: ModelDocument) -> dict[str, Any]:
    trials = _whole(request, "trials", TRIALS[1], TRIALS)
    seed = _whole(request, "seed", 1, None)
    made: dict[str, Any] = {
        "trials": trials,
        "seed": seed,
        "choices": TRIALS,
        "problem": "",
        "kept": kept_for_trials(request.GET),
    }
    try:
        picture = risk_picture(document, trials=trials, seed=seed)
    except (RiskError, FormulaError) as error:
        return {**made, "problem": str(error)}
    if not picture.percentiles:
        return {**made, "problem": _("No trial has a result, so there is no picture.")}
    return {
        **made,
        "worth": present.worth_chart(picture, document),
        "payback": present.payback_chart(picture),
        "facts": present.risk_facts(picture, document),
        "drawn": [{"label": label, "kind": kind} for label, kind in picture.drawn],
    }


def _whole(request: HttpRequest, name: str, default: int, known: tuple[int, ...] | None) -> int:
    """A whole number of the address; the default for anything else."""
    text = request.GET.get(name, "")
    value = int(text) if text.isascii() and text.isdigit() and len(text) < 11 else default
    return value if (value in known if known else value < _MOST_SEED) else default
