import pytest

from approvals.states import TRANSITIONS, IllegalTransition, State, transition


def test_transition_follows_the_table() -> None:
    assert transition(State.PENDING, State.APPROVED) == State.APPROVED
    assert transition(State.APPROVED, State.VOID) == State.VOID


@pytest.mark.parametrize("end", [State.REJECTED, State.VOID, State.EXPIRED])
def test_transition_ends_are_ends(end: State) -> None:
    for to in State:
        with pytest.raises(IllegalTransition, match="Open a new request"):
            transition(end, to)


def test_transition_approved_cannot_be_approved_again() -> None:
    with pytest.raises(IllegalTransition):
        transition(State.APPROVED, State.APPROVED)


def test_transitions_name_every_state() -> None:
    assert set(TRANSITIONS) == set(State)
