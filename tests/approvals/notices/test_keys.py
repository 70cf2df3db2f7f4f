"""The installation's key."""

from django.test import override_settings

from approvals.notices.keys import push_public_key


def test_one_secret_gives_one_key_and_another_another() -> None:
    with override_settings(VOS_PUSH_KEY="a" * 64):
        first = push_public_key()
        assert push_public_key() == first
    with override_settings(VOS_PUSH_KEY="b" * 64):
        assert push_public_key() != first
    assert (len(first), first[0]) == (65, 4)
