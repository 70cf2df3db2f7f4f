"""Checking a code: five wrong ones in five minutes, then a pause; a code of the authenticator app is good once.

Both are read from the audit log, so they hold over all processes and restarts; a cache would forget.
"""

from datetime import timedelta

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import decrypt
from django.db import connection, transaction
from django.utils import timezone

from kernel.actors import user_actor
from kernel.audit.models import AuditRecord
from kernel.audit.services import audit_record
from kernel.schemas import current_schema
from tenants.models import User

MOST_WRONG = 5
WITHIN = timedelta(minutes=5)
REFUSED, PROVED = "second_factor.refused", "second_factor.proved"


class CodeRefused(ValueError):
    """The code is not right, or was used already."""


class TooManyCodes(CodeRefused):
    """Too many wrong codes came; whoever guesses must wait."""


def code_check(*, user: User, code: str) -> Authenticator:
    """The authenticator (app or recovery codes) of ``user`` that ``code`` belongs to; the code is used up by it.

    Raises TooManyCodes and CodeRefused. A wrong code is recorded even so, and counts.
    """
    with transaction.atomic():
        # One code at a time: several at once would all be counted before any of them is recorded.
        _lock(user)
        _require_patience(user)
        found = _of_app(user, code) or _of_recovery(user, code)
        if found is None:
            _record(user, REFUSED, {})
        else:
            authenticator, step = found
            _record(user, PROVED, {"method": str(authenticator.type), "step": step})
    if found is None:
        raise CodeRefused("This code is not right, or was used already. Take the one that your app shows now.")
    return authenticator


def _require_patience(user: User) -> None:
    subject, since = user_actor(user.pk), timezone.now() - WITHIN
    if AuditRecord.objects.filter(subject=subject, action=REFUSED, recorded_at__gt=since).count() >= MOST_WRONG:
        raise TooManyCodes("Too many wrong codes. Wait five minutes, then try again.")


def _of_app(user: User, code: str) -> tuple[Authenticator, int] | None:
    authenticator = Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.TOTP).first()
    if authenticator is None:
        return None
    secret = decrypt(authenticator.data["secret"])
    used = AuditRecord.objects.filter(subject=user_actor(user.pk), action=PROVED, detail__method="totp").order_by("-id").first()
    last = used.detail["step"] if used else 0
    steps = (step for step in yield_hotp_counters_from_time() if step > last)
    expected = ((step, format_hotp_value(hotp_value(secret, step))) for step in steps)
    found = next((step for step, one in expected if compare_user_code(actual=code, expected=one)), None)
    return None if found is None else (authenticator, found)


def _of_recovery(user: User, code: str) -> tuple[Authenticator, int] | None:
    authenticator = Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.RECOVERY_CODES).first()
    return (authenticator, 0) if authenticator is not None and authenticator.wrap().validate_code(code) else None


def _record(user: User, action: str, detail: dict[str, object]) -> None:
    audit_record(actor=user_actor(user.pk), action=action, subject=user_actor(user.pk), detail=detail)


def _lock(user: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{current_schema()}|second factor|{user.pk}"])
