import pytest

from approvals.hashes import arguments_hash


def test_arguments_hash_ignores_order_and_nothing_else() -> None:
    assert arguments_hash({"a": 1, "b": "x"}) == arguments_hash({"b": "x", "a": 1})
    assert arguments_hash({"a": 1}) != arguments_hash({"a": "1"})
    assert arguments_hash({}) == "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


def test_arguments_hash_refuses_what_has_no_json_form() -> None:
    with pytest.raises(TypeError):
        arguments_hash({"a": object()})
    with pytest.raises(ValueError, match="Out of range"):
        arguments_hash({"a": float("nan")})
