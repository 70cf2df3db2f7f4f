"""Writes about notices: people's devices and wishes, and the rows that make each be sent once."""

import base64
import binascii
from collections.abc import Sequence
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from approvals.models import ApprovalRequest
from approvals.notices.endpoints import endpoint_allowed
from approvals.notices.kinds import Channel, Kind
from approvals.notices.models import Notice, NoticeChoice, PushDevice
from approvals.notices.recipients import Recipient
from kernel.scheduler.duework import due_work_put, wake
from kernel.schemas import current_schema

NOTICE_WORK = "approval.notice"
MOST_DEVICES = 10


class DeviceRefused(ValueError):
    """What a browser sent is no subscription that can be sent to; the message says what is wrong."""


def notices_write(
    *,
    kind: Kind,
    cause: str,
    recipients: Sequence[Recipient],
    request: ApprovalRequest | None = None,
    stop: str | None = None,
) -> list[Notice]:
    """Put a notice for each recipient on each of their ways, to be sent after the commit; returns those that are new.

    It is about ``request``, or about the emergency stop with the public id ``stop``. Told a second time of the same ``cause``, it
    writes nothing: a notice's row is what makes it be sent once.
    """
    about = {"request": request, "stop": stop, "kind": kind, "cause": cause}
    people = [recipient.person for recipient in recipients]
    choices = NoticeChoice.objects.in_bulk(people)
    devices = list(PushDevice.objects.filter(person__in=people).order_by("pk"))
    rows = []
    for recipient in recipients:
        choice = choices.get(recipient.person) or NoticeChoice(person=recipient.person)
        ways = [(Channel.EMAIL, "")] if choice.email else []
        ways += [(Channel.PUSH, str(one.public_id)) for one in devices if choice.push and one.person == recipient.person]
        rows += [_row(about, recipient, channel, target) for channel, target in ways]
    with transaction.atomic():
        written = {row.public_id for row in rows}
        Notice.objects.bulk_create(rows, ignore_conflicts=True)
        new = list(Notice.objects.filter(public_id__in=written).order_by("pk"))
        for notice in new:
            due_work_put(kind=NOTICE_WORK, reference=str(notice.public_id), due_at=notice.due_at)
            transaction.on_commit(partial(wake, NOTICE_WORK, current_schema(), str(notice.public_id)), robust=True)
    return new


def _row(about: dict[str, Any], recipient: Recipient, channel: Channel, target: str) -> Notice:
    return Notice(person=recipient.person, instead_of=recipient.instead_of, channel=channel, target=target, **about)


def choice_set(*, person: str, email: bool, push: bool, language: str = "") -> NoticeChoice:
    """Tell ``person`` on these ways from now on, dates as ``language`` writes them; one that is not offered counts as none."""
    known = language if language in dict(settings.LANGUAGES) else ""
    values = {"email": email, "push": push, "language": known, "changed_at": timezone.now()}
    choice, _new = NoticeChoice.objects.update_or_create(person=person, defaults=values)
    return choice


def device_add(*, person: str, endpoint: str, p256dh: str, auth: str, label: str = "") -> PushDevice:
    """Send ``person`` web push to this browser from now on. A browser is one person's: whoever had it before has it no more.

    Raises DeviceRefused for an address that is no push service's, and for keys that nothing could be encrypted for.
    """
    if not endpoint_allowed(endpoint, own_hosts=settings.VOS_PUSH_HOSTS):
        raise DeviceRefused("This browser's push service is not known here. An operator can allow it by VOS_PUSH_HOSTS.")
    if _length(p256dh) != 65 or _length(auth) != 16:
        raise DeviceRefused("The browser sent keys that nothing can be encrypted for. Switch notifications off and on again.")
    with transaction.atomic():
        values = {"person": person, "p256dh": p256dh, "auth": auth, "label": label[:120]}
        device, _new = PushDevice.objects.update_or_create(endpoint=endpoint, defaults=values)
        kept = PushDevice.objects.filter(person=person).order_by("-pk").values_list("pk", flat=True)[:MOST_DEVICES]
        PushDevice.objects.filter(person=person).exclude(pk__in=list(kept)).delete()
    return device


def device_replace(*, person: str, former: str, endpoint: str, p256dh: str, auth: str) -> PushDevice | None:
    """Take the address that a browser has now in place of ``former``, which is of no use any more; None if that was not theirs.

    Raises DeviceRefused as ``device_add``.
    """
    with transaction.atomic():
        old = PushDevice.objects.select_for_update().filter(person=person, endpoint=former).first()
        if old is None:
            return None
        made = device_add(person=person, endpoint=endpoint, p256dh=p256dh, auth=auth, label=old.label)
        if made.pk != old.pk:
            old.delete()
    return made


def device_remove(*, person: str, public_id: str = "", endpoint: str = "") -> int:
    """Send no more to one of ``person``'s browsers; returns how many that were."""
    rows = PushDevice.objects.filter(person=person)
    rows = rows.filter(public_id=public_id) if public_id else rows.filter(endpoint=endpoint)
    return rows.delete()[0]


def _length(text: str) -> int:
    try:
        return len(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError):
        return 0
