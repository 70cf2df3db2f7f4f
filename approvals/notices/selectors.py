"""Reads about notices: a person's own devices, wishes and what they were last told."""

from approvals.notices.models import Notice, NoticeChoice, PushDevice

RECENT = 10


def choice_of(person: str) -> NoticeChoice:
    """The ways on which ``person`` is told; both, where they have chosen nothing."""
    return NoticeChoice.objects.filter(person=person).first() or NoticeChoice(person=person)


def devices_of(person: str) -> list[PushDevice]:
    """Their browsers that get web push, the newest first."""
    return list(PushDevice.objects.filter(person=person).order_by("-pk"))


def notices_of(person: str) -> list[Notice]:
    """What they were last told, the newest first."""
    return list(Notice.objects.filter(person=person).select_related("request").order_by("-pk")[:RECENT])
