"""Shows one example page, or the list of them. Served only where demonstrations are (VOS_DEMO)."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from vos.web.gallery.after import AFTER
from vos.web.gallery.frame import frame
from vos.web.gallery.model import MODEL
from vos.web.gallery.runs import RUNS
from vos.web.gallery.sales import SALES
from vos.web.gallery.story import STORY

PAGES = {**SALES, **MODEL, **STORY, **AFTER, **RUNS}
VARIANTS = ("plain", "long", "empty")
SWATCHES = ("revenue", "cost", "risk", "accent", "warn", "refuse", "quote", "ink", "ink-2", "ink-3", "paper", "sunken")


def gallery(request: HttpRequest, page: str = "") -> HttpResponse:
    """Render ``templates/vos/<page>`` with its example; ``?variant=long`` has long names and nine digits, ``empty`` nothing."""
    variant = request.GET.get("variant", "plain")
    if variant not in VARIANTS:
        raise Http404(f"There is no variant {variant!r}: choose one of {', '.join(VARIANTS)}.")
    if not page:
        return render(
            request,
            "vos/gallery.html",
            {**frame("customers", long=variant == "long"), "pages": list(PAGES), "swatches": SWATCHES},
        )
    if page not in PAGES:
        raise Http404(f"There is no example page {page!r}: choose one of {', '.join(PAGES)}.")
    template, example, nav = PAGES[page]
    context = {} if variant == "empty" else example(variant == "long")
    return render(request, template, {**frame(nav, long=variant == "long", page=page), **context})
