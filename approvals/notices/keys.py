"""The installation's key for web push (VAPID, RFC 8292). Subscriptions are bound to it: another key needs new ones."""

import hashlib
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

# The order of P-256 (FIPS 186-5): a private key is a number from 1 to one less than it.
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def push_private_key() -> ec.EllipticCurvePrivateKey:
    """The key of ``VOS_PUSH_KEY``, a secret text: the same text gives the same key."""
    return _derived(settings.VOS_PUSH_KEY)


def push_public_key() -> bytes:
    """Its public point, uncompressed (65 bytes), as browsers want it."""
    return push_private_key().public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


@lru_cache(maxsize=2)
def _derived(secret: str) -> ec.EllipticCurvePrivateKey:
    # 64 bytes, so that the remainder is as good as evenly spread.
    number = int.from_bytes(hashlib.sha512(f"vos web push {secret}".encode()).digest())
    return ec.derive_private_key(number % (_ORDER - 1) + 1, ec.SECP256R1())
