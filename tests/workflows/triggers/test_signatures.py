"""Signatures of webhooks, each guard by the attack."""

from datetime import UTC, datetime

import pytest

from workflows.triggers.signatures import SignatureRefused, secret_of, signature_check, signature_of

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
STAMP = str(int(NOW.timestamp()))
BODY = b'{"customer": "7"}'
SECRET = secret_of(b"server", owner="acme|1", salt="a")
SIGNED = signature_of(SECRET, delivery="d1", timestamp=STAMP, body=BODY)


def _check(**changed: object) -> None:
    given = {"delivery": "d1", "timestamp": STAMP, "signatures": SIGNED, "body": BODY, "now": NOW, **changed}
    signature_check([SECRET], **given)  # type: ignore[arg-type]


def test_signature_of_the_published_example_is_the_same() -> None:
    """The vector of https://github.com/standard-webhooks/standard-webhooks (libraries' tests)."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    signed = signature_of(secret, delivery="msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp="1614265330", body=b'{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_signed_call_is_accepted_also_among_others_signatures() -> None:
    _check()
    _check(signatures=f"v1,AAAA v2,x {SIGNED}")


@pytest.mark.parametrize(
    ("attack", "changed"),
    [
        ("forged signature", {"signatures": "v1," + "A" * 43 + "="}),
        ("no signature", {"signatures": ""}),
        ("signature of another version", {"signatures": SIGNED.replace("v1", "v2")}),
        ("tampered body", {"body": b'{"customer": "8"}'}),
        ("another delivery's id", {"delivery": "d2"}),
        ("no id", {"delivery": ""}),
        ("endless id", {"delivery": "d" * 500}),
        ("timestamp moved on", {"timestamp": str(int(STAMP) + 1)}),
        ("no timestamp", {"timestamp": ""}),
        ("timestamp in letters", {"timestamp": "now"}),
        ("recorded call sent later", {"now": datetime(2026, 11, 21, 12, 6, tzinfo=UTC)}),
        ("call signed for later", {"now": datetime(2026, 11, 21, 11, 54, tzinfo=UTC)}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_attack_is_refused(attack: str, changed: dict[str, object]) -> None:
    with pytest.raises(SignatureRefused):
        _check(**changed)


def test_secret_of_another_trigger_tenant_or_rotation_signs_nothing() -> None:
    for owner, salt in (("acme|2", "a"), ("globex|1", "a"), ("acme|1", "b")):
        other = signature_of(secret_of(b"server", owner=owner, salt=salt), delivery="d1", timestamp=STAMP, body=BODY)
        with pytest.raises(SignatureRefused):
            _check(signatures=other)
