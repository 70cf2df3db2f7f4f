"""The risk of a model: scenarios side by side, what decides, thousands of trials, and questions that one asks of it."""

import uuid
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tenants.actors import actor_of
from tenants.interfaces.web import requires
from tenants.roles import Permission
from valuefabric.domain.model.sensitivity import sensitivities
from valuefabric.domain.model.side_by_side import side_by_side
from valuefabric.models import Customer, ModelVersion
from valuefabric.selectors.documents import document_of
from vos.web.model_pages import version_of
from vos.web.places import part_url, tabs
from vos.web.presenters import models as around
from vos.web.presenters import models_risk as present
from vos.web.presenters.customers import customer_line
from vos.web.presenters.versions import part_entries
from vos.web.risk_tools import kept_for_trials, tools_context
from vos.web.scope import customer_of, is_partial
from vos.web.simulations import Asked, simulation, simulation_stop

TRIALS = (1_000, 10_000, 100_000, 1_000_000)
WAIT = 1.0  # seconds that the page waits for a simulation before it shows how far it is
STOP_WAIT = 0.6
_MOST_SEED = 2**31


@require_GET
@requires(Permission.CUSTOMER_VIEW)
def risk(request: HttpRequest, customer: uuid.UUID) -> HttpResponse:
    """Scenarios and what decides; ``?trials=&seed=`` simulates, the same seed always gives the same picture.

    ``?of=&measure=&target=`` seeks a figure, ``?first=&second=&tell=`` crosses two inputs, ``?shares=1`` divides the uncertainty.
    """
    row, version = _version(request, customer)
    document = document_of(version)
    columns, found = side_by_side(document), sensitivities(document)
    base = next(column.computation for column in columns if column.key == "base")
    simulated = _simulated(request, row, version, wait=WAIT)
    context = {
        "risk_url": part_url(row, "model_risk"),
        "version": version,
        **simulated,
        **tools_context(document, request.GET, found, seed=simulated["seed"]),
        "what_ifs_url": _what_ifs_url(request, row, version),
        "side_by_side": present.side_by_side(document, columns),
        "swings": around.swings_chart(document, base, found),
        "chart": around.cash_flow_chart(document, base),
        "parts": part_entries(row, version, "model_risk"),
        "tabs": tabs(row, "model"),
        "nav_current": "customers",
        "line": customer_line(row),
    }
    return render(request, "vos/risk.html", context)


@require_GET
@requires(Permission.CUSTOMER_VIEW)
def trials(request: HttpRequest, customer: uuid.UUID) -> HttpResponse:
    """The simulation alone, asked for again and again while it runs."""
    row, version = _version(request, customer)
    context = {"risk_url": part_url(row, "model_risk"), "version": version, **_simulated(request, row, version, wait=0)}
    return render(request, "vos/partials/risk_trials.html", context)


@require_POST
@requires(Permission.CUSTOMER_VIEW)
def trials_stop(request: HttpRequest, customer: uuid.UUID) -> HttpResponse:
    """Stop a simulation that takes too long; nothing of it is kept. Whoever may look at it may."""
    row, version = _version(request, customer)
    simulation_stop(_asked(request, version))
    context = {"risk_url": part_url(row, "model_risk"), "version": version, **_simulated(request, row, version, wait=STOP_WAIT)}
    if is_partial(request):
        return render(request, "vos/partials/risk_trials.html", context)
    return redirect(f"{part_url(row, 'model_risk')}?{request.GET.urlencode()}#trials")


def _what_ifs_url(request: HttpRequest, customer: Customer, version: ModelVersion) -> str:
    """Where what-ifs are made and changed, for who may."""
    if not actor_of(request).allows(Permission.MODEL_EDIT):
        return ""
    return f"{part_url(customer, 'model')}?{urlencode({'version': version.public_id})}#what-ifs"


def _version(request: HttpRequest, customer: uuid.UUID) -> tuple[Customer, ModelVersion]:
    row = customer_of(request, customer)
    version = version_of(request, row)
    if version is None:
        raise Http404
    return row, version


def _asked(request: HttpRequest, version: ModelVersion) -> Asked:
    return Asked(version.content_hash, _whole(request, "trials", TRIALS[1], TRIALS), _whole(request, "seed", 1, None))


def _simulated(request: HttpRequest, customer: Customer, version: ModelVersion, *, wait: float) -> dict[str, Any]:
    """The picture, or how far the simulation is, or why there is none."""
    asked, document = _asked(request, version), document_of(version)
    state = simulation(asked, lambda: document, wait=wait, again="again" in request.GET)
    # What stands in the address decides everything, so the same questions are asked of the part as of the page.
    query = QueryDict(mutable=True)
    query.update({"version": str(version.public_id), "trials": str(asked.trials), "seed": str(asked.seed)})
    query.update(dict(kept_for_trials(request.GET)))
    made: dict[str, Any] = {
        "trials": asked.trials,
        "seed": asked.seed,
        "choices": TRIALS,
        "problem": state.problem,
        "is_certain": bool(state.problem) and not any(row.low or row.high or row.distribution for row in document.rows),
        "model_url": part_url(customer, "model"),
        "kept": kept_for_trials(request.GET),
        "state": state,
        "share_done": state.done * 100 // asked.trials,
        "trials_url": f"{reverse('web:risk_trials', args=[customer.public_id])}?{query.urlencode()}",
        "stop_url": f"{reverse('web:risk_trials_stop', args=[customer.public_id])}?{query.urlencode()}",
        "page_url": f"{part_url(customer, 'model_risk')}?{query.urlencode()}",
    }
    picture = state.picture
    if picture is None:
        return made
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
