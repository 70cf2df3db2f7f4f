"""Signatures of this installation: Ed25519 over canonical JSON, by the key of ``VOS_STAMP_KEY``.

What is signed says in its own text what it is (such as ``vos.stamp/1`` or ``vos.vote/1``), so that one key serves several kinds
of record and none can be passed off as another.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class SigningKeyError(ValueError):
    """The configured key is none; the message says what it must be."""


class Signature(NamedTuple):
    """Base64 of the signature, and the short name of the key that made it."""

    key_id: str
    text: str


def canonical_json(payload: Mapping[str, Any]) -> bytes:
    """``payload`` as the one text that is signed: sorted keys, no blanks, UTF-8. Raises TypeError for what JSON cannot say."""
    return json.dumps(dict(payload), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def key_id_of(public_key: Ed25519PublicKey) -> str:
    """The short name of a public key: the first 16 hex digits of its SHA-256."""
    raw = public_key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return hashlib.sha256(raw).hexdigest()[:16]


def signing_key() -> Ed25519PrivateKey:
    """The key of ``VOS_STAMP_KEY``: PEM, or 64 hexadecimal digits. Raises SigningKeyError.

    Outside production the insecure default is accepted, as a key that anybody could make.
    """
    return _read(settings.VOS_STAMP_KEY.strip())


def sign(payload: Mapping[str, Any]) -> Signature:
    """Sign ``payload``."""
    key = signing_key()
    return Signature(key_id_of(key.public_key()), base64.b64encode(key.sign(canonical_json(payload))).decode())


def signature_holds(payload: Mapping[str, Any], *, key_id: str, signature: str) -> bool:
    """Whether this installation signed exactly ``payload``."""
    public_key = signing_key().public_key()
    if key_id != key_id_of(public_key):
        return False
    try:
        public_key.verify(base64.b64decode(signature, validate=True), canonical_json(payload))
    except (InvalidSignature, ValueError):
        return False
    return True


def secret_for(purpose: str) -> bytes:
    """A secret of this installation for one purpose, derived from the signing key (HKDF, RFC 5869): 32 bytes."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(signing_key().private_bytes_raw())


@lru_cache(maxsize=4)
def _read(text: str) -> Ed25519PrivateKey:
    if text.startswith("-----BEGIN"):
        return _from_pem(text.encode())
    if text.startswith("insecure"):
        return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(text.encode()).digest())
    try:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(text))
    except ValueError as error:
        raise SigningKeyError("VOS_STAMP_KEY must be an Ed25519 key in PEM, or its 32 bytes as 64 hexadecimal digits.") from error


def _from_pem(pem: bytes) -> Ed25519PrivateKey:
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError) as error:
        raise SigningKeyError(
            "The signing key is not a PEM private key. Make one with `openssl genpkey -algorithm ed25519`."
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise SigningKeyError("The signing key is not an Ed25519 key. Make one with `openssl genpkey -algorithm ed25519`.")
    return key
