"""The rule set's hash says which rules were applied; a rule without a check cannot be applied silently."""

import pytest

from valuefabric.domain.manifesto import RULE_SET, Rule, RuleError, RuleSet, review_case
from valuefabric.domain.manifesto.rules import CHECKS, check


def with_first(**change):
    """The rule set with its first rule changed."""
    return RULE_SET.model_copy(update={"rules": (RULE_SET.rules[0].model_copy(update=change), *RULE_SET.rules[1:])})


def test_hash_is_stable_and_survives_json():
    assert RULE_SET.hash == RuleSet.model_validate_json(RULE_SET.model_dump_json()).hash
    assert RULE_SET.hash.startswith("sha256:")


@pytest.mark.parametrize(
    "other",
    [
        RULE_SET.model_copy(update={"version": "1.0.1"}),
        with_first(severity="minor"),
        with_first(key="other"),
        with_first(title="Other"),
        with_first(principle=2),
        with_first(parameters={"feature_words": []}),
        RULE_SET.model_copy(update={"rules": RULE_SET.rules[1:]}),
        RULE_SET.model_copy(update={"rules": RULE_SET.rules[::-1]}),
    ],
)
def test_any_change_changes_the_hash(other):
    assert other.hash != RULE_SET.hash


def test_every_principle_has_a_rule_and_every_rule_a_check():
    assert {rule.principle for rule in RULE_SET.rules} == set(range(1, 13))
    assert {rule.key for rule in RULE_SET.rules} == set(CHECKS)


def test_rule_without_a_check_is_refused(published_case):
    unknown = RuleSet(version="x", rules=(Rule(key="kindness", principle=1, title="Kindness", severity="minor"),))

    with pytest.raises(RuleError, match="kindness"):
        review_case(published_case, unknown)


def test_second_check_of_a_rule_is_refused():
    with pytest.raises(RuleError, match="two checks"):
        check("plain_words")(lambda _case, _parameters: iter(()))


def test_reviewing_twice_gives_the_same_review(published_case):
    assert review_case(published_case) == review_case(published_case)


def test_operators_may_change_a_word_list(published_case):
    rule = next(rule for rule in RULE_SET.rules if rule.key == "plain_words")
    own = RuleSet(version="acme-1", rules=(rule.model_copy(update={"parameters": {"hype_words": ["cohort"]}}),))

    assert not review_case(published_case, own).passed
