import pytest

from approvals.actions import ApprovableAction, UnknownAction, action_of, register_action, registered_actions
from tests.factories.approvals import COMMIT


def test_action_of_finds_what_was_registered() -> None:
    assert action_of("test.commit") is COMMIT
    assert COMMIT in registered_actions()


def test_register_action_accepts_the_same_again() -> None:
    register_action(COMMIT)
    assert action_of("test.commit") is COMMIT


def test_register_action_refuses_another_under_the_same_key() -> None:
    usurper = ApprovableAction(key="test.commit", title="Another", current_hash=lambda _s: "sha256:0", summary=lambda _s, _a: {})
    with pytest.raises(ValueError, match="registered already"):
        register_action(usurper)
    assert action_of("test.commit") is COMMIT


def test_action_of_unknown_key_lists_the_known_ones() -> None:
    with pytest.raises(UnknownAction, match=r"test\.commit"):
        action_of("test.nothing")
