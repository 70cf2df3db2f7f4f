"""Risk rules: which mode and chain apply, and what no policy can leave to a rule."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from approvals.chains import ONE_APPROVER, Chain, Stage
from approvals.modes import Mode
from approvals.risk import Audience, Risk, Rule, choose
from tenants.roles import Role

OWNERS = Chain(stages=(Stage(title="Owners", role=Role.OWNER),))
SMALL = Rule(title="Small", money_below=Decimal(1000), currency="USD", mode=Mode.OVER)
LARGE = Rule(title="Large", money_from=Decimal(1_000_000), currency="USD", mode=Mode.IN, chain=OWNERS)


def _risk(**values: Any) -> Risk:
    return Risk(**{"irreversible": False, "audience": "internal", "money": 500, "currency": "USD", **values})


@pytest.mark.parametrize(
    ("risk", "mode", "rule", "chain"),
    [
        (_risk(), Mode.OVER, "Small", ONE_APPROVER),
        (_risk(money=1000), Mode.ON, "", ONE_APPROVER),
        (_risk(money=1_000_000), Mode.IN, "Large", OWNERS),
        (_risk(money=None), Mode.IN, "Large", OWNERS),
        (_risk(currency="EUR"), Mode.IN, "Large", OWNERS),
    ],
    ids=["small", "at the limit", "large", "unknown is large", "another currency is unknown"],
)
def test_choose_takes_the_first_rule_that_matches(risk: Risk, mode: Mode, rule: str, chain: Chain) -> None:
    chosen = choose(mode=Mode.ON, chain=ONE_APPROVER, rules=(SMALL, LARGE), risk=risk, revertible=True)
    assert (chosen.mode, chosen.rule, chosen.chain) == (mode, rule, chain)


def test_choose_audience_and_taint_are_conditions() -> None:
    public = Rule(title="Public", audience=(Audience.PUBLIC, Audience.CUSTOMER), mode=Mode.IN)
    tainted = Rule(title="From outside", tainted=True, mode=Mode.IN, chain=OWNERS)
    rules = (tainted, public)
    assert (
        choose(mode=Mode.OVER, chain=ONE_APPROVER, rules=rules, risk=_risk(audience="public"), revertible=True).rule == "Public"
    )
    assert choose(mode=Mode.OVER, chain=ONE_APPROVER, rules=rules, risk=_risk(tainted=True), revertible=True).chain == OWNERS
    assert choose(mode=Mode.OVER, chain=ONE_APPROVER, rules=rules, risk=_risk(), revertible=True).mode == Mode.OVER


@given(
    mode=st.sampled_from(Mode),
    rule_mode=st.sampled_from(Mode),
    irreversible=st.booleans(),
    tainted=st.booleans(),
    revertible=st.booleans(),
)
def test_attack_policy_that_leaves_to_a_rule_what_people_must_decide(
    mode: Mode, rule_mode: Mode, irreversible: bool, tainted: bool, revertible: bool
) -> None:
    risk = _risk(irreversible=irreversible, tainted=tainted)
    for rules in ((), (Rule(title="All", mode=rule_mode),)):
        chosen = choose(mode=mode, chain=ONE_APPROVER, rules=rules, risk=risk, revertible=revertible)
        if irreversible or tainted:
            assert chosen.mode == Mode.IN
        assert chosen.mode != Mode.ON or revertible


def test_risk_that_nobody_names_is_the_worst() -> None:
    assert Risk() == Risk(money=None, irreversible=True, audience=Audience.PUBLIC, tainted=False)


def test_rule_that_compares_money_names_its_currency() -> None:
    with pytest.raises(ValidationError, match="must name its currency"):
        Rule(title="Large", money_from=Decimal(5), mode=Mode.IN)
