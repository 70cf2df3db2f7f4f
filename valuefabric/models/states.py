"""The state machines of the fabric: their states and their one transition table each (drawn in docs/value-fabric.md).

Triggers of migration 0001 hold the same tables for customers and cases; tests/valuefabric/models/test_states.py compares them.
"""

from collections.abc import Mapping
from enum import StrEnum


class Stage(StrEnum):
    """Where a customer stands on the way from a hypothesis to the next case."""

    OPPORTUNITY = "opportunity"
    TARGET = "target"
    REALIZATION = "realization"
    EXPANSION = "expansion"


class CaseState(StrEnum):
    """Where a business case stands. A withdrawn case is kept, and nothing more happens to it."""

    DRAFT = "draft"
    QUARANTINED = "quarantined"
    STAMPED = "stamped"
    COMMITTED = "committed"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class HypothesisState(StrEnum):
    """What a person made of an agent's hypothesis."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    EDITED = "edited"
    REFUSED = "refused"


class ProposalState(StrEnum):
    """What became of a proposal to expand."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


# Backwards only by compensation: a withdrawn case, a reversed commitment.
STAGES: Mapping[Stage, frozenset[Stage]] = {
    Stage.OPPORTUNITY: frozenset({Stage.TARGET}),
    Stage.TARGET: frozenset({Stage.REALIZATION, Stage.OPPORTUNITY}),
    Stage.REALIZATION: frozenset({Stage.EXPANSION, Stage.TARGET}),
    Stage.EXPANSION: frozenset({Stage.TARGET, Stage.REALIZATION}),
}

CASES: Mapping[CaseState, frozenset[CaseState]] = {
    CaseState.DRAFT: frozenset({CaseState.QUARANTINED, CaseState.STAMPED, CaseState.SUPERSEDED, CaseState.WITHDRAWN}),
    # A later rule set may judge the same content otherwise.
    CaseState.QUARANTINED: frozenset({CaseState.DRAFT, CaseState.STAMPED, CaseState.SUPERSEDED, CaseState.WITHDRAWN}),
    CaseState.STAMPED: frozenset(
        {CaseState.DRAFT, CaseState.QUARANTINED, CaseState.COMMITTED, CaseState.SUPERSEDED, CaseState.WITHDRAWN}
    ),
    # Back to stamped only when the commitment is reversed.
    CaseState.COMMITTED: frozenset({CaseState.STAMPED, CaseState.SUPERSEDED}),
    CaseState.SUPERSEDED: frozenset(),
    CaseState.WITHDRAWN: frozenset(),
}

# Whatever was decided can be taken back.
HYPOTHESES: Mapping[HypothesisState, frozenset[HypothesisState]] = {
    HypothesisState.PROPOSED: frozenset({HypothesisState.ACCEPTED, HypothesisState.EDITED, HypothesisState.REFUSED}),
    HypothesisState.ACCEPTED: frozenset({HypothesisState.EDITED, HypothesisState.REFUSED, HypothesisState.PROPOSED}),
    HypothesisState.EDITED: frozenset(
        {HypothesisState.EDITED, HypothesisState.ACCEPTED, HypothesisState.REFUSED, HypothesisState.PROPOSED}
    ),
    HypothesisState.REFUSED: frozenset({HypothesisState.ACCEPTED, HypothesisState.EDITED, HypothesisState.PROPOSED}),
}

PROPOSALS: Mapping[ProposalState, frozenset[ProposalState]] = {
    ProposalState.PROPOSED: frozenset({ProposalState.ACCEPTED, ProposalState.REFUSED, ProposalState.WITHDRAWN}),
    ProposalState.ACCEPTED: frozenset({ProposalState.WITHDRAWN}),
    ProposalState.REFUSED: frozenset(),
    ProposalState.WITHDRAWN: frozenset(),
}


class IllegalTransition(ValueError):
    """Something was to be moved where its state does not lead; the message says where it does."""


def transition[S: StrEnum](table: Mapping[S, frozenset[S]], current: S, to: S) -> S:
    """Return ``to`` if ``current`` leads there. Raises IllegalTransition."""
    if to not in table[current]:
        possible = ", ".join(sorted(table[current])) or "nothing else"
        raise IllegalTransition(f"What is {current} cannot become {to}; it can become {possible}.")
    return to


def choices(states: type[StrEnum]) -> list[tuple[str, str]]:
    """The states as choices of a model field."""
    return [(state.value, state.value.replace("_", " ")) for state in states]


def case_states() -> list[tuple[str, str]]:
    """A case's states, for the API's schema."""
    return choices(CaseState)
