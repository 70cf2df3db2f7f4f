import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.processes.transitions import TERMINAL, TRANSITIONS, State, TransitionRefused, next_state


@pytest.mark.parametrize("state", sorted(TERMINAL))
@pytest.mark.parametrize("wanted", State)
def test_nothing_follows_the_end(state: State, wanted: State) -> None:
    with pytest.raises(TransitionRefused, match="it has ended"):
        next_state(state, wanted)


def test_every_state_has_its_row_and_can_be_reached() -> None:
    assert set(TRANSITIONS) == set(State)
    assert {state for following in TRANSITIONS.values() for state in following} == set(State) - {State.NEW}


def test_terminal_states_are_those_three() -> None:
    assert {State.DONE, State.FAILED, State.KILLED} == TERMINAL


def test_everything_that_lives_can_be_killed() -> None:
    assert all(State.KILLED in following for state, following in TRANSITIONS.items() if state not in TERMINAL)


@given(st.sampled_from(State), st.sampled_from(State))
def test_next_state_follows_the_table(current: State, wanted: State) -> None:
    if wanted in TRANSITIONS[current]:
        assert next_state(current, wanted) is wanted
    else:
        with pytest.raises(TransitionRefused):
            next_state(current, wanted)
