"""Signatures hold for exactly what was signed, by exactly this key."""

from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kernel.signing import SigningKeyError, canonical_json, secret_for, sign, signature_holds, signing_key

KEY = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)
PAYLOAD = {"format": "vos.test/1", "amount": "12.50", "to": ["a", "b"]}


def _pem(key: Any) -> str:
    text: bytes = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return text.decode()


def test_canonical_json_is_one_text_whatever_the_order() -> None:
    assert canonical_json({"b": 1, "a": "ü"}) == '{"a":"ü","b":1}'.encode()


def test_signature_holds_for_what_was_signed_only(settings: Any) -> None:
    settings.VOS_STAMP_KEY = "07" * 32
    key_id, text = sign(PAYLOAD)
    assert signature_holds(PAYLOAD, key_id=key_id, signature=text)
    assert signature_holds(dict(reversed(PAYLOAD.items())), key_id=key_id, signature=text)
    assert not signature_holds({**PAYLOAD, "amount": "12.51"}, key_id=key_id, signature=text)
    assert not signature_holds({**PAYLOAD, "format": "vos.other/1"}, key_id=key_id, signature=text)
    assert not signature_holds(PAYLOAD, key_id="0" * 16, signature=text)
    assert not signature_holds(PAYLOAD, key_id=key_id, signature="no base64")
    settings.VOS_STAMP_KEY = "08" * 32
    assert not signature_holds(PAYLOAD, key_id=key_id, signature=text)


def test_key_is_read_from_pem_and_from_digits(settings: Any) -> None:
    for text in (_pem(KEY), "07" * 32):
        settings.VOS_STAMP_KEY = text
        assert signing_key().private_bytes_raw() == b"\x07" * 32


@pytest.mark.parametrize("text", ["-----BEGIN nonsense", "xyz", "07" * 31, ""])
def test_text_that_is_no_key_is_refused(settings: Any, text: str) -> None:
    settings.VOS_STAMP_KEY = text
    with pytest.raises(SigningKeyError):
        signing_key()


def test_key_of_another_kind_is_refused(settings: Any) -> None:
    settings.VOS_STAMP_KEY = _pem(generate_private_key(SECP256R1()))
    with pytest.raises(SigningKeyError, match="openssl"):
        signing_key()


def test_secrets_of_different_purposes_differ(settings: Any) -> None:
    settings.VOS_STAMP_KEY = "07" * 32
    assert len(secret_for("one")) == 32
    assert secret_for("one") == secret_for("one")
    assert secret_for("one") != secret_for("two")
