"""The value tree, and its picture to take along."""

import uuid
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.views.decorators.http import require_GET

from tenants.interfaces.web import requires
from tenants.roles import Permission
from valuefabric.models import Customer
from valuefabric.selectors.tree_pages import value_tree
from valuefabric.selectors.value_models import version_shown
from vos.web.charts import standalone
from vos.web.places import part_url, tabs
from vos.web.presenters.customers import customer_line
from vos.web.presenters.trees import TreeOf
from vos.web.scope import customer_of

_MOST_FOLDS = 200


@require_GET
@requires(Permission.CUSTOMER_VIEW)
def tree(request: HttpRequest, customer: uuid.UUID) -> HttpResponse:
    """Objectives to impact from left to right; ``?fold=`` names what is folded."""
    row = customer_of(request, customer)
    shown = _tree_of(request, row)
    query = request.META.get("QUERY_STRING", "")
    export = part_url(row, "tree_svg")
    context = {
        **shown.context(),
        "tabs": tabs(row, "tree"),
        "export_url": f"{export}?{query}" if query else export,
        "build_url": part_url(row, "opportunity"),
        "nav_current": "customers",
        "line": customer_line(row),
    }
    return render(request, "vos/value_tree.html", context)


@require_GET
@requires(Permission.CUSTOMER_VIEW)
def tree_svg(request: HttpRequest, customer: uuid.UUID) -> HttpResponse:
    """The picture as a file that stands alone, without links into the workspace."""
    row = customer_of(request, customer)
    shown = _tree_of(request, row)
    if not shown.placed:
        raise Http404
    svg = standalone(
        shown.picture(linked=False), tokens=_stylesheet("css/tokens.css"), rules=_stylesheet("css/components/chart.css")
    )
    name = f"value-tree-{slugify(row.name) or 'customer'}.svg"
    headers = {"Content-Disposition": content_disposition_header(as_attachment=True, filename=name) or "attachment"}
    return HttpResponse(svg, content_type="image/svg+xml", headers=headers)


def _tree_of(request: HttpRequest, customer: Customer) -> TreeOf:
    version = version_shown(customer)
    rows = {row["key"] for row in version.document["rows"]} if version else set()
    return TreeOf(value_tree(customer), customer=customer, rows=rows, folded=request.GET.getlist("fold")[:_MOST_FOLDS])


@cache
def _stylesheet(name: str) -> str:
    found = finders.find(name)
    if not isinstance(found, str):
        raise FileNotFoundError(f"The stylesheet {name} is not among the static files; restore it.")
    return Path(found).read_text(encoding="utf-8")
