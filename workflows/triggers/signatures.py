"""Signatures of webhooks, as in Standard Webhooks (https://www.standardwebhooks.com): id, timestamp and body under one key.

Pure: bytes and times in. Whoever calls sends three headers, ``webhook-id``, ``webhook-timestamp`` (seconds) and
``webhook-signature`` (``v1,<base64 of HMAC-SHA256 over "id.timestamp.body">``, several separated by spaces).
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime

WINDOW_SECONDS = 300
LONGEST_ID = 190
_PREFIX = "whsec_"


class SignatureRefused(PermissionError):
    """The call is not signed by whoever holds the secret, or not now; the message says which, and nothing of the secret."""


def secret_of(server_key: bytes, *, owner: str, salt: str) -> str:
    """The secret of one webhook, derived from the server's key, so that no row holds it. ``salt`` changes when it is rotated."""
    digest = hmac.new(server_key, f"vos.webhook\0{owner}\0{salt}".encode(), hashlib.sha256).digest()
    return _PREFIX + base64.b64encode(digest).decode()


def signature_of(secret: str, *, delivery: str, timestamp: str, body: bytes) -> str:
    """``v1,…`` for one delivery. Raises ValueError for a text that is no secret."""
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("A secret is whsec_ and base64.") from error
    signed = f"{delivery}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def signature_check(
    secrets: Sequence[str], *, delivery: str, timestamp: str, signatures: str, body: bytes, now: datetime
) -> None:
    """Raise SignatureRefused unless one of ``signatures`` is of one of ``secrets``, and the call is of these minutes."""
    if not 1 <= len(delivery) <= LONGEST_ID or not delivery.isprintable():
        raise SignatureRefused(f"webhook-id must be there, with at most {LONGEST_ID} characters.")
    if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
        raise SignatureRefused("webhook-timestamp must be whole seconds since 1970.")
    if abs(now.timestamp() - int(timestamp)) > WINDOW_SECONDS:
        raise SignatureRefused(
            f"webhook-timestamp is more than {WINDOW_SECONDS} seconds off; sign the call anew when it is sent."
        )
    given = signatures.split()[:8]
    right = [signature_of(secret, delivery=delivery, timestamp=timestamp, body=body) for secret in secrets]
    # Every pair is compared, and each in constant time, so that an answer's time tells nothing.
    matches = [hmac.compare_digest(one.encode(), other.encode()) for one in given for other in right]
    if not any(matches):
        raise SignatureRefused("webhook-signature does not fit id, timestamp, body and this trigger's secret.")
