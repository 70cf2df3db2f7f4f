import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.storage.addresses import BadAddress, blob_address, blob_path

EMPTY = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_address_is_the_hash_of_the_content() -> None:
    assert blob_address(b"") == EMPTY


def test_path_lies_in_the_tenants_folder() -> None:
    digest = EMPTY.removeprefix("sha256:")
    assert blob_path("acme", EMPTY) == f"acme/e3/b0/{digest}"


@pytest.mark.parametrize(
    "attack",
    [
        "../../etc/passwd",
        "sha256:../../etc/passwd",
        "sha256:" + "a" * 63,
        "sha256:" + "a" * 65,
        "sha256:" + "A" * 64,
        "sha256:" + "a" * 64 + "\n",
        "md5:" + "a" * 64,
        "",
        "sha256:" + "a" * 62 + "/.",
    ],
)
def test_path_traversal_is_impossible_by_address(attack: str) -> None:
    with pytest.raises(BadAddress):
        blob_path("acme", attack)


@pytest.mark.parametrize("schema", ["../globex", "acme/../globex", "", "Acme", "acme\n", "."])
def test_path_traversal_is_impossible_by_schema(schema: str) -> None:
    with pytest.raises(BadAddress):
        blob_path(schema, EMPTY)


@given(st.text())
def test_only_addresses_have_paths(text: str) -> None:
    with pytest.raises(BadAddress):
        blob_path("acme", text)
