"""The integrity agent's stamp: an Ed25519 signature over what was reviewed, by which rules, with which results, and when.

The signed bytes are canonical JSON (sorted keys, no blanks, UTF-8), so that any program can check a stamp with the public key.
"""

import base64
import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import AwareDatetime, BaseModel, ConfigDict

from valuefabric.domain.manifesto.review import Review, RuleResult


class StampError(ValueError):
    """A stamp that cannot be given; the message says why."""


class StampResult(BaseModel):
    """One rule's result as the stamp keeps it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    principle: int
    status: str
    explanation: str
    cells: tuple[str, ...] = ()


class Stamp(BaseModel):
    """A signed review. `key_id` names the public key (the first 16 hex digits of its SHA-256); `signature` is base64."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["vos.stamp/1"] = "vos.stamp/1"
    content_hash: str
    rule_set_version: str
    rule_set_hash: str
    results: tuple[StampResult, ...]
    signed_at: AwareDatetime
    key_id: str
    signature: str = ""

    def signed_bytes(self) -> bytes:
        """What the signature is over: everything but the signature, in canonical form, the time in UTC."""
        payload = self.model_dump(mode="json", exclude={"signature"})
        payload["signed_at"] = self.signed_at.astimezone(UTC).isoformat(timespec="microseconds")
        return json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def key_id_of(public_key: Ed25519PublicKey) -> str:
    """The short name of a public key."""
    raw = public_key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return hashlib.sha256(raw).hexdigest()[:16]


def sign_stamp(
    *,
    private_key: Ed25519PrivateKey,
    content_hash: str,
    rule_set_version: str,
    rule_set_hash: str,
    results: Sequence[RuleResult],
    at: datetime,
) -> Stamp:
    """A stamp for a case that passed. `at` is an aware time. Raises StampError where a rule failed or nothing was reviewed."""
    failed = [result.key for result in results if result.status == "failed"]
    if failed:
        raise StampError(f"The case failed {', '.join(dict.fromkeys(failed))}; mend it and review it again before it is stamped.")
    if not results:
        raise StampError("No rule was applied; a stamp over nothing would say nothing.")
    if at.tzinfo is None:
        raise StampError("The time of a stamp needs a time zone.")
    stamp = Stamp(
        content_hash=content_hash,
        rule_set_version=rule_set_version,
        rule_set_hash=rule_set_hash,
        results=tuple(_kept(result) for result in results),
        signed_at=at.astimezone(UTC),
        key_id=key_id_of(private_key.public_key()),
    )
    signature = base64.b64encode(private_key.sign(stamp.signed_bytes())).decode()
    return stamp.model_copy(update={"signature": signature})


def stamp_review(review: Review, *, private_key: Ed25519PrivateKey, at: datetime) -> Stamp:
    """A stamp for a whole review. Raises StampError where it did not pass."""
    return sign_stamp(
        private_key=private_key,
        content_hash=review.content_hash,
        rule_set_version=review.rule_set_version,
        rule_set_hash=review.rule_set_hash,
        results=review.results,
        at=at,
    )


def verify_stamp(public_key: Ed25519PublicKey, stamp: Stamp, *, content_hash: str | None = None) -> bool:
    """Whether the stamp was signed by this key and not changed since, and (where given) is about this content."""
    if stamp.key_id != key_id_of(public_key) or content_hash not in (None, stamp.content_hash):
        return False
    try:
        public_key.verify(base64.b64decode(stamp.signature, validate=True), stamp.signed_bytes())
    except (InvalidSignature, ValueError):
        return False
    return all(result.status != "failed" for result in stamp.results)


def _kept(result: RuleResult) -> StampResult:
    return StampResult(
        key=result.key,
        principle=result.principle,
        status=result.status,
        explanation=result.explanation,
        cells=result.cells,
    )
