"""What makes the approver's pages an app: the manifest, the service worker, what stands in without a connection."""

import hashlib
import hmac
from functools import wraps
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from tenants.actors import actor_of, tenant_of
from tenants.interfaces.web import View

# As static/css/tokens.css has them: --paper and --accent in light.
_PAPER, _ACCENT = "#faf8f3", "#14543d"


@require_GET
@cache_control(public=True, max_age=3600)
def manifest(request: HttpRequest) -> HttpResponse:
    """The app of this tenant. It opens at what waits; everything of the workspace may be read inside it."""
    name = tenant_of(request).name
    content = {
        "id": reverse("approvals:inbox"),
        "name": _("%(tenant)s approvals") % {"tenant": name},
        "short_name": name,
        "description": _("What waits for your decision."),
        "start_url": reverse("approvals:inbox"),
        "scope": "/",
        "display": "standalone",
        "lang": get_language(),
        "background_color": _PAPER,
        "theme_color": _ACCENT,
        "icons": [
            {"src": static("approvals/icons/192.png"), "sizes": "192x192", "type": "image/png"},
            {"src": static("approvals/icons/512.png"), "sizes": "512x512", "type": "image/png"},
            {"src": static("approvals/icons/maskable.png"), "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
        ],
    }
    return JsonResponse(content, content_type="application/manifest+json")


@require_GET
@cache_control(no_cache=True)
def worker(_request: HttpRequest) -> HttpResponse:
    """The service worker. It stands here and not under /static/, since a worker rules the folder that it comes from."""
    script = Path(str(finders.find("approvals/sw.js"))).read_text()
    return HttpResponse(script, content_type="text/javascript; charset=utf-8")


@require_GET
@cache_control(no_cache=True)
def offline(request: HttpRequest) -> HttpResponse:
    """What is shown without a connection: for a page that was not kept, and with ``?vote`` for a decision that was not sent."""
    return render(request, "approvals/offline.html", {"is_vote": "vote" in request.GET})


def kept_for_person(view: View) -> View:
    """Tell the service worker whose page it is: it keeps the pages of one person, and forgets them when another one comes."""

    @wraps(view)
    def marked(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["VOS-Person"] = person_key(request)
        return response  # type: ignore[return-value]

    return marked


def person_key(request: HttpRequest) -> str:
    """A name for the person's cache that tells nobody who it is."""
    of = f"{tenant_of(request).schema_name}:{actor_of(request).identifier}"
    return hmac.new(settings.SECRET_KEY.encode(), f"vos kept pages {of}".encode(), hashlib.sha256).hexdigest()[:16]
