"""The life of an approval request: its states, its one transition table, and what a person can decide."""

from enum import StrEnum


class State(StrEnum):
    """Where a request stands. ``void`` means that what was asked about is no longer what is there."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    VOID = "void"
    EXPIRED = "expired"


class Decision(StrEnum):
    """What one person decided."""

    APPROVE = "approve"
    REJECT = "reject"


# An approval that nobody has used yet still becomes void when its subject changes; one that was used is history.
# The trigger in migration 0001 holds the same table; tests/approvals/test_states.py compares the two.
TRANSITIONS: dict[State, frozenset[State]] = {
    State.PENDING: frozenset({State.APPROVED, State.REJECTED, State.VOID, State.EXPIRED}),
    State.APPROVED: frozenset({State.VOID}),
    State.REJECTED: frozenset(),
    State.VOID: frozenset(),
    State.EXPIRED: frozenset(),
}


class IllegalTransition(ValueError):
    """A request was to be moved where its state does not lead; open a new request instead."""


def transition(current: State, to: State) -> State:
    """Return ``to`` if ``current`` leads there. Raises IllegalTransition."""
    if to not in TRANSITIONS[current]:
        raise IllegalTransition(f"A request that is {current} cannot become {to}. Open a new request instead.")
    return to
