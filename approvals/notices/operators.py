"""Platform operators hear that somebody asks for a stop's release: they could be the second person, whosever stop it is.

Notices lie in a workspace, and operators have none. So each of theirs is a row of due work on the public side, by whose key it is
sent once, taken away when it is sent or of no use any more; the audit log there says who was told. By e-mail only: browsers
subscribe to a workspace's pushes.
"""

from collections.abc import Iterable
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone, translation
from django_tenants.utils import get_public_schema_name, schema_context

from approvals.notices.backoff import FIRST_SECONDS, LEASE, LONGEST_SECONDS
from approvals.notices.channels import Undeliverable
from approvals.notices.kinds import Kind, NoticeState
from approvals.notices.mail import mail_send
from approvals.notices.wording import Told, words_of
from kernel.actors import SYSTEM
from kernel.audit.services import audit_record
from kernel.events.envelope import Envelope
from kernel.scheduler.duework import due_work_done, due_work_put, wake
from kernel.scheduler.models import DueWork
from kernel.stops.models import STANDING, StopRelease
from tenants.models import Tenant, User
from tenants.selectors import tenant_origin

OPERATOR_WORK = "stop.operator_notice"


def operators_told(event: Envelope) -> None:
    """Tell every operator but whoever asked. The relay hands each event over once."""
    with schema_context(get_public_schema_name()):
        said = _standing().filter(stop__public_id=event.data["stop"], actor=event.actor).order_by("-id").first()
        if said is not None:
            accounts = _operators().exclude(pk=said.person).order_by("pk").values_list("pk", flat=True)
            _put(f"{said.pk}:{account}" for account in accounts)


def operator_notice_send(*, reference: str) -> str:
    """Send what ``reference`` (word for a release, account) stands for, if it is due; returns its state afterwards, or "not due".

    Tried again as long as the word stands, each time after as long as it has been tried for, an hour at most.
    """
    with schema_context(get_public_schema_name()):
        now = timezone.now()
        due = DueWork.objects.filter(schema_name=get_public_schema_name(), kind=OPERATOR_WORK, reference=reference)
        if not due.filter(due_at__lte=now).update(due_at=now + LEASE):
            return "not due"
        word, account = reference.split(":")
        said, operator = _standing().filter(pk=word).first(), _operators().filter(pk=account).first()
        if said is None or operator is None:
            return _settle(reference, NoticeState.DROPPED)
        try:
            _mail(said, operator)
        except Undeliverable as error:
            if not error.retry:
                return _settle(reference, NoticeState.FAILED)
            tried = (now - said.at).total_seconds()
            wait = timedelta(seconds=min(max(tried, FIRST_SECONDS), LONGEST_SECONDS))
            due_work_put(kind=OPERATOR_WORK, reference=reference, due_at=now + wait)
            return NoticeState.WAITING.value
        with transaction.atomic():
            told = {"operator": operator.pk, "asked_by": said.actor}
            audit_record(actor=SYSTEM, action="oversight.operator_told", subject=said.stop.reference, detail=told)
            return _settle(reference, NoticeState.SENT)


def _standing() -> QuerySet[StopRelease]:
    return StopRelease.objects.filter(STANDING, stop__released_at=None).select_related("stop")


def _operators() -> QuerySet[User]:
    return User.objects.filter(is_active=True, is_staff=True)


def _put(references: Iterable[str]) -> None:
    for reference in references:
        due_work_put(kind=OPERATOR_WORK, reference=reference, due_at=timezone.now())
        transaction.on_commit(partial(wake, OPERATOR_WORK, get_public_schema_name(), reference), robust=True)


def _mail(said: StopRelease, operator: User) -> None:
    origin = tenant_origin(get_public_schema_name())
    workspace = Tenant.objects.filter(schema_name=said.stop.schema_name).first()
    with translation.override(settings.LANGUAGE_CODE):
        told = Told(
            workspace=workspace.name if workspace else translation.gettext("Every workspace"),
            deed=str(said.stop.get_kind_display()),
            requester=said.name,
            decide_by=timezone.localtime(said.expires_at or timezone.now()),
        )
        mail_send(
            to=operator.email,
            words=words_of(Kind.RELEASE, told),
            url=origin + reverse("admin:stops_stop_changelist", urlconf=settings.PUBLIC_SCHEMA_URLCONF),
            choice_url="",
            workspace=told.workspace,
            message_id=f"<release-{said.pk}-{operator.pk}@{origin.partition('://')[2].partition(':')[0]}>",
            is_link=False,
        )


def _settle(reference: str, state: NoticeState) -> str:
    due_work_done(kind=OPERATOR_WORK, reference=reference)
    return state.value
