"""What one tenant keeps of its people's devices and wishes, and every notice that was to be sent."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from approvals.models import ApprovalRequest
from approvals.notices.kinds import Channel, Kind, NoticeState

_CHANNELS = [channel.value for channel in Channel]
_KINDS = [kind.value for kind in Kind]
_STATES = [state.value for state in NoticeState]
_RELEASE = Kind.RELEASE.value
_WAITING, _SENT = NoticeState.WAITING.value, NoticeState.SENT.value


class PushDevice(models.Model):
    """One browser of one person that wants web push. Messages are encrypted for ``p256dh`` and ``auth`` (RFC 8291)."""

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.CharField(max_length=120)
    endpoint = models.TextField(unique=True)
    p256dh = models.CharField(max_length=120)
    auth = models.CharField(max_length=40)
    label = models.CharField(max_length=120, blank=True, help_text="What the person knows it by, such as Firefox on Android.")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["person"], name="push_device_person")]

    def __str__(self) -> str:
        return f"{self.person}: {self.label}"


class NoticeChoice(models.Model):
    """On which ways one person wants to be told. Who has chosen nothing gets both."""

    person = models.CharField(max_length=120, primary_key=True)
    email = models.BooleanField(default=True)
    push = models.BooleanField(default=True)
    language = models.CharField(
        max_length=10, blank=True, default="", help_text="How dates are written; empty: the installation's."
    )
    changed_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.person


class Notice(models.Model):
    """That ``person`` is told on one way of one thing that happened to a request or a stop. It is one row, so it is sent once.

    ``cause`` is what happened: an event's id, or the stage that was asked. ``target`` is the device for push, empty for e-mail.
    While it waits, ``due_at`` is also the lease of who is sending it: after a crash somebody else tries again.
    """

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    request = models.ForeignKey(ApprovalRequest, on_delete=models.PROTECT, null=True, related_name="notices")
    stop = models.UUIDField(null=True, help_text="The emergency stop that it is about, instead of a request.")
    person = models.CharField(max_length=120)
    instead_of = models.CharField(max_length=120, blank=True, help_text="The absent person whose delegate is told.")
    kind = models.CharField(max_length=12, choices=[(kind, kind) for kind in _KINDS])
    cause = models.CharField(max_length=64)
    channel = models.CharField(max_length=5, choices=[(channel, channel) for channel in _CHANNELS])
    target = models.CharField(max_length=36, blank=True)
    state = models.CharField(max_length=8, default=_WAITING, choices=[(state, state) for state in _STATES])
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "cause", "person", "channel", "target"], name="notice_once"),
            models.UniqueConstraint(
                fields=["stop", "cause", "person", "channel", "target"],
                condition=Q(stop__isnull=False),
                name="notice_of_stop_once",
            ),
            models.CheckConstraint(
                condition=Q(kind=_RELEASE, request=None, stop__isnull=False)
                | (~Q(kind=_RELEASE) & Q(request__isnull=False, stop=None)),
                name="notice_about_one_thing",
            ),
            models.CheckConstraint(condition=Q(kind__in=_KINDS), name="notice_kind_known"),
            models.CheckConstraint(condition=Q(channel__in=_CHANNELS), name="notice_channel_known"),
            models.CheckConstraint(condition=Q(state__in=_STATES), name="notice_state_known"),
            models.CheckConstraint(
                condition=Q(state=_SENT, sent_at__isnull=False) | (~Q(state=_SENT) & Q(sent_at=None)),
                name="notice_sent_at_when_sent",
            ),
        ]
        indexes = [models.Index(fields=["person", "-id"], name="notice_person")]

    def __str__(self) -> str:
        return f"{self.kind} to {self.person} by {self.channel} ({self.state})"
