"""Stamps as they lie in the database, and the key that signs and verifies them."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from kernel.signing import SigningKeyError, signing_key
from valuefabric.domain.stamps import Stamp, StampError, verify_stamp
from valuefabric.models import BusinessCase
from valuefabric.models.states import CaseState
from valuefabric.selectors.case_content import case_hash


class NotStamped(ValueError):
    """The case has no valid stamp for its present content; have it reviewed first."""


def stamp_private_key() -> Ed25519PrivateKey:
    """The installation's signing key (``kernel.signing``). Raises StampError where it is none."""
    try:
        return signing_key()
    except SigningKeyError as error:
        raise StampError(str(error)) from error


def stamp_public_key() -> Ed25519PublicKey:
    """The key by which anybody can verify a stamp of this installation."""
    return stamp_private_key().public_key()


def stamp_of(case: BusinessCase) -> Stamp | None:
    """The newest stamp given to the case's present content, or None."""
    review = case.reviews.filter(content_hash=case.content_hash).order_by("-id").first()
    return Stamp.model_validate(review.stamp) if review is not None and review.passed else None


def require_stamp(case: BusinessCase) -> None:
    """Raise NotStamped unless the case is stamped for what it says now, with a signature that holds."""
    stamp = stamp_of(case)
    if case.state != CaseState.STAMPED or stamp is None or stamp.content_hash != case_hash(case):
        raise NotStamped("This case has no stamp for what it says now. Have it reviewed, and mend what is found.")
    if not verify_stamp(stamp_public_key(), stamp):
        raise NotStamped("The stamp's signature does not hold. Have the case reviewed again.")
