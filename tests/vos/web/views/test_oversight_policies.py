"""The policies' editor: trying out before saving, rules and stages in order, errors in plain words, versions and what changed."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import schema_context, tenant_context

from approvals.chains import Chain, Stage
from approvals.models import ApprovalPolicy
from approvals.modes import Mode
from approvals.risk import Rule
from approvals.services import policy_put
from approvals.terms import Terms
from tenants.models import Tenant, User
from tenants.roles import Role
from tests.factories.tenants import PEOPLE

type ClientFor = Callable[[User | None, Tenant], Client]

URL = "/oversight/policies/case.commit/"
HX = {"HX-Request": "true"}


@pytest.fixture
def alices(client_for: ClientFor, alice: User, acme: Tenant) -> Client:
    """The owner's browser."""
    return client_for(alice, acme)


def fields(**changed: Any) -> dict[str, Any]:
    """The form as the owner sends it: one stage, no rule."""
    return {
        "mode": "in", "four_eyes": "on", "second_factor": "", "valid_for_hours": "336", "object_within_hours": "24",
        "sample_percent": "10", "reminders": "", "escalation_after": "", "time_zone": "UTC", "opens": "09:00", "closes": "17:00",
        "stages-TOTAL_FORMS": "1", "stages-INITIAL_FORMS": "1",
        "stages-0-title": "Approvers", "stages-0-asked": ["role:approver"], "stages-0-needed": "1", "stages-0-ORDER": "1",
        "rules-TOTAL_FORMS": "0", "rules-INITIAL_FORMS": "0",
        **changed,
    }  # fmt: skip


RULE = {
    "rules-TOTAL_FORMS": "1", "rules-0-title": "Small ones", "rules-0-money_below": "10000", "rules-0-currency": "usd",
    "rules-0-irreversible": "no", "rules-0-tainted": "", "rules-0-mode": "over", "rules-0-needed": "1", "rules-0-ORDER": "1",
}  # fmt: skip
TRIED = {"try": "1", "try-money": "900", "try-currency": "USD", "try-audience": "customer"}


def saved() -> ApprovalPolicy | None:
    with schema_context("acme"):
        return ApprovalPolicy.objects.filter(action="case.commit").first()


def test_a_policy_is_saved_with_all_its_parts(alices: Client) -> None:
    more = {
        "second_factor": "webauthn", "reminders": "4, 8", "escalation_after": "16", "escalation_to": ["role:owner"],
        "has_hours": "on", "workdays": ["0", "1"], "country": "de", "days_off": "2026-12-24", **RULE,
    }  # fmt: skip
    assert alices.post(URL, fields(save="1", **more)).status_code == 302
    policy = saved()
    assert policy is not None
    terms = policy.terms
    assert (terms.mode, terms.second_factor, terms.reminders) == ("in", "webauthn", (4, 8))
    assert terms.escalation is not None
    assert (terms.escalation.after_hours, terms.escalation.to.asked) == (16, ["role:owner"])
    assert terms.calendar is not None
    assert (terms.calendar.workdays, terms.calendar.country, terms.calendar.days_off[0].isoformat()) == (
        (0, 1),
        "DE",
        "2026-12-24",
    )
    (rule,) = terms.rules
    assert (rule.title, rule.mode, rule.currency, str(rule.money_below), rule.irreversible) == (
        "Small ones", "over", "USD", "10000", False,
    )  # fmt: skip
    assert terms.chain.stages[0].asked == ["role:approver"]


def test_a_form_that_changed_nothing_makes_no_version(alices: Client, acme: Tenant, bob: User, alice: User) -> None:
    two = Chain(stages=(Stage(title="VP", users=(f"user:{bob.pk}",)), Stage(title="Any", role=Role.APPROVER, needed=2)))
    with tenant_context(acme):
        policy_put(action="case.commit", terms=Terms(chain=two), actor=f"user:{alice.pk}")
    stages = {
        "stages-TOTAL_FORMS": "2", "stages-INITIAL_FORMS": "2",
        "stages-0-title": "VP", "stages-0-asked": [f"user:{bob.pk}"], "stages-1-title": "Any",
        "stages-1-asked": ["role:approver"], "stages-1-needed": "2", "stages-1-ORDER": "2",
    }  # fmt: skip
    alices.post(URL, fields(save="1", **stages))
    policy = saved()
    assert policy is not None
    assert policy.version == 1


def test_stages_are_asked_in_the_order_that_was_given_and_removed_ones_are_gone(alices: Client) -> None:
    rows = {
        "stages-TOTAL_FORMS": "3",
        "stages-0-ORDER": "3", "stages-1-title": "First", "stages-1-asked": ["role:owner"], "stages-1-needed": "1",
        "stages-1-ORDER": "1", "stages-2-title": "Gone", "stages-2-asked": ["role:admin"], "stages-2-needed": "1",
        "stages-2-ORDER": "2", "stages-2-DELETE": "on",
    }  # fmt: skip
    alices.post(URL, fields(save="1", **rows))
    policy = saved()
    assert policy is not None
    assert [stage.title for stage in policy.asked.stages] == ["First", "Approvers"]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"stages-0-asked": []}, "Choose whom this stage asks."),
        ({"stages-0-DELETE": "on"}, "A policy needs a stage at least"),
        ({"reminders": "soon"}, "Write whole hours with commas between them"),
        ({"reminders": "8, 4"}, "each later than the one before"),
        ({"escalation_after": "4"}, "Choose who is asked then."),
        ({"has_hours": "on", "workdays": ["0"], "time_zone": "Mars/Base"}, "There is no time zone"),
        ({"has_hours": "on", "workdays": ["0"], "country": "QQ"}, "No public holidays are known for QQ"),
        ({**RULE, "rules-0-currency": ""}, "Which currency?"),
    ],
    ids=["nobody", "no stage", "hours", "reminders", "escalation", "zone", "country", "currency"],
)
def test_what_is_wrong_is_told_in_plain_words_and_nothing_is_saved(changed: dict[str, Any], words: str, alices: Client) -> None:
    response = alices.post(URL, fields(save="1", **changed))
    assert response.status_code == 422
    page = response.content.decode()
    assert words in page
    assert "Nothing was saved" in page
    assert saved() is None


def test_an_example_is_tried_on_what_stands_in_the_form_and_nothing_is_saved(alices: Client) -> None:
    page = alices.post(URL, fields(**RULE, **TRIED), headers=HX).content.decode()
    assert "Over the loop" in page
    assert "Rule &#x27;Small ones&#x27; decides." in page
    assert "10 %" in page
    dear = alices.post(URL, fields(**RULE, **{**TRIED, "try-money": "20000"}), headers=HX).content.decode()
    assert "In the loop" in dear
    assert "Approvers: 1 vote of anyone with the role approver" in dear
    assert "By when" in dear
    assert saved() is None


def test_what_derives_from_outside_waits_for_people_whatever_the_rule_says(alices: Client) -> None:
    page = alices.post(URL, fields(**RULE, **TRIED, **{"try-tainted": "on"}), headers=HX).content.decode()
    assert "It derives from text from outside, so people decide first." in page


def test_a_stage_that_nobody_could_pass_is_told_when_it_is_tried(alices: Client) -> None:
    page = alices.post(URL, fields(**{"stages-0-needed": "9"}, **TRIED), headers=HX).content.decode()
    assert "needs 9 votes, and only 2 of those it asks may vote here." in page


def test_a_row_is_added_without_saving_and_what_was_typed_stays(alices: Client) -> None:
    page = alices.post(URL, fields(add_rule="1", **{"stages-0-title": "Board"})).content.decode()
    assert 'name="rules-0-title"' in page
    assert 'value="Board"' in page
    assert 'name="rules-0-needed" value="1"' in page
    assert "This field is required" not in page
    assert saved() is None


def test_versions_tell_what_they_changed_and_can_be_begun_with(alices: Client) -> None:
    alices.post(URL, fields(save="1"))
    alices.post(URL, fields(save="1", valid_for_hours="48"))
    page = alices.get(URL).content.decode()
    assert "<del>14 days</del>" in page
    assert "<ins>2 days</ins>" in page
    assert "14 days" in alices.get(f"{URL}1/").content.decode()
    assert alices.get(f"{URL}7/").status_code == 404
    assert 'value="336"' in alices.get(f"{URL}?from=1").content.decode()


def test_a_rule_can_ask_three_stages_of_its_own_and_is_read_back_as_it_was(alices: Client, alice: User) -> None:
    rule = {
        "rules-TOTAL_FORMS": "1", "rules-INITIAL_FORMS": "0", "rules-0-title": "Dear ones", "rules-0-irreversible": "yes",
        "rules-0-mode": "in", "rules-0-ORDER": "1",
        "rules-0-asked": "role:approver", "rules-0-needed": "1", "rules-0-called": "Finance",
        "rules-0-asked_2": f"user:{alice.pk}", "rules-0-needed_2": "1",
        "rules-0-asked_3": "role:owner", "rules-0-needed_3": "1", "rules-0-called_3": "Board",
    }  # fmt: skip
    alices.post(URL, fields(save="1", **rule))
    policy = saved()
    assert policy is not None
    (made,) = policy.terms.rules
    assert made.chain is not None
    assert [stage.title for stage in made.chain.stages] == ["Finance", "Dear ones", "Board"]
    (row,) = alices.get(URL).context["editor"].rules.forms
    assert (row["asked_2"].value(), row["called_2"].value(), row["called_3"].value()) == ([f"user:{alice.pk}"], "", "Board")
    alices.post(URL, fields(save="1", **rule))
    again = saved()
    assert again is not None
    assert again.version == 1


def test_a_rules_chain_of_many_stages_stays_as_it_is(alices: Client, acme: Tenant, alice: User) -> None:
    own = Chain(stages=tuple(Stage(title=f"Step {n}", role=Role.OWNER) for n in range(4)))
    rule = Rule(title="Dear ones", irreversible=True, mode=Mode.IN, chain=own)
    terms = Terms(chain=Chain(stages=(Stage(title="Approvers", role=Role.APPROVER),)), rules=(rule,))
    with tenant_context(acme):
        policy_put(action="case.commit", terms=terms, actor=f"user:{alice.pk}")
    page = alices.get(URL)
    editor = page.context["editor"]
    kept = {
        "rules-TOTAL_FORMS": "1", "rules-INITIAL_FORMS": "1", "rules-0-title": "Dear ones", "rules-0-irreversible": "yes",
        "rules-0-mode": "in", "rules-0-needed": "1", "rules-0-ORDER": "1",
        "rules-0-kept_chain": editor.rules.forms[0]["kept_chain"].value(),
    }  # fmt: skip
    alices.post(URL, fields(save="1", **kept))
    policy = saved()
    assert policy is not None
    assert policy.version == 1


@pytest.mark.parametrize(("person", "reads"), [("bob", 200), ("sam", 200), ("vera", 403)])
def test_others_read_and_change_nothing(person: str, reads: int, client_for: ClientFor, acme: Tenant) -> None:
    client = client_for(User.objects.get(email=PEOPLE[person].email), acme)
    page = client.get(URL)
    assert page.status_code == reads
    assert b'name="save"' not in page.content
    assert client.post(URL, fields(save="1")).status_code == 403
    assert saved() is None


def test_an_unknown_action_has_no_page(alices: Client) -> None:
    assert alices.get("/oversight/policies/nobody.knows/").status_code == 404


def test_the_lists_queries_do_not_grow_with_policies(alices: Client, acme: Tenant, alice: User) -> None:
    def counted() -> int:
        with CaptureQueriesContext(connection) as made:
            assert alices.get("/oversight/policies/").status_code == 200
        return len(made)

    terms = Terms(chain=Chain(stages=(Stage(title="Approvers", role=Role.APPROVER),)))
    with tenant_context(acme):
        policy_put(action="case.commit", terms=terms, actor=f"user:{alice.pk}")
    one = counted()
    with tenant_context(acme):
        policy_put(action="tool.call", terms=terms, actor=f"user:{alice.pk}")
    assert counted() == one
