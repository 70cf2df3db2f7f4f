"""Sending a notice: claimed by compare-and-set, sent outside a transaction, settled with what came of it."""

import random

from django.conf import settings
from django.db.models import F
from django.urls import reverse
from django.utils import timezone, translation

from approvals.notices.backoff import LEASE, wait_after
from approvals.notices.channels import Undeliverable
from approvals.notices.kinds import Channel, NoticeState
from approvals.notices.mail import mail_send
from approvals.notices.models import Notice, PushDevice
from approvals.notices.push import push_send
from approvals.notices.services import NOTICE_WORK
from approvals.notices.telling import Message, message_of
from approvals.people import role_now
from kernel.scheduler.duework import due_work_done, due_work_put
from kernel.schemas import current_schema
from tenants.models import User
from tenants.selectors import tenant_origin


def notice_send(*, public_id: str) -> str:
    """Send one notice; returns its state afterwards, or "not due" where somebody else has it or its time has not come.

    Whoever is killed between sending and settling leaves a lease that ends: then it goes out again, under the same message id
    and the same tag, so that mail servers and browsers show one.
    """
    now = timezone.now()
    rows = Notice.objects.filter(public_id=public_id, state=NoticeState.WAITING)
    if not rows.filter(due_at__lte=now).update(due_at=now + LEASE, attempts=F("attempts") + 1):
        if not rows.exists():
            due_work_done(kind=NOTICE_WORK, reference=public_id)
        return "not due"
    due_work_put(kind=NOTICE_WORK, reference=public_id, due_at=now + LEASE)
    notice = Notice.objects.select_related("request").get(public_id=public_id)
    try:
        return _settle(notice, NoticeState.SENT if _sent(notice) else NoticeState.DROPPED)
    except Undeliverable as error:
        return _failed(notice, error)


def _sent(notice: Notice) -> bool:
    """Send it, unless there is no point any more; returns whether it was sent."""
    user_id = int(notice.person.partition(":")[2])
    if role_now(user_id) is None:
        return False
    message = message_of(notice)
    if message is None:
        return False
    return _mailed(notice, message, user_id) if notice.channel == Channel.EMAIL else _pushed(notice, message)


def _mailed(notice: Notice, message: Message, user_id: int) -> bool:
    origin = tenant_origin(current_schema())
    with translation.override(message.language):
        mail_send(
            to=User.objects.values_list("email", flat=True).get(pk=user_id),
            words=message.words,
            url=origin + message.path,
            choice_url=origin + reverse("approvals:notices", urlconf=settings.ROOT_URLCONF),
            workspace=message.workspace,
            message_id=f"<{notice.public_id}@{origin.partition('://')[2].partition(':')[0]}>",
            is_link=notice.request_id is not None,
        )
    return True


def _pushed(notice: Notice, message: Message) -> bool:
    device = PushDevice.objects.filter(public_id=notice.target, person=notice.person).first()
    if device is None:
        return False
    words, tag = message.words, str(notice.public_id)
    told = {"title": words.title, "body": words.body, "url": message.path, "tag": tag, "lang": message.language}
    keep = max(60, int((message.keep_until - timezone.now()).total_seconds()))
    try:
        push_send(device, told, topic=message.topic, keep_seconds=keep)
    except Undeliverable as error:
        if error.gone:
            device.delete()
        raise
    return True


def _failed(notice: Notice, error: Undeliverable) -> str:
    if error.gone:
        return _settle(notice, NoticeState.DROPPED, str(error))
    wait = wait_after(notice.attempts, jitter=random.random(), asked_seconds=error.after_seconds)  # noqa: S311  -- jitter
    if not error.retry or wait is None:
        return _settle(notice, NoticeState.FAILED, str(error))
    due_at = timezone.now() + wait
    Notice.objects.filter(pk=notice.pk, state=NoticeState.WAITING).update(due_at=due_at, error=str(error)[:300])
    due_work_put(kind=NOTICE_WORK, reference=str(notice.public_id), due_at=due_at)
    return NoticeState.WAITING.value


def _settle(notice: Notice, state: NoticeState, error: str = "") -> str:
    sent_at = timezone.now() if state == NoticeState.SENT else None
    Notice.objects.filter(pk=notice.pk, state=NoticeState.WAITING).update(state=state, sent_at=sent_at, error=error[:300])
    due_work_done(kind=NOTICE_WORK, reference=str(notice.public_id))
    return state.value
