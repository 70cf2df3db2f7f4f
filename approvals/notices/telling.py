"""What one notice says, where it leads, and until when it is of use: about a request, or about asking for a stop's release."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation

from approvals.actions import UnknownAction, action_of
from approvals.models import ApprovalRequest
from approvals.notices.kinds import ASKING, Kind
from approvals.notices.links import Link, link_make
from approvals.notices.models import Notice, NoticeChoice
from approvals.notices.recipients import releasers, still_asked
from approvals.notices.wording import Told, Words, words_of
from approvals.people import names_of
from kernel.schemas import current_schema
from kernel.stops.models import STANDING, Stop, StopRelease
from tenants.models import Tenant

_LONGEST_KEPT = timedelta(days=3)


@dataclass(frozen=True)
class Message:
    """A notice, ready to be sent. ``path`` is on the workspace's host; ``topic`` names what it is about, for push services."""

    words: Words
    path: str
    topic: str
    language: str
    workspace: str
    keep_until: datetime


def message_of(notice: Notice) -> Message | None:
    """The message in its reader's language and the workspace's time zone; None if it has no point any more."""
    language = _language(notice.person)
    tenant = Tenant.objects.get(schema_name=current_schema())
    with translation.override(language), timezone.override(tenant.zone):
        told = _of_request(notice, notice.request, tenant.name) if notice.request else _of_stop(notice, tenant.name)
        if told is None:
            return None
        longest = timezone.now() + _LONGEST_KEPT
        return Message(
            words=words_of(Kind(notice.kind), told),
            path=_path(notice),
            topic=_topic(notice),
            language=language,
            workspace=tenant.name,
            keep_until=longest if notice.kind == Kind.DECIDED else min(told.decide_by, longest),
        )


def _language(person: str) -> str:
    chosen = NoticeChoice.objects.filter(person=person).values_list("language", flat=True).first()
    return chosen or settings.LANGUAGE_CODE


def _of_request(notice: Notice, request: ApprovalRequest, workspace: str) -> Told | None:
    if notice.kind in ASKING and not still_asked(request, notice.person, notice.instead_of):
        return None
    names = names_of({request.requested_by, *({notice.instead_of} - {""})})
    return Told(
        workspace=workspace,
        deed=_deed(request),
        requester=names[request.requested_by],
        decide_by=timezone.localtime(request.expires_at),
        outcome="objected" if request.objected_at else request.state,
        instead_of=names.get(notice.instead_of, ""),
    )


def _of_stop(notice: Notice, workspace: str) -> Told | None:
    """As long as it is in force, somebody else's word stands, and the reader may still give theirs."""
    words = StopRelease.objects.filter(STANDING, stop__released_at=None).select_related("stop")
    word = words.filter(stop__public_id=str(notice.stop)).order_by("-id").first()
    if word is None or notice.person not in {one.person for one in releasers(asker=word.actor)}:
        return None
    until = timezone.localtime(word.expires_at or timezone.now() + _LONGEST_KEPT)
    return Told(workspace=workspace, deed=_kind(word.stop), requester=word.name, decide_by=until)


def _topic(notice: Notice) -> str:
    """What it is about, as push services name it: one that is not shown yet gives way to a newer one."""
    if notice.request is not None:
        return notice.request.public_id.hex
    return notice.stop.hex if notice.stop is not None else ""


def _kind(stop: Stop) -> str:
    """What kind of thing stands still, without its name."""
    return str(stop.get_kind_display())


def _deed(request: ApprovalRequest) -> str:
    try:
        return translation.gettext(action_of(request.action).title)
    except UnknownAction:  # asked by a version that knew it
        return request.action


def _path(notice: Notice) -> str:
    if notice.request is None:
        return reverse("web:oversight_release", args=[notice.stop], urlconf=settings.ROOT_URLCONF)
    token = link_make(Link(notice.request.public_id, notice.person))
    return reverse("approvals:link", args=[token], urlconf=settings.ROOT_URLCONF)
