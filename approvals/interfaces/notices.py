"""One's own notices: the ways, the devices, and the links that notices hold."""

import base64
import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from approvals.actions import UnknownAction, action_of
from approvals.models import ApprovalRequest
from approvals.notices import selectors
from approvals.notices.keys import push_public_key
from approvals.notices.links import Link, LinkExpired, LinkInvalid, link_read
from approvals.notices.services import DeviceRefused, choice_set, device_add, device_remove, device_replace
from approvals.people import names_of
from tenants.actors import actor_of
from tenants.interfaces.web import requires
from tenants.roles import Permission


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@requires(Permission.APPROVAL_VIEW)
def notices(request: HttpRequest) -> HttpResponse:
    """How one is told: by e-mail, on which devices, and what was told last."""
    person = actor_of(request).identifier
    if request.method == "POST":
        ways = {"email": "email" in request.POST, "push": "push" in request.POST}
        choice_set(person=person, **ways, language=request.POST.get("language", ""))
        messages.success(request, _("Saved."))
        return redirect("approvals:notices")
    context = {
        "choice": selectors.choice_of(person),
        "languages": settings.LANGUAGES,
        "devices": selectors.devices_of(person),
        "told": selectors.notices_of(person),
        "push_key": base64.urlsafe_b64encode(push_public_key()).decode().rstrip("="),
        "nav_current": "approvals",
        "line": {"name": _("Notices"), "url": ""},
    }
    return render(request, "approvals/notices.html", context)


@require_POST
@requires(Permission.APPROVAL_VIEW)
def device_new(request: HttpRequest) -> HttpResponse:
    """Take this browser's subscription, sent by its script."""
    given = {name: request.POST.get(name, "") for name in ("endpoint", "p256dh", "auth")}
    try:
        device = device_add(person=actor_of(request).identifier, label=_browser(request), **given)
    except DeviceRefused as refused:
        return JsonResponse({"detail": str(refused)}, status=400)
    return JsonResponse({"device": str(device.public_id)}, status=201)


@require_POST
@requires(Permission.APPROVAL_VIEW)
def device_changed(request: HttpRequest) -> HttpResponse:
    """Take this browser's new address for the one that its push service gave up; sent by its service worker."""
    given = {name: request.POST.get(name, "") for name in ("former", "endpoint", "p256dh", "auth")}
    try:
        device = device_replace(person=actor_of(request).identifier, **given)
    except DeviceRefused as refused:
        return JsonResponse({"detail": str(refused)}, status=400)
    if device is None:
        return JsonResponse({"detail": _("That device was not told before.")}, status=404)
    return JsonResponse({"device": str(device.public_id)})


@require_POST
@requires(Permission.APPROVAL_VIEW)
def device_gone(request: HttpRequest) -> HttpResponse:
    """Send no more to one of one's browsers: named by its id on the page, or by its address from its own script."""
    person = actor_of(request).identifier
    if endpoint := request.POST.get("endpoint", ""):
        return JsonResponse({"removed": device_remove(person=person, endpoint=endpoint)})
    try:
        public_id = str(uuid.UUID(request.POST.get("device", "")))
    except ValueError as wrong:
        raise Http404 from wrong
    device_remove(person=person, public_id=public_id)
    return redirect("approvals:notices")


@require_GET
@never_cache
def link(request: HttpRequest, token: str) -> HttpResponse:
    """Where a notice leads. It shows, and does nothing: programs that read mail open it before people do.

    Its person, signed in, goes on to the request. Nobody signed in sees what the notice said, and how to sign in. Anybody else,
    and a link that is forged or too old, gets a plain page.
    """
    try:
        named = link_read(token)
    except LinkExpired:
        return _plain(request, "expired", 410)
    except LinkInvalid:
        return _plain(request, "invalid", 404)
    asked = ApprovalRequest.objects.filter(public_id=named.request).first()
    if asked is None:
        return _plain(request, "invalid", 404)
    if not request.user.is_authenticated:
        return _told(request, asked, named)
    if actor_of(request).identifier != named.person:
        return _plain(request, "another", 403)
    return redirect("approvals:detail", public_id=named.request)


def _told(request: HttpRequest, asked: ApprovalRequest, named: Link) -> HttpResponse:
    """What the notice said already, and where to sign in; no title, no customer, no figure."""
    page = reverse("approvals:detail", args=[named.request])
    context: dict[str, Any] = {
        "approval": asked,
        "requester": names_of([asked.requested_by])[asked.requested_by],
        "deed": _deed(asked),
        "sign_in": redirect_to_login(page).url,
    }
    return render(request, "approvals/link.html", context)


def _deed(asked: ApprovalRequest) -> str:
    try:
        return action_of(asked.action).title
    except UnknownAction:
        return asked.action


def _plain(request: HttpRequest, why: str, status: int) -> HttpResponse:
    return render(request, "approvals/link.html", {"why": why}, status=status)


# The most telling word first: Edge and Opera say Chrome as well, and Chrome says Safari.
_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS", "Mac"),
    ("Windows", "Windows"),
    ("Linux", "Linux"),
)


def _browser(request: HttpRequest) -> str:
    """What its person knows a browser by."""
    agent = request.headers.get("User-Agent", "")
    browser = next((name for word, name in _BROWSERS if word in agent), _("A browser"))
    system = next((name for word, name in _SYSTEMS if word in agent), "")
    return _("%(browser)s on %(system)s") % {"browser": browser, "system": system} if system else browser
