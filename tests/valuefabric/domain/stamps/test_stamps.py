"""A stamp verifies as it was signed, and in no other form."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from valuefabric.domain.manifesto import RULE_SET, Review, RuleResult
from valuefabric.domain.stamps import Stamp, StampError, key_id_of, sign_stamp, stamp_review, verify_stamp

KEY = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)
AT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
HASH = "sha256:" + "a" * 64


def result(status="passed"):
    """One rule's result."""
    return RuleResult(
        principle=4,
        key="plain_words",
        title="No hype words",
        status=status,
        severity="minor",
        explanation="Müller's 10 €",
        cells=("A4",),
    )


def signed(**changes):
    """A stamp over one passed and one warned rule."""
    given = {"private_key": KEY, "content_hash": HASH, "rule_set_version": "1.0.0", "rule_set_hash": RULE_SET.hash, "at": AT}
    return sign_stamp(**{**given, "results": (result(), result("warned"))} | changes)


def test_stamp_verifies_with_its_key_also_after_a_journey_through_json():
    stamp = Stamp.model_validate_json(signed().model_dump_json())

    assert verify_stamp(KEY.public_key(), stamp)
    assert verify_stamp(KEY.public_key(), stamp, content_hash=HASH)
    assert stamp.key_id == key_id_of(KEY.public_key())


def test_same_review_at_the_same_time_gives_the_same_stamp_in_any_time_zone():
    berlin = AT.astimezone(timezone(timedelta(hours=1)))

    assert signed(at=berlin) == signed()


@pytest.mark.parametrize(
    "change",
    [
        {"content_hash": "sha256:" + "b" * 64},
        {"rule_set_hash": "sha256:" + "b" * 64},
        {"rule_set_version": "1.0.1"},
        {"signed_at": AT + timedelta(microseconds=1)},
        {"results": ()},
        {"key_id": "0" * 16},
        {"signature": ""},
        {"signature": "not base64!"},
        {"signature": signed(content_hash="sha256:" + "c" * 64).signature},
    ],
)
def test_tampered_stamp_does_not_verify(change):
    assert not verify_stamp(KEY.public_key(), signed().model_copy(update=change))


def test_changed_result_does_not_verify():
    stamp = signed()
    better = stamp.results[1].model_copy(update={"status": "passed"})

    assert not verify_stamp(KEY.public_key(), stamp.model_copy(update={"results": (stamp.results[0], better)}))


def test_stamp_of_another_key_does_not_verify():
    other = Ed25519PrivateKey.generate()

    assert not verify_stamp(other.public_key(), signed())
    assert not verify_stamp(KEY.public_key(), signed(private_key=other))


def test_stamp_is_not_about_another_content():
    assert not verify_stamp(KEY.public_key(), signed(), content_hash="sha256:" + "b" * 64)


def test_failed_case_gets_no_stamp():
    with pytest.raises(StampError, match="plain_words"):
        signed(results=(result(), result("failed")))


def test_unreviewed_case_gets_no_stamp():
    with pytest.raises(StampError, match="No rule"):
        signed(results=())


def test_time_without_zone_is_refused():
    with pytest.raises(StampError, match="time zone"):
        signed(at=datetime(2026, 11, 21))  # noqa: DTZ001 - the point of the test


def test_whole_review_is_stamped():
    review = Review(
        content_hash=HASH, rule_set_version="1.0.0", rule_set_hash=RULE_SET.hash, results=(result(), result("warned"))
    )

    assert stamp_review(review, private_key=KEY, at=AT) == signed()
