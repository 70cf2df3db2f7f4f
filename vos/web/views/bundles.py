"""Style sheets that were put together."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from vos.web.bundles import ENTRIES, bundle


@require_GET
def stylesheet(_request: HttpRequest, name: str, content: str) -> HttpResponse:
    """One bundle. Its name holds its hash, so a browser keeps it for good; an older name gets today's, and is not kept."""
    if name not in ENTRIES:
        raise Http404
    text, now = bundle(name)
    response = HttpResponse(text, content_type="text/css; charset=utf-8")
    response["Cache-Control"] = "public, max-age=31536000, immutable" if content == now else "no-store"
    return response
