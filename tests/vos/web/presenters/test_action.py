import pytest

from tenants.actors import Actor
from tenants.roles import Role
from valuefabric.models import BusinessCase, Customer
from valuefabric.selectors.overview import Standing
from vos.web.presenters.action import primary_action

ID = "11111111-1111-4111-8111-111111111111"
PACK = [("customer_education", "Customer education")]


def action_of(role: Role, *, case: str = "", evidence: bool = True, live: str = "", packs: list[tuple[str, str]] | None = None):
    standing = Standing(Customer(public_id=ID), BusinessCase(state=case) if case else None, None, None)
    actor = Actor("user:1", role, 1, "Sam")
    return primary_action(standing, actor, has_evidence=evidence, live_run=live, packs=PACK if packs is None else packs)


def test_without_evidence_it_is_to_add_some() -> None:
    assert action_of(Role.SELLER, evidence=False)["url"] == f"/customers/{ID}/evidence/new/"


def test_with_evidence_it_starts_the_lifecycle_with_the_only_pack() -> None:
    action = action_of(Role.SELLER)

    assert (action["url"], action["post"], action["choice"]) == (f"/customers/{ID}/start/", True, None)
    assert action["fields"] == [{"name": "pack", "value": "customer_education"}]


def test_with_several_packs_it_asks_which() -> None:
    action = action_of(Role.SELLER, packs=[*PACK, ("security", "Security")])

    assert action["fields"] == []
    assert [option["value"] for option in action["choice"]["options"]] == ["customer_education", "security"]


@pytest.mark.parametrize(
    ("case", "place"),
    [("draft", "case"), ("stamped", "case"), ("quarantined", "integrity"), ("committed", "realization")],
)
def test_with_a_case_it_goes_where_the_work_is(case: str, place: str) -> None:
    assert action_of(Role.SELLER, case=case)["url"] == f"/customers/{ID}/{place}/"


def test_a_live_run_comes_first() -> None:
    assert action_of(Role.SELLER, case="draft", live="/runs/1/")["url"] == "/runs/1/"


@pytest.mark.parametrize("role", [Role.VIEWER, Role.APPROVER])
def test_who_may_not_work_is_offered_no_work(role: Role) -> None:
    assert action_of(role) is None
    assert action_of(role, evidence=False) is None


def test_without_a_pack_nothing_can_start() -> None:
    assert action_of(Role.SELLER, packs=[]) is None
