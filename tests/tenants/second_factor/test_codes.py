"""Codes: right once, wrong five times, over all processes."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core.cache import cache

from kernel.audit.models import AuditRecord
from tenants.models import Tenant, User
from tenants.second_factor import CodeRefused, TooManyCodes, code_check
from tenants.second_factor import codes as module
from tenants.second_factor.forms import ReauthenticateForm


@pytest.fixture
def secret(in_acme: Tenant, bob: User) -> str:
    """Bob's authenticator app."""
    made = generate_totp_secret()
    TOTP.activate(bob, made)
    return made


def _code(secret: str, ahead: int = 0) -> str:
    counters = list(yield_hotp_counters_from_time())
    return format_hotp_value(hotp_value(secret, counters[len(counters) // 2] + ahead))


def _wrong(secret: str) -> str:
    near = {_code(secret, ahead) for ahead in (-2, -1, 0, 1, 2)}
    return next(code for code in ("000000", "111111", "222222", "333333", "444444", "555555") if code not in near)


def test_right_code_is_taken(secret: str, bob: User) -> None:
    assert code_check(user=bob, code=_code(secret)).type == Authenticator.Type.TOTP
    record = AuditRecord.objects.get(action=module.PROVED)
    assert (record.actor, record.detail["method"]) == (f"user:{bob.pk}", "totp")
    assert secret not in str(record.detail)


def test_attack_replayed_code_is_refused_also_by_another_process(secret: str, bob: User) -> None:
    code = _code(secret)
    code_check(user=bob, code=code)
    cache.clear()  # what another process knows of it: nothing
    with pytest.raises(CodeRefused, match="used already"):
        code_check(user=bob, code=code)


def test_attack_guessing_codes_is_stopped_after_five(secret: str, bob: User) -> None:
    wrong = _wrong(secret)
    for _ in range(module.MOST_WRONG):
        with pytest.raises(CodeRefused, match="not right"):
            code_check(user=bob, code=wrong)
        cache.clear()
    with pytest.raises(TooManyCodes):
        code_check(user=bob, code=_code(secret))
    assert AuditRecord.objects.filter(action=module.REFUSED).count() == module.MOST_WRONG
    assert not AuditRecord.objects.filter(action=module.PROVED).exists()


def test_guessing_about_one_person_does_not_stop_another(secret: str, bob: User, carol: User) -> None:
    for _ in range(module.MOST_WRONG):
        with pytest.raises(CodeRefused):
            code_check(user=carol, code="000000")
    assert code_check(user=bob, code=_code(secret))


def test_pause_ends(secret: str, bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(module.MOST_WRONG):
        with pytest.raises(CodeRefused):
            code_check(user=bob, code=_wrong(secret))
    monkeypatch.setattr(module, "WITHIN", timedelta(0))
    assert code_check(user=bob, code=_code(secret))


def test_recovery_code_is_good_once(secret: str, bob: User) -> None:
    code = RecoveryCodes.activate(bob).get_unused_codes()[0]
    assert code_check(user=bob, code=code).type == Authenticator.Type.RECOVERY_CODES
    with pytest.raises(CodeRefused):
        code_check(user=bob, code=code)


def test_attack_somebody_elses_code_is_refused(secret: str, carol: User) -> None:
    with pytest.raises(CodeRefused):
        code_check(user=carol, code=_code(secret))


def test_allauths_own_pages_use_the_same_check(secret: str, bob: User) -> None:
    code = _code(secret)
    assert ReauthenticateForm({"code": code}, user=bob).is_valid()
    form = ReauthenticateForm({"code": code}, user=bob)
    assert not form.is_valid()
    assert "used already" in str(form.errors["code"])
