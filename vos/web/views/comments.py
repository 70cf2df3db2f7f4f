"""Comments on a model: all of them as a page, those of one figure as a piece of the drawer, and what people add."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from approvals.people import names_of
from tenants.actors import actor_of
from tenants.interfaces.web import requires
from tenants.roles import Permission
from valuefabric.models import Customer, ModelComment, ModelVersion
from valuefabric.selectors.comments import comments_visible_to, threads_shown
from valuefabric.selectors.model_draft import saved_document
from valuefabric.services.comments import CommentRefused, comment_add, comment_edit, comment_reply, comment_resolve
from vos.web.places import part_url
from vos.web.presenters import comments as present
from vos.web.scope import customer_of, is_partial
from vos.web.version_pages import frame, version_or_404

_LONGEST_KEY = 64


@require_GET
@requires(Permission.CUSTOMER_VIEW)
def comments(request: HttpRequest, customer: uuid.UUID) -> HttpResponse:
    """All threads, open ones first; with ``?row=`` (and ``?period=``) those of that place, for a script as a piece of a page."""
    row = customer_of(request, customer)
    version = version_or_404(request, row)
    place = _place(request.GET)
    if is_partial(request) and place[0]:
        return render(request, "vos/partials/cell_comments.html", _context(request, row, version, place))
    context = {**frame(row, version, "model_comments"), **_context(request, row, version, place)}
    return render(request, "vos/model_comments.html", context)


@require_POST
@requires(Permission.MODEL_COMMENT)
def add(request: HttpRequest, customer: uuid.UUID) -> HttpResponse:
    """Begin a thread on a figure, a row, or the model (fields row, period, text, version)."""
    row = customer_of(request, customer)
    version = _version(request, row)
    place = _place(request.POST)
    try:
        comment_add(
            model=version.model, version=version, text=_text(request), actor=actor_of(request), row=place[0], period=place[1]
        )
    except CommentRefused as refused:
        return _refused(request, row, version, place, str(refused))
    return _answer(request, row, version, place, _("Commented."))


@require_POST
@requires(Permission.MODEL_COMMENT)
def reply(request: HttpRequest, customer: uuid.UUID, comment: uuid.UUID) -> HttpResponse:
    """Answer in a thread."""
    row, thread = _thread(request, customer, comment)
    version, place = _version(request, row), _place(request.POST)
    try:
        comment_reply(thread=thread, text=_text(request), actor=actor_of(request))
    except CommentRefused as refused:
        return _refused(request, row, version, place, str(refused), str(thread.public_id))
    return _answer(request, row, version, place, _("Answered."))


@require_POST
@requires(Permission.MODEL_COMMENT)
def edit(request: HttpRequest, customer: uuid.UUID, comment: uuid.UUID) -> HttpResponse:
    """Say it better: only who said it."""
    row, said = _thread(request, customer, comment)
    version, place = _version(request, row), _place(request.POST)
    try:
        comment_edit(comment=said, text=_text(request), actor=actor_of(request))
    except CommentRefused as refused:
        return _refused(request, row, version, place, str(refused))
    except PermissionDenied as refused:
        return _refused(request, row, version, place, str(refused))
    return _answer(request, row, version, place, _("Changed; what it said before is kept."))


@require_POST
@requires(Permission.MODEL_COMMENT)
def resolve(request: HttpRequest, customer: uuid.UUID, comment: uuid.UUID) -> HttpResponse:
    """Note that what a thread asked for is done (``resolved`` 1), or that it is not (0)."""
    row, thread = _thread(request, customer, comment)
    version, place = _version(request, row), _place(request.POST)
    resolved = request.POST.get("resolved") != "0"
    try:
        comment_resolve(thread=thread, actor=actor_of(request), resolved=resolved)
    except CommentRefused as refused:
        return _refused(request, row, version, place, str(refused))
    return _answer(request, row, version, place, _("Resolved.") if resolved else _("Open again."))


def _context(request: HttpRequest, customer: Customer, version: ModelVersion, place: tuple[str, str]) -> dict[str, Any]:
    actor = actor_of(request)
    threads = threads_shown(version, row=place[0], period=place[1])
    threads = tuple(sorted(threads, key=lambda one: one.comment.resolved_at is not None))
    names = names_of(present.identifiers_of(threads))
    document = saved_document(version)
    return {"comments": present.comments_entry(customer, version, document, threads, names, actor, place=place)}


def _answer(request: HttpRequest, customer: Customer, version: ModelVersion, place: tuple[str, str], told: str) -> HttpResponse:
    """For a script the comments of the place as they are now; else back to the page."""
    if is_partial(request) and place[0]:
        return render(request, "vos/partials/cell_comments.html", _context(request, customer, version, place))
    messages.success(request, told)
    return redirect(f"{part_url(customer, 'model_comments')}?version={version.public_id}")


def _refused(
    request: HttpRequest, customer: Customer, version: ModelVersion, place: tuple[str, str], told: str, thread: str = ""
) -> HttpResponse:
    """What was typed stays typed, with what to do about it."""
    context = _context(request, customer, version, place)
    context["comments"] |= {"refusal": told, "typed": request.POST.get("text", "")[:10_000], "typed_in": thread}
    if is_partial(request) and place[0]:
        return render(request, "vos/partials/cell_comments.html", context)
    return render(request, "vos/model_comments.html", {**frame(customer, version, "model_comments"), **context}, status=422)


def _thread(request: HttpRequest, customer: uuid.UUID, comment: uuid.UUID) -> tuple[Customer, ModelComment]:
    row = customer_of(request, customer)
    rows = comments_visible_to(actor_of(request)).select_related("model__customer", "thread")
    found = rows.filter(model__customer=row, public_id=comment).first()
    if found is None:
        raise Http404
    return row, found


def _version(request: HttpRequest, customer: Customer) -> ModelVersion:
    """The version that the page showed (field version)."""
    try:
        public_id = uuid.UUID(request.POST.get("version", ""))
    except ValueError as error:
        raise Http404 from error
    rows = ModelVersion.objects.filter(model__customer=customer, public_id=public_id)
    found: ModelVersion | None = rows.select_related("model__customer").first()
    if found is None:
        raise Http404
    return found


def _place(given: Any) -> tuple[str, str]:
    row = str(given.get("row", ""))[: _LONGEST_KEY + 1]
    return row, str(given.get("period", ""))[: _LONGEST_KEY + 1] if row else ""


def _text(request: HttpRequest) -> str:
    text: str = request.POST.get("text", "")
    return text
