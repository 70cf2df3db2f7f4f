"""The transition tables of the code and of the database's triggers are the same."""

import re

import pytest

from valuefabric.migrations import _guards as guards
from valuefabric.models.states import (
    CASES,
    HYPOTHESES,
    PROPOSALS,
    STAGES,
    CaseState,
    HypothesisState,
    IllegalTransition,
    ProposalState,
    Stage,
    transition,
)


def pairs(sql: str) -> set[str]:
    return set(re.findall(r"'([a-z]+>[a-z]+)'", sql))


@pytest.mark.parametrize(("table", "sql"), [(CASES, guards._CASE), (STAGES, guards._CUSTOMER)], ids=["cases", "customers"])
def test_trigger_holds_the_codes_table(table: dict[str, frozenset[str]], sql: str) -> None:
    assert pairs(sql) == {f"{before}>{after}" for before, afters in table.items() for after in afters}


@pytest.mark.parametrize(
    ("table", "states"),
    [(CASES, CaseState), (STAGES, Stage), (HYPOTHESES, HypothesisState), (PROPOSALS, ProposalState)],
    ids=["cases", "customers", "hypotheses", "proposals"],
)
def test_table_names_every_state(table: dict[str, frozenset[str]], states: type[CaseState]) -> None:
    assert set(table) == set(states)


def test_refusal_says_where_it_leads() -> None:
    with pytest.raises(IllegalTransition, match="committed cannot become draft; it can become stamped, superseded"):
        transition(CASES, CaseState.COMMITTED, CaseState.DRAFT)
    with pytest.raises(IllegalTransition, match="it can become nothing else"):
        transition(CASES, CaseState.WITHDRAWN, CaseState.DRAFT)
