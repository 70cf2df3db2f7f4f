"""What the pages of versions, merges and comments share: the model that is meant, and their frame."""

import uuid
from typing import Any

from django.http import Http404, HttpRequest

from valuefabric.models import Customer, ModelBranch, ModelVersion
from valuefabric.selectors.versions import branch_of
from vos.web.model_pages import version_of
from vos.web.places import tabs
from vos.web.presenters.customers import customer_line
from vos.web.presenters.versions import part_entries


def version_or_404(request: HttpRequest, customer: Customer) -> ModelVersion:
    """The version that ``?version=`` names, else the one that the customer's pages are about."""
    version = version_of(request, customer)
    if version is None:
        raise Http404
    return version


def branch_or_404(customer: Customer, public_id: uuid.UUID) -> ModelBranch:
    """A branch of one of the customer's models."""
    rows = ModelBranch.objects.select_related("model__customer", "from_version").defer("from_version__document")
    found: ModelBranch | None = rows.filter(model__customer=customer, public_id=public_id).first()
    if found is None:
        raise Http404
    return found


def line_asked(request: HttpRequest, version: ModelVersion) -> ModelBranch | None:
    """The branch that ``?line=`` names, else the one of the version shown; None for the main line."""
    text = request.GET.get("line", "")
    if text in ("", "main"):
        return version.branch if not text else None
    try:
        found = branch_of(version.model, uuid.UUID(text))
    except ValueError:
        found = None
    if found is None:
        raise Http404
    return found


def frame(customer: Customer, version: ModelVersion, current: str) -> dict[str, Any]:
    """Tabs, header line, and the pages about one model."""
    return {
        "tabs": tabs(customer, "model"),
        "parts": part_entries(customer, version, current),
        "nav_current": "customers",
        "line": customer_line(customer),
        "version": version,
    }
